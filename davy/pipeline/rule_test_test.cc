// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/rule_test.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/sigma/rule_set.h"

namespace davy::pipeline {
namespace {

constexpr const char* kRule =
    "title: Launch\nid: 3f2c1a52-7f63-4c5e-9a65-0c6d1f4a7b10\n"
    "logsource: {product: aws, service: cloudtrail}\n"
    "detection:\n  selection: {eventName: RunInstances}\n  condition: selection\n";

std::vector<RuleTestResult> run(const std::string& test, Diagnostics& diagnostics) {
  const std::vector<sigma::RuleText> texts = {{"a.yml", kRule}};
  sigma::LoadReport report;
  const sigma::RuleSet rules = sigma::RuleSet::load(texts, {}, report);
  const std::vector<std::pair<std::string, std::string>> tests = {{"a.test.yml", test}};
  return run_rule_tests(rules, tests, diagnostics);
}

TEST(RuleTest, ABombOfAliasesIsRefusedAndDoesNotGoOff) {
  std::string bomb = "tests:\n  - name: bomb\n    expect: match\n    event:\n      a0: &a0 x\n";
  for (int i = 1; i <= 26; ++i)
    bomb += fmt::format("      a{0}: &a{0} [*a{1}, *a{1}]\n", i, i - 1);
  Diagnostics diagnostics;
  EXPECT_TRUE(run(bomb, diagnostics).empty());
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].code, "DVY-R302");
  EXPECT_EQ(diagnostics[0].line, 2);
}

TEST(RuleTest, AliasesWithinReasonAreEvents) {
  const std::string test =
      "tests:\n  - name: launch\n    expect: match\n    event: &launch\n"
      "      {eventVersion: '1.08', eventTime: '2026-03-04T14:12:00Z',"
      " eventSource: ec2.amazonaws.com, eventName: RunInstances, awsRegion: r, eventID: e}\n"
      "  - {name: again, expect: match, events: [*launch, *launch]}\n";
  Diagnostics diagnostics;
  const auto results = run(test, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  ASSERT_EQ(results.size(), 2u);
  EXPECT_TRUE(results[0].passed) << results[0].message;
  EXPECT_TRUE(results[1].passed) << results[1].message;
}

}  // namespace
}  // namespace davy::pipeline
