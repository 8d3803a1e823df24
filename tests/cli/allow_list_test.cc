// SPDX-License-Identifier: Apache-2.0
// `davy scan --allow`: what a team has permitted is set aside and listed, and nothing else is.
#include <algorithm>
#include <cstdlib>

#include "tests/cli/records.h"
#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace davy::tests {
namespace {

using nlohmann::json;

/// Queries of one machine for a pool, as Route 53 Resolver logs them.
std::string queries(const std::string& instance, const std::string& name) {
  std::string lines;
  for (int minute = 10; minute < 40; ++minute) {
    lines += fmt::format(
        R"({{"version":"1.100000","account_id":"111122223333","region":"eu-central-1",)"
        R"("vpc_id":"vpc-1","query_timestamp":"2026-03-04T14:{}:00Z","query_name":"{}.",)"
        R"("query_type":"A","rcode":"NOERROR","answers":[{{"Rdata":"203.0.113.7"}}],)"
        R"("srcaddr":"10.0.1.20","srcids":{{"instance":"{}"}}}})",
        minute, name, instance);
    lines += '\n';
  }
  return lines;
}

/// The text as one line, since where lines are broken depends on names.
std::string unwrapped(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n';
    if (!space || !line.ends_with(' ')) line += space ? ' ' : c;
  }
  return line;
}

std::string entry(const std::string& name, const std::string& scope,
                  const std::string& expires = "2026-12-31", const std::string& what = "any") {
  return fmt::format(
      "  - name: {}\n    scope: {{{}}}\n    what: {}\n    reason: validator, OPS-1234\n"
      "    owner: web3@example.com\n    expires: {}\n",
      name, scope, what, expires);
}

const std::string kNode = "resource: i-0a1b2c3d4e5f67890, pool: \"*.2miners.com\"";

/// A folder with the node's queries in `logs`, and an allow-list beside it.
struct Estate {
  TestFolder folder;
  TestFolder lists;
  std::string allow;

  explicit Estate(const std::string& entries)
      : allow(lists.write("permitted.yml", "allow:\n" + entries)) {
    folder.write("dns.json", queries("i-0a1b2c3d4e5f67890", "eth.2miners.com"));
  }

  Ran scan(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"scan", folder.path(), "--fail-on",
                                          "low",  "--allow",     allow};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_davy(arguments);
  }
};

bool says(const json& notes, std::string_view piece) {
  return std::any_of(notes.begin(), notes.end(), [&](const json& note) {
    return note.get<std::string>().find(piece) != std::string::npos;
  });
}

TEST(AllowList, WhatIsPermittedIsCountedAndListedAndDoesNotFail) {
  const Estate estate(entry("eth-node", kNode));
  EXPECT_EQ(run_davy({"scan", estate.folder.path(), "--fail-on", "low"}).exit_code, 1);
  const Ran text = estate.scan();
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_TRUE(text.out.starts_with("No incident; 1 suppressed by the allow-list\n")) << text.out;
  EXPECT_NE(text.out.find("eth-node (owner web3@example.com, to 2026-12-31)"), std::string::npos)
      << text.out;
  const json report = estate.scan({"-o", "json"}).json();
  EXPECT_TRUE(report["incidents"].empty());
  ASSERT_EQ(report["suppressed"].size(), 1u);
  EXPECT_EQ(report["suppressed"][0]["suppressed_by"],
            "eth-node (owner web3@example.com, to 2026-12-31): validator, OPS-1234");
  EXPECT_GT(report["suppressed"][0]["score"], 15.0);
  EXPECT_FALSE(report["suppressed"][0]["why"].empty());
  EXPECT_FALSE(report["detections"].empty());
}

TEST(AllowList, AnIntruderBesideThePermittedNodeShows) {
  const Estate estate(entry("eth-node", kNode));
  estate.folder.write("other.json", queries("i-0ffffffffffffffff", "xmr.2miners.com"));
  estate.folder.write("hidden.json", queries("i-0a1b2c3d4e5f67890", "xmr.nanopool.org"));
  EXPECT_EQ(estate.scan().exit_code, 1);
}

TEST(AllowList, ARootKeyStolenInAPermittedAccountShowsWholeAndSaysWhatIsAllowed) {
  const TestFolder folder;
  folder.write("log.json", as_document(stolen_root_key_records()));
  const TestFolder lists;
  const std::string allow =
      lists.write("a.yml", "allow:\n" + entry("research", "account: \"456789012345\""));
  const json without = run_davy({"scan", folder.path(), "-o", "json"}).json();
  const Ran with = run_davy({"scan", folder.path(), "-o", "json", "--allow", allow});
  EXPECT_EQ(with.exit_code, 1);
  const json report = with.json();
  EXPECT_TRUE(report["suppressed"].empty());
  ASSERT_EQ(report["incidents"].size(), without["incidents"].size());
  const json& incident = report["incidents"][0];
  EXPECT_EQ(incident["score"], without["incidents"][0]["score"]);
  ASSERT_EQ(incident["allowed"].size(), 1u);
  EXPECT_EQ(incident["allowed"][0]["by"], "research (owner web3@example.com, to 2026-12-31)");
  ASSERT_FALSE(incident["kept_by"].empty());
  EXPECT_TRUE(says(incident["kept_by"], "which no entry names"));
  const std::string text = run_davy({"scan", folder.path(), "--allow", allow}).out;
  EXPECT_NE(text.find("Allowed"), std::string::npos);
}

TEST(AllowList, AKeyStolenInTheLaboratoryOfTheExampleShows) {
  const auto finding = [](const std::string& type, const std::string& resource) {
    return fmt::format(
        R"({{"schemaVersion":"2.0","accountId":"444455556666","region":"us-east-1",)"
        R"("partition":"aws","id":"{0}","type":"{0}","severity":8,)"
        R"("createdAt":"2026-03-04T14:15:33.000Z","updatedAt":"2026-03-04T14:15:33.000Z",)"
        R"("title":"{0}","description":"{0}","resource":{1},)"
        R"("service":{{"serviceName":"guardduty","archived":false,"count":1,)"
        R"("eventFirstSeen":"2026-03-04T14:00:15.000Z","eventLastSeen":"2026-03-04T14:10:15.000Z"}}}})"
        "\n",
        type, resource);
  };
  const std::string example = std::string(DAVY_SOURCE_DIR) + "/docs/allow-list.example.yml";
  const auto scan = [&](const std::string& findings) {
    const TestFolder folder;
    folder.write("findings.json", findings);
    return run_davy({"scan", folder.path(), "--fail-on", "low", "-o", "json", "--allow", example});
  };
  const std::string machine = R"("instanceDetails":{"instanceId":"i-0a1b2c3d4e5f67890"})";
  const std::string mining = finding("CryptoCurrency:EC2/BitcoinTool.B",
                                     "{\"resourceType\":\"Instance\"," + machine + "}");
  const Ran permitted = scan(mining);
  EXPECT_EQ(permitted.exit_code, 0) << permitted.out;
  EXPECT_EQ(permitted.json()["suppressed"].size(), 1u);
  const Ran stolen =
      scan(mining + finding("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
                            R"({"resourceType":"AccessKey","accessKeyDetails":{"userType":"Role",)"
                            R"("accessKeyId":"ASIAIOSFODNN7EXAMPLE","userName":"web-server"},)" +
                                machine + "}"));
  EXPECT_EQ(stolen.exit_code, 1) << stolen.out;
  EXPECT_EQ(stolen.json()["incidents"].size(), 1u);
}

TEST(AllowList, AnEntryThatHadEndedIsToldAndNotApplied) {
  const Estate estate(entry("eth-node", kNode, "2026-03-03"));
  const Ran ran = estate.scan({"-o", "json"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(says(ran.json()["notes"], "only: not applied to inc-")) << ran.json()["notes"];
}

TEST(AllowList, AnEntryThatMatchesNothingIsTold) {
  const Estate estate(entry("eth-node", kNode) + entry("old", "resource: i-0gone"));
  const Ran ran = estate.scan();
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_NE(ran.out.find("entry old"), std::string::npos) << ran.out;
  EXPECT_NE(unwrapped(ran.out).find("matched nothing"), std::string::npos);
}

TEST(AllowList, AMistakeEndsTheScanBeforeAnythingIsRead) {
  const TestFolder lists;
  const std::string allow = lists.write("permitted.yml", "allow:\n  - nmae: x\n    what: any\n");
  const Ran ran = run_davy({"scan", lists / "no-such-log", "--allow", allow});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(ran.says("permitted.yml:2:5: error DVY-A003")) << ran.err;
  EXPECT_TRUE(ran.says("did you mean `name`?")) << ran.err;
  EXPECT_TRUE(ran.says("no `owner`")) << ran.err;
  EXPECT_FALSE(ran.says("no-such-log")) << ran.err;
  const Ran missing = run_davy({"scan", lists.path(), "--allow", lists / "no-such-list.yml"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_TRUE(missing.says("no-such-list.yml")) << missing.err;
}

TEST(AllowList, TheEnvironmentNamesAFileToo) {
  const Estate estate(entry("eth-node", kNode));
  setenv("DAVY_ALLOW", estate.allow.c_str(), 1);
  const Ran ran = run_davy({"scan", estate.folder.path(), "--fail-on", "low"});
  unsetenv("DAVY_ALLOW");
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
}

TEST(AllowList, TheOrderOfListsAndThreadsDoNotMatter) {
  const Estate estate(entry("eth-node", kNode) + entry("old", "resource: i-0gone"));
  const std::string more = estate.lists.write(
      "more.yml", "allow:\n" + entry("aa", "account: \"111122223333\"", "2026-12-31",
                                     "{detectors: [known_pool_name]}"));
  const auto text = [&](const std::string& one, const std::string& two, const char* threads) {
    return run_davy({"scan", estate.folder.path(), "--allow", one, "--allow", two, "-j", threads})
        .out;
  };
  const std::string forth = text(estate.allow, more, "1");
  EXPECT_EQ(forth, text(more, estate.allow, "4"));
  EXPECT_NE(unwrapped(forth).find("by aa (owner"), std::string::npos) << forth;
}

TEST(AllowList, EveryDetectorOfAReportCanBeNamed) {
  const std::string& path = estate_folder("estate").path();
  std::string names;
  const json report = run_davy({"scan", path, "-o", "json"}).json();
  for (const json& detection : report["detections"])
    names += (names.empty() ? "\"" : ", \"") + detection["detector"].get<std::string>() + "\"";
  const TestFolder lists;
  const std::string allow =
      lists.write("a.yml", "allow:\n" + entry("all", "account: \"111122223333\"", "2026-12-31",
                                              "{detectors: [" + names + "]}"));
  const Ran ran = run_davy({"scan", path, "--allow", allow});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
}

}  // namespace
}  // namespace davy::tests
