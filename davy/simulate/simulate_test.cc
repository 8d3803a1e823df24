// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/simulate.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "davy/base/hash.h"
#include "davy/base/text.h"
#include "davy/simulate/estate_reader.h"

namespace davy::simulate {
namespace {

uint64_t hash_of(const Estate& estate) {
  uint64_t hash = 0;
  for (const auto& [path, text] : estate) {
    hash = hash_combine(hash_combine(hash, hash64(path)), hash64(text));
  }
  return hash;
}

std::set<std::string> record_ids(const Estate& estate) {
  std::set<std::string> ids;
  for (const auto& record : api_records(estate))
    ids.insert(record["eventID"].get<std::string>());
  return ids;
}

const std::vector<nlohmann::json>& estate_records() {
  static const std::vector<nlohmann::json> all = api_records(estate_of("estate"));
  return all;
}

bool mentions(const Estate& estate, std::string_view text) {
  return std::any_of(estate.begin(), estate.end(),
                     [&](const auto& file) { return file.second.find(text) != std::string::npos; });
}

/// Every instance id of the estate, wherever it stands.
std::set<std::string> instance_ids(const Estate& estate) {
  std::set<std::string> ids;
  for (const auto& [path, text] : estate) {
    for (size_t at = text.find("i-0"); at != std::string::npos; at = text.find("i-0", at + 1)) {
      ids.insert(text.substr(at, 19));
    }
  }
  return ids;
}

// A change of this number is a change of every estate that was ever generated: say so in the
// commit.
TEST(Estate, HasTheSameBytesOnEveryMachine) {
  EXPECT_EQ(to_hex(hash_of(estate_of("estate"))), "eab31ac97340b433");
}

TEST(Estate, DependsOnSeedScaleAndStartOnly) {
  Options options;
  options.scenario = "lone-port";
  options.scale = 0.05;
  const uint64_t hash = hash_of(make_estate(options));
  EXPECT_EQ(hash_of(make_estate(options)), hash);
  options.seed = 2;
  EXPECT_NE(hash_of(make_estate(options)), hash);
}

TEST(Estate, StartsWhenAsked) {
  Options options;
  options.scenario = "lone-port";
  options.scale = 0.05;
  options.start = *parse_rfc3339("2026-03-02T09:30:00Z");
  const Estate estate = make_estate(options);
  EXPECT_EQ(labels_of(estate)["start"], "2026-03-02T00:00:00Z");
  for (const auto& record : api_records(estate)) {
    const std::string time = record["eventTime"];
    ASSERT_TRUE(time >= "2026-03-02" && time < "2026-03-06T01") << time;
  }
}

TEST(Estate, EveryJsonRecordParses) {
  const Estate& estate = estate_of("estate");
  EXPECT_GT(estate_records().size(), 5000u);
  for (const std::string_view folder :
       {"route53/", "guardduty/", "falco/", "ssm/", "cloudwatch/"}) {
    EXPECT_FALSE(json_lines(estate, folder).empty()) << folder;
  }
}

TEST(Estate, CloudTrailRecordsHaveTheSizeOfRealOnes) {
  std::vector<size_t> sizes;
  for (const auto& record : estate_records())
    sizes.push_back(record.dump().size());
  std::sort(sizes.begin(), sizes.end());
  const size_t median = sizes[sizes.size() / 2];
  EXPECT_TRUE(median > 1000 && median < 2000) << median;
  EXPECT_LT(sizes.back(), 100'000u);  // CloudTrail cuts there
}

TEST(Estate, ACloudTrailRecordMayComeTwiceButNeverTwoWithOneId) {
  std::map<std::string, std::string> by_id;
  size_t twice = 0;
  for (const auto& record : estate_records()) {
    const auto [place, added] = by_id.emplace(record["eventID"], record.dump());
    if (added) continue;
    ++twice;
    EXPECT_EQ(place->second, record.dump());
  }
  EXPECT_GT(twice, 0u);
}

TEST(Estate, AuditLinesNameTheirHostAndEvent) {
  for (const std::string_view line : split(trim(estate_of("estate").at("hosts/audit.log")), '\n')) {
    ASSERT_TRUE(line.starts_with("node=")) << line;
    ASSERT_NE(line.find(" msg=audit(17"), std::string_view::npos) << line;
  }
}

TEST(Estate, FlowRowsAreWellFormed) {
  for (const FlowRow& row : flow_rows(estate_of("estate"))) {
    ASSERT_LE(row.start, row.end);
    ASSERT_LE(row.end - row.start, 605);
    ASSERT_GE(row.bytes, row.packets * 28) << row.source << ' ' << row.target;
  }
}

TEST(Background, HoldsNothingThatIsPlanted) {
  const Estate& benign = estate_of("benign");
  EXPECT_TRUE(labels_of(benign)["incidents"].empty());
  const auto planted = labels_of(estate_of("estate"));
  ASSERT_EQ(planted["incidents"].size(), 3u);
  const std::set<std::string> ids = instance_ids(benign);
  EXPECT_GT(ids.size(), 30u);
  for (const auto& incident : planted["incidents"]) {
    for (const std::string id : incident["instances"])
      EXPECT_FALSE(ids.contains(id)) << id;
    for (const char* kind : {"source_ips", "pools"}) {
      for (const std::string value : incident[kind]) {
        EXPECT_FALSE(mentions(benign, value.substr(0, value.find(':')))) << value;
      }
    }
  }
  for (const std::string_view trace :
       {"/tmp/xmrig", "ubuntu-update", "devops_temp_key", "185.143.221.89"}) {
    EXPECT_TRUE(mentions(estate_of("estate"), trace)) << trace;
    EXPECT_FALSE(mentions(benign, trace)) << trace;
  }
}

TEST(Background, IsTheSameWhetherIncidentsArePlantedOrNot) {
  Options options;
  options.scale = 0.2;
  options.scenario = "benign";
  const std::set<std::string> benign = record_ids(make_estate(options));
  options.scenario = "ec2-guardduty";
  const std::set<std::string> planted = record_ids(make_estate(options));
  EXPECT_TRUE(std::includes(planted.begin(), planted.end(), benign.begin(), benign.end()));
}

TEST(Background, NamesItsLookAlikes) {
  std::set<std::string> names;
  const auto labels = labels_of(estate_of("benign"));
  for (const auto& one : labels["look_alikes"])
    names.insert(one["name"].get<std::string>());
  for (const char* name : {"terraform-new-region",
                           "karpenter-churn",
                           "autoscaling-gpu",
                           "ci-fleet-cpu",
                           "ml-training",
                           "websocket",
                           "database-pool",
                           "ssh-keepalive",
                           "ssm-agent",
                           "datadog-agent",
                           "kafka-consumer",
                           "ntp",
                           "mqtt",
                           "lone-port-3333",
                           "rejected-port-8333",
                           "port-scanners",
                           "xmrig-benchmark",
                           "sample-finding",
                           "recon-finding",
                           "failed-logins",
                           "trail-change",
                           "new-administrator",
                           "falco-notices"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(Background, GrowsWithScaleAndIncidentsDoNot) {
  Options options;
  options.scenario = "root-key";
  options.scale = 0.1;
  const Estate small = make_estate(options);
  options.scale = 0.2;
  const Estate large = make_estate(options);
  const auto ratio = static_cast<double>(api_records(large).size()) /
                     static_cast<double>(api_records(small).size());
  EXPECT_NEAR(ratio, 2, 0.35);
  EXPECT_EQ(labels_of(small)["incidents"][0]["instances"].size(), 10u);
  EXPECT_EQ(labels_of(large)["incidents"][0]["instances"].size(), 10u);
}

TEST(LonePort, IsOneConnectionOnQuietBackground) {
  const Estate& estate = estate_of("lone-port");
  std::vector<FlowRow> rows;
  for (const FlowRow& row : flow_rows(estate)) {
    if (row.target_port == 3333) rows.push_back(row);
  }
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].action, "ACCEPT");
  EXPECT_FALSE(rows[0].target.starts_with("10."));
  EXPECT_TRUE(labels_of(estate)["incidents"].empty());
}

TEST(Options, WrongOnesAreUsageErrors) {
  const auto refuse = [](const Options& options) {
    const auto result = write_estate(options, [](auto, auto) { return Result<void>{}; });
    return !result.has_value() && result.error().code() == ErrorCode::kUsage;
  };
  Options options;
  options.scenario = "no-such-scenario";
  EXPECT_TRUE(refuse(options));
  for (const double scale : {0.0, -1.0, kMaxScale * 2, std::numeric_limits<double>::quiet_NaN()}) {
    options = {};
    options.scale = scale;
    EXPECT_TRUE(refuse(options)) << scale;
  }
}

TEST(WriteEstate, StopsWhenTheWriterFails) {
  Options options;
  options.scenario = "lone-port";
  options.scale = 0.05;
  int calls = 0;
  const auto result = write_estate(options, [&](auto, auto) {
    ++calls;
    return Result<void>{Error{ErrorCode::kIo, "disk full"}};
  });
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kIo);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace davy::simulate
