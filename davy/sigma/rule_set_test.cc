// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/rule_set.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "davy/sigma/correlation_rule.h"
#include "davy/sigma/testing/json_event.h"

namespace davy::sigma {
namespace {

using testing::load;
using testing::matching;
using testing::refusal;
using testing::rule_text;

std::string detection_with(std::string_view item) {
  return rule_text(fmt::format("  s:\n    {}\n  condition: s", item));
}

struct Case {
  std::string_view code;
  std::string yaml;
};

TEST(RuleSetTest, EveryRefusalHasItsCode) {
  const std::string heading = "title: t\nlogsource: {product: test}\n";
  const Case kCases[] = {
      {"DVY-R001", "title: [unclosed\n"},
      {"DVY-R002", "- just\n- a list\n"},
      {"DVY-R003", "logsource: {product: x}\ndetection: {s: {f: 1}, condition: s}\n"},
      {"DVY-R004", "title: t\ndetection: {s: {f: 1}, condition: s}\n"},
      {"DVY-R004", "title: t\nlogsource: {definition: x}\ndetection: {s: {f: 1}, condition: s}\n"},
      {"DVY-R005", heading},
      {"DVY-R005", heading + "detection: [1]\n"},
      {"DVY-R006", rule_text("  s:\n    f: 1")},
      {"DVY-R006", rule_text("  s:\n    f: 1\n  condition:\n    a: b")},
      {"DVY-R007", rule_text("  s:\n    f: 1\n  condition: t")},
      {"DVY-R008", rule_text("  s:\n    f: 1\n  condition: s | count() by x > 5")},
      {"DVY-R008", "action: global\ntitle: t\n"},
      {"DVY-R010", rule_text("  s: {}\n  condition: s")},
      {"DVY-R010", rule_text("  s: []\n  condition: s")},
      {"DVY-R010", rule_text("  s:\n  condition: s")},
      {"DVY-R010", detection_with("f: []")},
      {"DVY-R010", detection_with("f: {a: 1}")},
      {"DVY-R010", detection_with("f: [[1]]")},
      {"DVY-R011", detection_with("f|contain: x")},
      {"DVY-R012", detection_with("f|cidr|contains: 10.0.0.0/8")},
      {"DVY-R012", detection_with("f|contains|re: x")},
      {"DVY-R012", detection_with("f|re|cased: x")},
      {"DVY-R012", detection_with("f|exists|all: true")},
      {"DVY-R012", detection_with("f|gt|lt: 1")},
      {"DVY-R012", detection_with("f|gt|gt: 1")},
      {"DVY-R012", detection_with("f|i: x")},
      {"DVY-R012", detection_with("'|gt': 1")},
      {"DVY-R013", detection_with("f|gt: many")},
      {"DVY-R013", detection_with("f|hour: 1.5")},
      {"DVY-R013", detection_with("f|exists: maybe")},
      {"DVY-R013", detection_with("f|base64: 'a*'")},
      {"DVY-R013", detection_with("f|contains: null")},
      {"DVY-R013", detection_with("f|re: null")},
      {"DVY-R014", detection_with("f|re: '(?<!a)b'")},
      {"DVY-R014", detection_with("f|re: 'a('")},
      {"DVY-R014", detection_with("f|re: '(a)\\1'")},
      {"DVY-R015", detection_with("f|expand: '%unknown%'")},
      {"DVY-R016", detection_with("f|cidr: 10.0.0.0/33")},
      {"DVY-R016", detection_with("f|cidr: 10.0.0.x/8")},
      {"DVY-R017", detection_with("f[some]: {a: 1}")},
      {"DVY-R017", rule_text("  s:\n    f[any]:\n      - keyword\n      - a: 1\n  condition: s")},
      {"DVY-R019", detection_with("f: 1\n    f: 2")},
      {"DVY-R019", rule_text("  s:\n    f: 1\n  s:\n    g: 1\n  condition: s")},
      {"DVY-R020", heading + "filter: {s: {f: 1}, condition: not s}\n"},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(refusal(c.yaml), c.code) << c.yaml;
}

TEST(RuleSetTest, DiagnosticsSayWhere) {
  LoadReport report;
  load(detection_with("f|startwith: x"), &report);
  ASSERT_EQ(report.diagnostics.size(), 1u);
  EXPECT_EQ(to_text(report.diagnostics[0]),
            "rule.yml:6:5: error DVY-R011: unknown modifier 'startwith'\n"
            "  hint: did you mean 'startswith'?");
  EXPECT_EQ(report.refused, 1u);
}

/// "code:line:column" of what loading says.
std::string said_of(const std::string& yaml) {
  LoadReport report;
  RuleSet::load(std::vector<RuleText>{{"r.yml", yaml}}, {}, report);
  std::string all;
  for (const Diagnostic& d : report.diagnostics)
    all += fmt::format("{}:{}:{} ", d.code, d.line, d.column);
  return all;
}

TEST(RuleSetTest, UnknownLogsourceKeysAreTold) {
  const std::string rest = "detection: {s: {f: 1}, condition: s}\n";
  EXPECT_EQ(said_of("title: t\nlogsource:\n  product: aws\n  servcie: cloudtrail\n" + rest),
            "DVY-R025:4:3 ");
  EXPECT_EQ(
      said_of("title: t\nlogsource: {product: a, service: b, category: c, definition: d}\n" + rest),
      "");
}

TEST(RuleSetTest, SelectionsThatNoConditionAsksAreTold) {
  const auto with = [](const char* condition) {
    return rule_text(
        fmt::format("  selection_a: {{f: 1}}\n  selection_b: {{f: 2}}\n"
                    "  filter: {{f: 3}}\n  _parked: {{f: 4}}\n  condition: {}",
                    condition));
  };
  EXPECT_EQ(said_of(with("1 of them")), "");
  EXPECT_EQ(said_of(with("1 of selection_* and not filter")), "");
  EXPECT_EQ(said_of(with("all of selection_* and not 1 of filter*")), "");
  EXPECT_EQ(said_of(with("[selection_a and filter, selection_b]")), "");
  EXPECT_NE(said_of(with("all of selection_*")).find("DVY-R026:7:3"), std::string::npos);
  EXPECT_NE(said_of(with("selection_a and filter")).find("DVY-R026:6:3"), std::string::npos);
  EXPECT_EQ(said_of(with("selection_a and ghost")).find("DVY-R026"), std::string::npos);
}

TEST(RuleSetTest, ABadDocumentDoesNotTakeTheOthersWithIt) {
  LoadReport report;
  const RuleSet rules = load(
      "title: a\nlogsource: {product: x}\ndetection: {s: {f: 1}, condition: s}\n---\n"
      "title: b\n---\n"
      "title: c\nlogsource: {product: x}\ndetection: {s: {f: 2}, condition: s}\n---\n",
      &report);
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules.info(0).title, "a");
  EXPECT_EQ(rules.info(1).title, "c");
  EXPECT_EQ(report.rules, 2u);
  EXPECT_EQ(report.refused, 1u);
}

TEST(RuleSetTest, BrokenStreamsEnd) {
  // The parser stands still on the first of these when it is asked for all documents.
  for (const std::string_view yaml :
       {",itle: a\n- b\n", "]\n", "  a: 1\nb: 2\n", "{a: 1} b\n", "...\n...\n,"}) {
    EXPECT_EQ(refusal(std::string(yaml)), "DVY-R001") << yaml;
  }
  EXPECT_EQ(refusal("---\n# nothing\n...\n---\n"), "");
}

TEST(RuleSetTest, BrokenYamlCostsOneDocument) {
  LoadReport report;
  const std::string good = "logsource: {product: x}\ndetection: {s: {f: 1}, condition: s}\n";
  const RuleSet rules = load("title: a\n" + good + "--- # next\ntitle: [b\n" + good +
                                 "---\ntitle: c\n" + good + "---\n\ntitle: d\ndetection: 1\n",
                             &report);
  EXPECT_EQ(rules.size(), 2u);
  EXPECT_EQ(report.refused, 2u);
  ASSERT_GE(report.diagnostics.size(), 2u);
  EXPECT_EQ(report.diagnostics[0].code, "DVY-R001");
  EXPECT_EQ(report.diagnostics[0].line, 6);
  EXPECT_EQ(report.diagnostics[1].line, 14);
}

TEST(RuleSetTest, CollectsAllFaultsOfOneRule) {
  LoadReport report;
  load(rule_text("  s:\n    f|nonsense: 1\n    g|gt: many\n  condition: t"), &report);
  EXPECT_EQ(report.diagnostics.size(), 3u);
  EXPECT_EQ(report.refused, 1u);
}

TEST(RuleSetTest, ReadsWhatIsSaidAboutARule) {
  const RuleSet rules = load(
      "title: Launch\nid: 2b6b1e34-8f5e-4a1e-9d0c-6f7a3c0b9e11\nname: launch\nlevel: high\n"
      "status: test\ntags: [attack.t1496, attack.impact]\n"
      "logsource: {product: aws, service: cloudtrail}\n"
      "davy: {signal: control_plane, score: {base: 3}}\n"
      "detection: {s: {f: 1}, condition: s}\n");
  ASSERT_EQ(rules.size(), 1u);
  const RuleInfo& info = rules.info(0);
  EXPECT_EQ(info.id, "2b6b1e34-8f5e-4a1e-9d0c-6f7a3c0b9e11");
  EXPECT_EQ(info.name, "launch");
  EXPECT_EQ(info.level, "high");
  EXPECT_EQ(info.tags, (std::vector<std::string>{"attack.t1496", "attack.impact"}));
  EXPECT_EQ(info.product, "aws");
  EXPECT_EQ(info.service, "cloudtrail");
  EXPECT_EQ(info.custom, (std::vector<std::pair<std::string, std::string>>{
                             {"signal", "control_plane"}, {"score.base", "3"}}));
  EXPECT_TRUE(rules.reports_alone(0));
}

TEST(RuleSetTest, AnIdIsUsedOnce) {
  LoadReport report;
  const std::string rule =
      "title: t{}\nid: one\nlogsource: {{product: x}}\ndetection: {{s: {{f: 1}}, condition: "
      "s}}\n---\n";
  const RuleSet rules =
      load(fmt::format(fmt::runtime(rule), 1) + fmt::format(fmt::runtime(rule), 2), &report);
  EXPECT_EQ(rules.size(), 1u);
  EXPECT_EQ(report.refused, 1u);
  EXPECT_EQ(report.diagnostics.back().code, "DVY-R009");
}

TEST(RuleSetTest, AliasesCannotMultiplyWithoutBound) {
  std::string yaml =
      "title: t\nlogsource: {product: x}\ndetection:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    yaml += fmt::format("  a{0}: &a{0} [", i);
    for (int k = 0; k < 9; ++k)
      yaml += fmt::format("{}*a{}", k ? ", " : "", i - 1);
    yaml += "]\n";
  }
  EXPECT_EQ(refusal(yaml + "  condition: a11\n"), "DVY-R018");
}

std::string filter_text(std::string_view rules, std::string_view condition,
                        std::string_view logsource = "{product: test}") {
  return fmt::format(
      "---\ntitle: Filter\nlogsource: {}\nfilter:\n  rules: {}\n  sel:\n    user|startswith: adm_\n"
      "  condition: {}\n",
      logsource, rules, condition);
}

TEST(RuleSetTest, FiltersNarrowTheRulesTheyName) {
  const std::string base = "name: base\n" + rule_text("  sel:\n    f: 1\n  condition: 1 of sel*");
  const auto found = [&](const std::string& filter, std::string_view json) {
    return !matching(load(base + filter), json).empty();
  };
  constexpr std::string_view kAdmin = R"({"f": 1, "user": "adm_x"})";
  constexpr std::string_view kOther = R"({"f": 1, "user": "joe"})";
  for (const std::string_view rules : {"[base]", "base", "any", "[]", "[any]"}) {
    EXPECT_FALSE(found(filter_text(rules, "not sel"), kAdmin)) << rules;
    EXPECT_TRUE(found(filter_text(rules, "not sel"), kOther)) << rules;
  }
  // pySigma's meaning: without `not` only what is selected is kept.
  EXPECT_TRUE(found(filter_text("any", "sel"), kAdmin));
  EXPECT_FALSE(found(filter_text("any", "sel"), kOther));
  // Another logsource, or another rule: not applied.
  EXPECT_TRUE(found(filter_text("any", "not sel", "{product: test, service: x}"), kAdmin));
  EXPECT_TRUE(found(filter_text("[other]", "not sel"), kAdmin));
  EXPECT_TRUE(found("", kAdmin));
}

TEST(RuleSetTest, FiltersThatSurpriseAreTold) {
  const auto warning = [](const std::string& yaml) {
    LoadReport report;
    load(yaml, &report);
    return report.diagnostics.empty() ? "" : report.diagnostics[0].code;
  };
  const std::string base = "name: base\n" + rule_text("  sel:\n    f: 1\n  condition: sel");
  EXPECT_EQ(warning(base + filter_text("any", "sel")), "DVY-R022");
  EXPECT_EQ(warning(base + filter_text("[absent]", "not sel")), "DVY-R021");
  EXPECT_EQ(warning(base + filter_text("any", "not sel")), "");
}

std::string correlation(std::string_view name, std::string_view rules, bool generate = false) {
  return fmt::format(
      "---\ntitle: {0}\nname: {0}\ncorrelation:\n  type: event_count\n  rules: [{1}]\n"
      "  group-by: [user]\n  timespan: 1h\n  generate: {2}\n  condition:\n    gte: 3\n",
      name, rules, generate);
}

TEST(RuleSetTest, CorrelationsAreBoundToTheirRules) {
  const std::string base = "name: base\n" + rule_text("  sel:\n    f: 1\n  condition: sel");
  const RuleSet rules = load(base + correlation("outer", "inner") + correlation("inner", "base"));
  ASSERT_EQ(rules.size(), 3u);
  EXPECT_EQ(first_correlation(rules), 1u);
  const auto correlations = correlation_rules(rules);
  EXPECT_EQ(correlations[0].members, std::vector<RuleIndex>{2});
  EXPECT_EQ(correlations[1].members, std::vector<RuleIndex>{0});
  EXPECT_FALSE(rules.reports_alone(0));
  EXPECT_TRUE(rules.reports_alone(1));
  EXPECT_FALSE(rules.reports_alone(2));
  EXPECT_TRUE(rules.info(2).is_correlation);
  // Feeding rules still match: the correlation lives on that.
  EXPECT_EQ(matching(rules, R"({"f": 1})"), std::vector<RuleIndex>{0});
}

TEST(RuleSetTest, ARuleSharedByTwoCorrelationsReportsIfOneSaysSo) {
  const std::string base = "name: base\n" + rule_text("  sel:\n    f: 1\n  condition: sel");
  EXPECT_FALSE(load(base + correlation("a", "base") + correlation("b", "base")).reports_alone(0));
  EXPECT_TRUE(
      load(base + correlation("a", "base") + correlation("b", "base", true)).reports_alone(0));
}

TEST(RuleSetTest, CyclesAndDanglingReferencesAreRefused) {
  const std::string base = "name: base\n" + rule_text("  sel:\n    f: 1\n  condition: sel");
  LoadReport report;
  const RuleSet cyclic = load(
      base + correlation("a", "b") + correlation("b", "a") + correlation("c", "base"), &report);
  EXPECT_EQ(cyclic.size(), 2u);
  EXPECT_EQ(report.refused, 2u);
  EXPECT_EQ(report.diagnostics.back().code, "DVY-R023");
  LoadReport dangling;
  const RuleSet left = load(base + correlation("a", "b") + correlation("b", "nobody"), &dangling);
  EXPECT_EQ(left.size(), 1u);
  EXPECT_EQ(dangling.refused, 2u);
  EXPECT_TRUE(left.reports_alone(0));
}

TEST(RuleSetTest, MoreThanTenRulesFeedOneCorrelation) {
  std::string yaml;
  std::string names;
  for (int i = 0; i < 25; ++i) {
    yaml += fmt::format(
        "title: r{0}\nname: r{0}\nlogsource: {{product: test}}\ndetection:\n"
        "  s:\n    f: {0}\n  condition: s\n---\n",
        i);
    names += fmt::format("{}r{}", i ? ", " : "", i);
  }
  const RuleSet rules = load(yaml + correlation("all", names).substr(4));
  ASSERT_EQ(correlation_rules(rules).size(), 1u);
  EXPECT_EQ(correlation_rules(rules)[0].members.size(), 25u);
}

TEST(RuleSetTest, ReadsRuleFilesInPathOrderWithoutTheirTests) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(::testing::TempDir()) / "davy_rule_files";
  fs::remove_all(folder);
  fs::create_directories(folder / "b");
  for (const char* name : {"z.yml", "a.yaml", "a.test.yml", "b/c.yml", "notes.md"}) {
    std::ofstream(folder / name) << "title: " << name << '\n';
  }
  const std::string root = folder.string();
  const auto texts = read_rule_files({root, root + "/z.yml"});
  ASSERT_TRUE(texts);
  std::vector<std::string> files;
  for (const RuleText& text : *texts)
    files.push_back(text.file.substr(root.size() + 1));
  EXPECT_EQ(files, (std::vector<std::string>{"a.yaml", "b/c.yml", "z.yml"}));
  EXPECT_EQ(read_rule_files({root + "/absent"}).error().code(), ErrorCode::kNotFound);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace davy::sigma
