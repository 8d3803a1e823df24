// SPDX-License-Identifier: Apache-2.0
// `davy match`: any Sigma rule over any log, one JSON line a match.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/cli/records.h"
#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include <gtest/gtest.h>

#include "davy/base/text.h"

namespace davy::tests {
namespace {

using nlohmann::json;

std::vector<json> lines_of(const Ran& ran) {
  std::vector<json> lines;
  for (std::string_view line : split(ran.out, '\n')) {
    if (line.empty()) continue;
    lines.push_back(json::parse(line, nullptr, false));
    EXPECT_TRUE(lines.back().is_object()) << line;
  }
  return lines;
}

constexpr const char* kDoorRule = R"(
title: Vault door opened at night
id: 5f7c1f0e-6f0c-4a43-9d0c-0f1f52a6a001
name: vault_door
status: test
logsource:
  product: building
detection:
  selection:
    door.name|contains: vault
    action: open
  day:
    shift: day
  condition: selection and not day
level: high
)";

constexpr const char* kDoorLog =
    "{\"door\":{\"name\":\"north vault\"},\"action\":\"open\",\"shift\":\"night\"}\n"
    "{\"door\":{\"name\":\"north vault\"},\"action\":\"open\",\"shift\":\"day\"}\n"
    "{\"door\":{\"name\":\"kitchen\"},\"action\":\"open\",\"shift\":\"night\"}\n";

TEST(Match, PlainJsonLines) {
  const TestFolder folder;
  const std::string rule = folder.write("rule.yml", kDoorRule);
  const std::string log = folder.write("doors.ndjson", kDoorLog);
  const Ran ran = run_davy({"match", "--event", log, "-r", rule});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  const auto lines = lines_of(ran);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].at("title"), "Vault door opened at night");
  EXPECT_EQ(lines[0].at("level"), "high");
  EXPECT_EQ(lines[0].at("offset"), 0);
  EXPECT_EQ(lines[0].at("source"), log);
  EXPECT_EQ(lines[0].at("event").at("shift"), "night");
  EXPECT_TRUE(ran.says("3 events read")) << ran.err;
}

TEST(Match, NoMatchIsZeroAndQuietSaysNothing) {
  const TestFolder folder;
  const std::string rule = folder.write("rule.yml", kDoorRule);
  const std::string log = folder.write("doors.ndjson", R"({"door":{"name":"kitchen"}})");
  const Ran ran = run_davy({"-q", "match", "-r", rule, log});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out + ran.err, "");
}

TEST(Match, StandardInput) {
  const TestFolder folder;
  const std::string rule = folder.write("rule.yml", kDoorRule);
  const Ran ran = run_davy({"match", "-r", rule, "-"}, feed_text(kDoorLog, 7));
  EXPECT_EQ(lines_of(ran).size(), 1u) << ran.err;
}

TEST(Match, ABrokenRuleIsNamedAndTheOthersRun) {
  const TestFolder folder;
  folder.write("rules/good.yml", kDoorRule);
  folder.write("rules/bad.yml",
               "title: Broken\nlogsource: {product: x}\ndetection:\n  condition: ghost\n");
  const std::string log = folder.write("doors.ndjson", kDoorLog);
  const Ran ran = run_davy({"match", log, "-r", folder / "rules"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.says("bad.yml")) << ran.err;
  EXPECT_TRUE(ran.says("1 refused")) << ran.err;
  EXPECT_EQ(lines_of(ran).size(), 1u);
}

TEST(Match, OnlyBrokenRulesIsUsage) {
  const TestFolder folder;
  const std::string bad = folder.write("bad.yml", "title: [\n");
  EXPECT_EQ(run_davy({"match", "-r", bad, "-"}).exit_code, 2);
}

TEST(Match, UnreadableInputIsThree) {
  const TestFolder folder;
  const std::string rule = folder.write("rule.yml", kDoorRule);
  EXPECT_EQ(run_davy({"match", "-r", rule, folder / "missing"}).exit_code, 3);
}

TEST(Match, NothingReadIsThreeAndSaysSo) {
  const TestFolder folder;
  const std::string rule = folder.write("rule.yml", kDoorRule);
  EXPECT_EQ(run_davy({"match", "-r", rule, folder.write("empty.json", "")}).exit_code, 3);
  EXPECT_EQ(run_davy({"match", "-r", rule, folder.write("a.txt", "milk, eggs\n")}).exit_code, 3);
  std::filesystem::create_directory(folder / "none");
  const Ran none = run_davy({"match", "-r", rule, folder / "none"});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_TRUE(none.says("the folder holds no files")) << none.err;
}

TEST(Match, NoMatchWithRejectedRecordsIsFour) {
  const TestFolder folder;
  const std::string rule = folder.write("rule.yml", kDoorRule);
  const std::string log = folder.write("log.json", harmless_record(1) + "\n{\"broken\": \n");
  const Ran ran = run_davy({"match", "-r", rule, log});
  EXPECT_EQ(ran.exit_code, 4) << ran.err;
}

TEST(Match, TextAfterAValueIsRejectedAsInAScan) {
  const TestFolder folder;
  const std::string rule = folder.write("rule.yml", kDoorRule);
  const std::string door = R"({"door":{"name":"north vault"},"action":"open","n":)";
  const std::string two = door + "1}" + door + "2}";
  const std::string log = folder.write("log.json", two + " text " + door + "9}\n" + door + "3}\n");
  const Ran ran = run_davy({"match", "--event", "-r", rule, log});
  const auto lines = lines_of(ran);
  ASSERT_EQ(lines.size(), 3u) << ran.out;
  for (size_t i = 0; i < lines.size(); ++i)
    EXPECT_EQ(lines[i].at("event").at("n"), i + 1);
  EXPECT_EQ(lines[1].at("offset"), two.size() / 2);
  EXPECT_TRUE(ran.says("1 rejected")) << ran.err;
}

constexpr const char* kManyDoors = R"(
---
title: Vault door opened again and again
id: 5f7c1f0e-6f0c-4a43-9d0c-0f1f52a6a004
correlation:
  type: event_count
  rules: [vault_door]
  timespan: 5m
  condition:
    gte: 3
level: high
)";

TEST(Match, MatchesWithoutATimeCannotBeCorrelatedAndThatIsSaid) {
  const TestFolder folder;
  const std::string rule = folder.write("rule.yml", std::string(kDoorRule) + kManyDoors);
  const std::string door = R"({"door":{"name":"north vault"},"action":"open","n":)";
  const std::string log =
      folder.write("doors.ndjson", door + "1}\n" + door + "2}\n" + door + "3}\n");
  const Ran ran = run_davy({"match", "-r", rule, log});
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_TRUE(ran.says("correlation 'Vault door opened again and again': events without a time"))
      << ran.err;
}

// Three failures of one user within a minute; the fourth is a day later.
constexpr const char* kBurst = R"(
title: Failed call
id: 5f7c1f0e-6f0c-4a43-9d0c-0f1f52a6a002
name: failed_call
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    errorCode: AccessDenied
  condition: selection
level: low
---
title: Many failed calls
id: 5f7c1f0e-6f0c-4a43-9d0c-0f1f52a6a003
name: many_failed_calls
correlation:
  type: event_count
  rules: [failed_call]
  group-by: [userIdentity.arn]
  timespan: 5m
  condition:
    gte: 3
level: high
)";

std::string denied(unsigned number, std::string_view user, std::string_view time) {
  json record = json::parse(harmless_record(number));
  record["errorCode"] = "AccessDenied";
  record["userIdentity"]["arn"] = user;
  record["eventTime"] = time;
  return record.dump();
}

TEST(Match, CorrelationEndToEnd) {
  const TestFolder folder;
  const std::string rule = folder.write("burst.yml", kBurst);
  const std::string log =
      folder.write("log.json", as_document({
                                   denied(3, "arn:x:anna", "2025-02-21T09:00:30Z"),
                                   denied(1, "arn:x:anna", "2025-02-21T09:00:10Z"),
                                   denied(5, "arn:x:bert", "2025-02-21T09:00:15Z"),
                                   denied(4, "arn:x:anna", "2025-02-22T09:00:00Z"),
                                   denied(2, "arn:x:anna", "2025-02-21T09:00:20Z"),
                                   denied(2, "arn:x:anna", "2025-02-21T09:00:20Z"),
                               }));
  const Ran ran = run_davy({"match", "-r", rule, log});
  const auto lines = lines_of(ran);
  const auto found = std::find_if(lines.begin(), lines.end(), [](const json& line) {
    return line.at("title") == "Many failed calls";
  });
  ASSERT_NE(found, lines.end()) << ran.out << ran.err;
  EXPECT_EQ(found->at("group").at("userIdentity.arn"), "arn:x:anna");
  EXPECT_EQ(found->at("events"), 3) << "a record delivered twice counts once";
  EXPECT_EQ(found->at("time"), "2025-02-21T09:00:10Z");
  EXPECT_EQ(found->at("end_time"), "2025-02-21T09:00:30Z");
  EXPECT_EQ(found->at("members").size(), 3u);
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const json& line) { return line.contains("members"); }),
            1);
}

/// The public rule corpus, when it lies beside the checkout.
class PublicRules : public testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path folder =
        std::filesystem::path(DAVY_SOURCE_DIR) / "../shared/sigmahq/rules";
    if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no SigmaHQ rules at " << folder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".yml") files_.push_back(entry.path().string());
    }
    std::sort(files_.begin(), files_.end());
    folder_ = folder.string();
  }
  std::string folder_;
  std::vector<std::string> files_;
};

unsigned number_before(const std::string& text, const std::string& word) {
  const size_t at = text.find(word);
  if (at == std::string::npos) return 0;
  const size_t begin = text.rfind(' ', at - 1) + 1;
  std::string digits = text.substr(begin, at - begin);
  std::erase(digits, ',');
  return parse_int<unsigned>(digits).value_or(0);
}

TEST_F(PublicRules, LoadAndMatchTheSameOneByOneOrTogether) {
  const std::string& estate = estate_folder("estate").path();
  const auto counts = [](const Ran& ran) {
    std::map<std::string, size_t> matches;
    for (const json& line : lines_of(ran))
      ++matches[line.at("rule")];
    return matches;
  };
  const Ran all = run_davy({"match", "-r", folder_, estate});
  const unsigned refused = number_before(all.err, " refused");
  const unsigned loaded = number_before(all.err, " rules,");
  EXPECT_GT(loaded, files_.size() / 2) << all.err;
  EXPECT_LE(refused * 200, files_.size()) << "more than half a percent refused";
  const auto expected = counts(all);
  ASSERT_FALSE(expected.empty());

  // The files of some rules that matched, alone and with nine neighbours.
  size_t tried = 0;
  for (size_t i = 0; i < files_.size() && tried < 3; ++i) {
    std::ifstream file(files_[i]);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto matched = std::find_if(expected.begin(), expected.end(), [&](const auto& entry) {
      return text.find("\nid: " + entry.first) != std::string::npos;
    });
    if (matched == expected.end()) continue;
    ++tried;
    EXPECT_EQ(counts(run_davy({"match", "-r", files_[i], estate})).at(matched->first),
              matched->second);
    std::vector<std::string> ten = {"match", estate};
    for (size_t n = 0; n < 10; ++n)
      ten.insert(ten.end(), {"-r", files_[(i + n) % files_.size()]});
    EXPECT_EQ(counts(run_davy(ten)).at(matched->first), matched->second);
  }
  EXPECT_GT(tried, 0u);
}

TEST_F(PublicRules, LeaveOwnFindingsAsTheyAre) {
  const std::string& estate = estate_folder("estate").path();
  const auto own = [&](const std::vector<std::string>& extra) {
    std::vector<std::string> arguments = {"scan", estate, "-o", "json"};
    arguments.insert(arguments.end(), extra.begin(), extra.end());
    std::map<std::string, json> findings;
    const json report = run_davy(arguments).json();
    for (const json& detection : report.at("detections"))
      findings[detection.at("id")] = detection;
    return findings;
  };
  const auto without = own({});
  const auto with_one = own({"-r", files_[0]});
  const auto with_all = own({"-r", folder_});
  for (const auto& [id, detection] : without) {
    ASSERT_TRUE(with_one.contains(id) && with_all.contains(id)) << detection.at("title");
    EXPECT_EQ(with_one.at(id), detection);
    EXPECT_EQ(with_all.at(id), detection);
  }
}

}  // namespace
}  // namespace davy::tests
