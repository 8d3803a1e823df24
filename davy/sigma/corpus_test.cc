// SPDX-License-Identifier: Apache-2.0
// The public SigmaHQ rules, when a copy lies beside the source tree: nearly all of them load, and a
// rule finds the same whatever is loaded with it.
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "davy/sigma/matcher.h"
#include "davy/sigma/testing/json_event.h"

namespace davy::sigma {
namespace {

constexpr std::string_view kEvents[] = {
    R"({"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "sourceIPAddress": "1.2.3.4",
        "userIdentity": {"type": "Root", "arn": "arn:aws:iam::1:root"}, "errorCode": "AccessDenied"})",
    R"({"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"})",
    R"({"eventSource": "guardduty.amazonaws.com", "eventName": "DeleteDetector"})",
    R"({"Image": "/tmp/xmrig", "CommandLine": "xmrig -o stratum+tcp://pool:3333 --donate-level=1",
        "ParentImage": "/bin/sh", "User": "root"})",
    R"({"Image": "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe", "OriginalFileName":
        "PowerShell.EXE", "CommandLine": "powershell -nop -w hidden -enc SQBFAFgA", "ParentImage":
        "C:\\Windows\\explorer.exe", "EventID": 4688})",
    R"({"QueryName": "pool.supportxmr.com", "query": "pool.supportxmr.com", "dst_port": 3333})",
    R"({"EventID": "4625", "LogonType": 3, "SubjectUserName": "-"})",
    R"({})",
};

class CorpusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = DAVY_SOURCE_DIR "/../shared/sigmahq/rules";
    if (!std::filesystem::is_directory(folder)) {
      GTEST_SKIP() << "no copy of the SigmaHQ rules beside the source tree";
    }
    auto texts = read_rule_files({folder});
    ASSERT_TRUE(texts);
    texts_ = *std::move(texts);
  }

  /// Ids of the rules that match each event.
  static std::vector<std::set<std::string>> findings(std::span<const RuleText> texts) {
    LoadReport report;
    const RuleSet rules = RuleSet::load(texts, {}, report);
    event::Schema schema;
    const auto matcher = Matcher::compile(rules, {}, schema);
    const auto scratch = matcher->make_scratch();
    std::vector<std::set<std::string>> found;
    for (const std::string_view json : kEvents) {
      const testing::JsonEvent event(json, schema);
      std::vector<RuleIndex> matches;
      matcher->match(0, event.fields(), *scratch, matches);
      auto& ids = found.emplace_back();
      for (const RuleIndex match : matches)
        ids.insert(rules.info(match).id);
    }
    return found;
  }

  std::vector<RuleText> texts_;
};

TEST_F(CorpusTest, AtMostOneInTwoHundredIsRefused) {
  LoadReport report;
  const RuleSet rules = RuleSet::load(texts_, {}, report);
  EXPECT_GT(rules.size(), 3000u);
  EXPECT_LE(report.refused * 200, texts_.size());
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.severity == Severity::kError) GTEST_LOG_(INFO) << to_text(diagnostic);
  }
}

TEST_F(CorpusTest, CompiledAgreesWithReferenceOnEveryRule) {
  LoadReport report;
  const RuleSet rules = RuleSet::load(texts_, {}, report);
  size_t found = 0;
  for (const std::string_view json : kEvents)
    found += testing::matching(rules, json).size();
  EXPECT_GT(found, 10u);
}

TEST_F(CorpusTest, FindingsDoNotChangeWithTheNumberOfRules) {
  const auto all = findings(texts_);
  for (size_t first = 0; first + 10 < texts_.size(); first += 300) {
    for (const size_t count : {size_t{1}, size_t{10}}) {
      const auto some = std::span<const RuleText>(texts_).subspan(first, count);
      LoadReport report;
      const RuleSet rules = RuleSet::load(some, {}, report);
      const auto found = findings(some);
      for (size_t event = 0; event < std::size(kEvents); ++event) {
        for (RuleIndex i = 0; i < rules.size(); ++i) {
          const std::string& id = rules.info(i).id;
          EXPECT_EQ(found[event].count(id), all[event].count(id)) << rules.info(i).file;
        }
      }
    }
  }
}

}  // namespace
}  // namespace davy::sigma
