// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation_rule.h"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/base/yaml.h"

namespace davy::sigma {
namespace {

Result<CorrelationRule> parse(const std::string& yaml, Diagnostics& diagnostics) {
  const YamlStream stream = YamlStream::read(yaml);
  return parse_correlation(stream.documents()[0], "c.yml", diagnostics);
}

/// The rule of a document that has to be free of findings.
CorrelationRule parsed(const std::string& yaml) {
  Diagnostics diagnostics;
  auto rule = parse(yaml, diagnostics);
  for (const Diagnostic& d : diagnostics)
    ADD_FAILURE() << to_text(d);
  if (!rule) throw std::runtime_error(rule.error().message());
  return *std::move(rule);
}

std::string document(const std::string& body) {
  return "title: T\ncorrelation:\n" + body;
}

TEST(CorrelationRule, ReadsEverything) {
  const CorrelationRule rule = parsed(R"(title: Launch storm
id: 11111111-2222-4333-8444-555555555555
name: launch_storm
status: test
level: high
tags: [attack.t1496]
falsepositives: Batch work
davy: {signal: control_plane, entity: {type: account}}
generate: true
correlation:
  type: value_count
  rules: [run_instances, create_fleet]
  group-by: [who, awsRegion]
  timespan: 15m
  aliases:
    who: {run_instances: userIdentity.arn, create_fleet: sessionArn}
  condition: {gte: 10, lt: 500, field: [requestParameters.instanceType, awsRegion]}
)");
  EXPECT_EQ(rule.type, CorrelationType::kValueCount);
  EXPECT_EQ(rule.rules, (std::vector<std::string>{"run_instances", "create_fleet"}));
  EXPECT_EQ(rule.group_by, (std::vector<std::string>{"who", "awsRegion"}));
  EXPECT_EQ(rule.timespan, 15 * kMinute);
  EXPECT_EQ(rule.bounds, (std::vector<Bound>{{Comparison::kGte, 10}, {Comparison::kLt, 500}}));
  EXPECT_EQ(rule.fields, (std::vector<std::string>{"requestParameters.instanceType", "awsRegion"}));
  EXPECT_TRUE(rule.generate);
  EXPECT_EQ(rule.info.title, "Launch storm");
  EXPECT_EQ(rule.info.falsepositives, std::vector<std::string>{"Batch work"});
  EXPECT_EQ(rule.info.custom, (std::vector<std::pair<std::string, std::string>>{
                                  {"signal", "control_plane"}, {"entity.type", "account"}}));
  EXPECT_TRUE(rule.info.is_correlation);
  EXPECT_EQ(field_for_member(rule, 1, "who"), "sessionArn");
  EXPECT_EQ(fields_read(rule),
            (std::vector<std::string>{"awsRegion", "requestParameters.instanceType", "sessionArn",
                                      "userIdentity.arn"}));
}

TEST(CorrelationRule, TakesSingleNamesAndGenerateInside) {
  const CorrelationRule rule = parsed(
      document("  {type: temporal, rules: a, group-by: user, timespan: 1h, generate: true}\n"));
  EXPECT_EQ(rule.rules, std::vector<std::string>{"a"});
  EXPECT_EQ(rule.group_by, std::vector<std::string>{"user"});
  EXPECT_TRUE(rule.bounds.empty());
  EXPECT_TRUE(rule.generate);
  EXPECT_EQ(rule.info.id, derived_rule_id("c.yml", "T"));
}

TEST(CorrelationRule, ReadsEveryTimespanUnit) {
  const std::pair<const char*, DurationNs> cases[] = {{"30s", 30 * kSecond},
                                                      {"5m", 5 * kMinute},
                                                      {"24h", kDay},
                                                      {"7d", 7 * kDay},
                                                      {"2w", 14 * kDay},
                                                      {"1M", 2'629'746 * kSecond},
                                                      {"1y", 31'556'952 * kSecond},
                                                      {"0090s", 90 * kSecond}};
  for (const auto& [text, expected] : cases) {
    const auto rule =
        parsed(document(fmt::format("  {{type: temporal, rules: [a], timespan: {}}}\n", text)));
    EXPECT_EQ(rule.timespan, expected) << text;
  }
}

std::string postfix(const CorrelationRule& rule) {
  std::string text;
  for (const ExpressionStep& step : rule.expression) {
    text += step.kind == ExpressionStep::Kind::kRule  ? rule.rules[step.member]
            : step.kind == ExpressionStep::Kind::kNot ? "!"
            : step.kind == ExpressionStep::Kind::kAnd ? "&"
                                                      : "|";
    text += ' ';
  }
  return text;
}

TEST(CorrelationRule, ReadsConditionsInWords) {
  const std::pair<const char*, const char*> cases[] = {
      {"a and b or c", "a b & c | "},
      {"a or b and c", "a b c & | "},
      {"(a or b) AND not (c)", "a b | c ! & "},
      {"not not a and b", "a b & "},
      {"5638f7c0-ac70-491d-8465-2a65075e0d86", "5638f7c0-ac70-491d-8465-2a65075e0d86 "}};
  for (const auto& [text, expected] : cases) {
    const auto rule = parsed(
        document(fmt::format("  type: temporal\n  timespan: 1h\n  condition: \"{}\"\n", text)));
    EXPECT_EQ(postfix(rule), expected) << text;
  }
}

struct Refused {
  const char* body;
  const char* code;
  int line;
  const char* hint;  ///< a part of it
};
void PrintTo(const Refused& r, std::ostream* out) {
  *out << r.code << ": " << r.body;
}

class RefusedTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedTest, SaysWhatAndWhere) {
  Diagnostics diagnostics;
  const auto rule = parse(document(GetParam().body), diagnostics);
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].code, GetParam().code);
  EXPECT_EQ(diagnostics[0].line, GetParam().line) << to_text(diagnostics[0]);
  EXPECT_EQ(diagnostics[0].file, "c.yml");
  EXPECT_NE(diagnostics[0].hint.find(GetParam().hint), std::string::npos)
      << to_text(diagnostics[0]);
  EXPECT_EQ(rule.has_value(), diagnostics[0].severity == Severity::kWarning);
  EXPECT_EQ(rule ? diagnostics[0].message : rule.error().message(), diagnostics[0].message);
}

constexpr Refused kRefused[] = {
    {"  [a]\n", "DVY-R201", 1, ""},
    {"  type: event_cout\n  rules: [a]\n  timespan: 1m\n", "DVY-R202", 3, "'event_count'"},
    {"  rules: [a]\n  timespan: 1m\n", "DVY-R202", 3, "one of"},
    {"  type: temporal\n  timespan: 1m\n", "DVY-R203", 3, ""},
    {"  type: temporal\n  rules: [[a]]\n  timespan: 1m\n", "DVY-R203", 4, ""},
    {"  type: temporal\n  rules: {a: b}\n  timespan: 1m\n", "DVY-R203", 4, ""},
    {"  type: temporal\n  rules: [a, b, a]\n  timespan: 1m\n", "DVY-R204", 4, ""},
    {"  type: temporal\n  rules: [a]\n", "DVY-R205", 3, "15m"},
    {"  type: temporal\n  rules: [a]\n  timespan: 5 minutes\n", "DVY-R205", 5, "15m"},
    {"  type: temporal\n  rules: [a]\n  timespan: 0m\n", "DVY-R205", 5, ""},
    {"  type: temporal\n  rules: [a]\n  timespan: -1m\n", "DVY-R205", 5, ""},
    {"  type: temporal\n  rules: [a]\n  timespan: 101y\n", "DVY-R205", 5, ""},
    {"  type: temporal\n  rules: [a]\n  timespan: 99999999999999999999s\n", "DVY-R205", 5, ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n", "DVY-R206", 3, "gte"},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: a and b\n", "DVY-R207", 6,
     ""},
    {"  type: temporal\n  rules: [a]\n  timespan: 1m\n  condition: [a]\n", "DVY-R207", 6, ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {ge: 3}\n", "DVY-R208", 6,
     "'gte'"},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {}\n", "DVY-R208", 6, ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gt: 1, lt: 9, neq: 4}\n",
     "DVY-R208", 6, ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition:\n    gte: many\n", "DVY-R209",
     7, ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 2.5}\n", "DVY-R209", 6,
     ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: -1}\n", "DVY-R209", 6,
     ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {eq: 0}\n", "DVY-R210", 6,
     ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {lt: 1}\n", "DVY-R210", 6,
     ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gt: 9, lt: 3}\n", "DVY-R210",
     6, ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gt: 3, gte: 9}\n",
     "DVY-R210", 6, ""},
    {"  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  condition: {gte: 3}\n", "DVY-R210", 6,
     ""},
    {"  type: value_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 3}\n", "DVY-R211", 6,
     ""},
    {"  type: value_sum\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 3, field: [x, y]}\n",
     "DVY-R211", 6, "value_count"},
    {"  type: value_sum\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 3, field: {x: y}}\n",
     "DVY-R211", 6, ""},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 3, field: x}\n",
     "DVY-R212", 6, "value_"},
    {"  type: temporal\n  rules: [a]\n  timespan: 1m\n  group-by: {a: b}\n", "DVY-R213", 6, ""},
    {"  type: temporal\n  rules: [a]\n  timespan: 1m\n  aliases: [x]\n", "DVY-R214", 6, ""},
    {"  type: temporal\n  rules: [a]\n  timespan: 1m\n  group-by: x\n  aliases: {x: y}\n",
     "DVY-R214", 7, ""},
    {"  type: temporal\n  rules: [a]\n  timespan: 1m\n  aliases: {x: {a: y}}\n", "DVY-R215", 6, ""},
    {"  type: value_sum\n  rules: [a]\n  timespan: 1m\n  condition: {gt: 3, field: x, percentile: "
     "9}\n",
     "DVY-R216", 6, ""},
    {"  type: value_percentile\n  rules: [a]\n  timespan: 1m\n"
     "  condition: {gt: 3, field: x, percentile: 101}\n",
     "DVY-R216", 6, ""},
    {"  type: temporal\n  rules: [a]\n  timespan: 1m\n  generate: perhaps\n", "DVY-R217", 6, ""},
    {"  type: temporal\n  timespan: 1m\n  condition: a and\n", "DVY-R218", 5, ""},
    {"  type: temporal\n  timespan: 1m\n  condition: (a or b\n", "DVY-R218", 5, ""},
    {"  type: temporal\n  timespan: 1m\n  condition: a b\n", "DVY-R218", 5, ""},
    {"  type: temporal\n  timespan: 1m\n  condition: a and or b\n", "DVY-R218", 5, ""},
    {"  type: temporal\n  rules: [recon, run]\n  timespan: 1m\n  condition: recon and rum\n",
     "DVY-R219", 6, "'run'"},
    {"  type: temporal\n  rules: [recon, run]\n  timespan: 1m\n  condition: recon\n", "DVY-R219", 6,
     ""},
    {"  type: temporal\n  rules: [a]\n  timespan: 1m\n  group_by: [x]\n", "DVY-R220", 6,
     "'group-by'"},
    {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 2000000}\n", "DVY-R222",
     6, ""},
};
INSTANTIATE_TEST_SUITE_P(Documents, RefusedTest, testing::ValuesIn(kRefused));

TEST(CorrelationRule, RefusesDeepNestingInsteadOfOverflowing) {
  Diagnostics diagnostics;
  const std::string deep = std::string(30000, '(') + "a" + std::string(30000, ')');
  EXPECT_FALSE(parse(document("  type: temporal\n  timespan: 1m\n  condition: \"" + deep + "\"\n"),
                     diagnostics));
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].code, "DVY-R218");
}

TEST(CorrelationRule, TellsEveryMistakeOfADocument) {
  Diagnostics diagnostics;
  EXPECT_FALSE(
      parse(document("  type: x\n  rules: []\n  timespan: soon\n  group-by: [[]]\n"), diagnostics));
  std::vector<std::string> codes;
  for (const Diagnostic& d : diagnostics)
    codes.push_back(d.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"DVY-R202", "DVY-R203", "DVY-R213", "DVY-R205"}));
}

std::optional<RuleIndex> find_letter(std::string_view name) {
  if (name.size() != 1 || name[0] < 'a' || name[0] > 'f') return std::nullopt;
  return static_cast<RuleIndex>(name[0] - 'a');
}

TEST(CorrelationRule, ResolvesRulesAndAliases) {
  CorrelationRule rule;
  rule.rules = {"c", "a"};
  rule.group_by = {"who"};
  rule.aliases = {{"who", "c", "arn", kNoRule}, {"who", "a", "user", kNoRule}};
  Diagnostics diagnostics;
  EXPECT_TRUE(resolve_references(rule, find_letter, diagnostics));
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(rule.members, (std::vector<RuleIndex>{2, 0}));
  EXPECT_EQ(field_for_member(rule, 0, "who"), "arn");
  EXPECT_EQ(field_for_member(rule, 1, "who"), "user");
  EXPECT_EQ(field_for_member(rule, 1, "host"), "host");
}

TEST(CorrelationRule, SaysWhichReferenceLeadsNowhere) {
  CorrelationRule rule;
  rule.rules = {"a", "nobody"};
  rule.aliases = {{"who", "b", "user", kNoRule}};
  Diagnostics diagnostics;
  EXPECT_FALSE(resolve_references(rule, find_letter, diagnostics));
  ASSERT_EQ(diagnostics.size(), 2U);
  EXPECT_EQ(diagnostics[0].code, "DVY-R221");
  EXPECT_NE(diagnostics[0].message.find("nobody"), std::string::npos);
  EXPECT_EQ(diagnostics[1].code, "DVY-R215");
}

TEST(CorrelationRule, OrdersChainsInnerFirstAndLeavesCyclesOut) {
  std::vector<CorrelationRule> rules(5);
  rules[0].members = {3, 11};  // needs rules[1]
  rules[1].members = {3, 12};  // needs rules[2]
  rules[2].members = {3};
  rules[3].members = {13};      // itself
  rules[4].members = {13, 12};  // needs the cycle
  EXPECT_EQ(chain_order(rules, 10), (std::vector<size_t>{2, 1, 0}));
}

}  // namespace
}  // namespace davy::sigma
