// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/lint.h"

#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/sigma/correlation_rule.h"

namespace davy::sigma {
namespace {

RuleInfo good_rule() {
  RuleInfo rule;
  rule.id = "5638f7c0-ac70-491d-8465-2a65075e0d86";
  rule.title = "Launch of many large instances";
  rule.description = "Many launches in a short time.";
  rule.status = "test";
  rule.level = "high";
  rule.tags = {"attack.impact", "attack.t1496", "attack.t1496.001", "attack.g0139",
               "cve.2021-44228"};
  rule.references = {"https://attack.mitre.org/techniques/T1496/"};
  rule.falsepositives = {"Batch computing"};
  rule.file = "r.yml";
  rule.line = 3;
  return rule;
}

TEST(Lint, HasNothingToSayAboutAGoodRule) {
  RuleInfo second = good_rule();
  second.id = "davy-launch-storm";
  EXPECT_EQ(lint(std::vector<RuleInfo>{good_rule(), second}, {}, {}), Diagnostics{});
}

struct Case {
  const char* code;
  const char* quoted;  ///< offending text that the message has to show
  void (*make)(RuleInfo&);
};
void PrintTo(const Case& flaw, std::ostream* out) {
  *out << flaw.code << " " << flaw.quoted;
}

class LintTest : public ::testing::TestWithParam<Case> {};

TEST_P(LintTest, FindsTheFlawAndNothingElse) {
  RuleInfo rule = good_rule();
  GetParam().make(rule);
  const Diagnostics found = lint(std::vector<RuleInfo>{rule}, {}, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, GetParam().code);
  EXPECT_EQ(found[0].file, "r.yml");
  EXPECT_EQ(found[0].line, 3);
  EXPECT_NE(found[0].message.find(GetParam().quoted), std::string::npos) << found[0].message;
}

constexpr Case kFlaws[] = {
    {"DVY-R101", "", [](RuleInfo& r) { r.id = ""; }},
    {"DVY-R101", "", [](RuleInfo& r) { r.id = derived_rule_id(r.file, r.title); }},
    {"DVY-R102", "my-rule", [](RuleInfo& r) { r.id = "my-rule"; }},
    {"DVY-R102", "", [](RuleInfo& r) { r.id = "5638f7c0-ac70-491d-8465-2a65075e0d8g"; }},
    {"DVY-R102", "", [](RuleInfo& r) { r.id = "5638f7c0aac70a491da8465a2a65075e0d86"; }},
    {"DVY-R104", "", [](RuleInfo& r) { r.title = "  "; }},
    {"DVY-R105", "", [](RuleInfo& r) { r.title.assign(257, 'x'); }},
    {"DVY-R106", "", [](RuleInfo& r) { r.level = ""; }},
    {"DVY-R107", "'High'", [](RuleInfo& r) { r.level = "High"; }},
    {"DVY-R108", "", [](RuleInfo& r) { r.status = ""; }},
    {"DVY-R109", "'testing'", [](RuleInfo& r) { r.status = "testing"; }},
    {"DVY-R110", "'deprecated'", [](RuleInfo& r) { r.status = "deprecated"; }},
    {"DVY-R111", "'attack'", [](RuleInfo& r) { r.tags = {"attack"}; }},
    {"DVY-R111", "'attack.T1496'", [](RuleInfo& r) { r.tags = {"attack.impact", "attack.T1496"}; }},
    {"DVY-R111", "'.t1496'", [](RuleInfo& r) { r.tags = {".t1496"}; }},
    {"DVY-R111", "'attack.'", [](RuleInfo& r) { r.tags = {"attack."}; }},
    {"DVY-R112", "'attack.1496'", [](RuleInfo& r) { r.tags = {"attack.1496"}; }},
    {"DVY-R112", "'attack.t149'", [](RuleInfo& r) { r.tags = {"attack.t149"}; }},
    {"DVY-R112", "'attack.t1496.1'", [](RuleInfo& r) { r.tags = {"attack.t1496.1"}; }},
    {"DVY-R112", "'attack.t14960'", [](RuleInfo& r) { r.tags = {"attack.t14960"}; }},
    {"DVY-R113", "", [](RuleInfo& r) { r.description = "\n"; }},
    {"DVY-R114", "", [](RuleInfo& r) { r.falsepositives.clear(); }},
    {"DVY-R115", "", [](RuleInfo& r) { r.references.clear(); }},
};
INSTANTIATE_TEST_SUITE_P(Rules, LintTest, ::testing::ValuesIn(kFlaws));

TEST(Lint, TellsTheSecondRuleOfAnId) {
  RuleInfo second = good_rule();
  second.file = "s.yml";
  const Diagnostics found = lint(std::vector<RuleInfo>{good_rule(), second}, {}, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, "DVY-R103");
  EXPECT_EQ(found[0].file, "s.yml");
  EXPECT_EQ(found[0].hint, "it is in r.yml");
}

TEST(Lint, TellsLineAndColumnOfTheValue) {
  LoadReport report;
  const RuleText text{
      "r.yml",
      "title: A rule\nid: my-rule\ntags:\n  - attack.impact\n  -   Attack\n"
      "level: High\nlogsource: {product: aws}\ndetection: {s: {f: 1}, condition: s}\n"
      "status: test\ndescription: d\nreferences: [r]\n"};
  const RuleSet rules = RuleSet::load(std::vector<RuleText>{text}, {}, report);
  std::string all;
  for (const Diagnostic& d : lint(rules))
    all += fmt::format("{}:{}:{} ", d.code, d.line, d.column);
  EXPECT_EQ(all, "DVY-R102:2:5 DVY-R107:6:8 DVY-R111:5:7 DVY-R114:1:1 ");
}

TEST(Lint, LooksAtCorrelations) {
  CorrelationRule good;
  good.rules = {"a", "b"};
  good.group_by = {"user"};
  good.bounds = {{Comparison::kGte, 3}, {Comparison::kLt, 9}};
  CorrelationRule lonely = good;
  lonely.type = CorrelationType::kTemporal;
  lonely.rules = {"a"};
  CorrelationRule together = good;
  together.group_by.clear();
  CorrelationRule low = good;
  low.bounds = {{Comparison::kLt, 9}};
  std::vector<std::string> codes;
  for (const Diagnostic& d :
       lint({}, {}, std::vector<CorrelationRule>{good, lonely, together, low})) {
    codes.push_back(d.code);
  }
  EXPECT_EQ(codes, (std::vector<std::string>{"DVY-R117", "DVY-R116", "DVY-R118"}));
}

}  // namespace
}  // namespace davy::sigma
