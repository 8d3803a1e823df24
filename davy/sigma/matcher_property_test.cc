// SPDX-License-Identifier: Apache-2.0
// Random rules on random events: the compiled matcher and the reference agree, and a rule's matches
// do not depend on which other rules are loaded.
#include <fmt/format.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "davy/sigma/matcher.h"
#include "davy/sigma/testing/json_event.h"

namespace davy::sigma {
namespace {

// A small world, so that things meet.
rc::Gen<std::string> words() {
  return rc::gen::element<std::string>("", "a", "A", "ab", "aB", "abc", "b-a", "/a b", "xmrig",
                                       "10.1.2.3", "10.9.9.9", "::ffff:10.1.2.3", "22", "22.0",
                                       "022", "-1", "3.5", "true", "2026-01-01T10:00:00Z", "a*b",
                                       "\\", "é", "aéb", "YWI=");
}
rc::Gen<std::string> names() {
  return rc::gen::element<std::string>("f", "g", "o.f", "o.g");
}

std::string quoted(std::string text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

/// A modifier chain and a value that fits it.
std::pair<std::string, std::string> any_item() {
  const std::string pattern = quoted(*rc::gen::oneOf(
      words(), rc::gen::element<std::string>("*", "?", "a*", "*b", "a?b", "*a*b*", "\\*", "a\\*b",
                                             "**", "?*", "??", "*-a*")));
  const auto chain = *rc::gen::element<std::string>(
      "", "", "", "|contains", "|startswith", "|endswith", "|cased", "|contains|cased", "|windash",
      "|contains|windash", "|neq", "|contains|neq", "#re", "#number", "#cidr", "#exists", "#null",
      "#compare", "#fieldref", "#time", "#base64");
  if (chain == "#re") {
    return {
        *rc::gen::element<std::string>("|re", "|re|i", "|re|s", "|re|startswith", "|re|endswith"),
        quoted(*rc::gen::element<std::string>("a", "^a", "b$", "^$", "[a-b]{2}", "\\d+", ".*",
                                              "a.b", "^.b", "é", "A|x", "\\bab\\b"))};
  }
  if (chain == "#number")
    return {"", *rc::gen::element<std::string>("22", "3.5", "-1", "22.0", "0", "true")};
  if (chain == "#cidr")
    return {"|cidr", quoted(*rc::gen::element<std::string>("10.0.0.0/8", "10.1.0.0/16", "::/0"))};
  if (chain == "#exists") return {"|exists", *rc::gen::element<std::string>("true", "false")};
  if (chain == "#null") return {"", "null"};
  if (chain == "#compare")
    return {*rc::gen::element<std::string>("|gt", "|gte", "|lt", "|lte"),
            *rc::gen::element<std::string>("22", "3.5", "-1")};
  if (chain == "#fieldref")
    return {*rc::gen::element<std::string>("|fieldref", "|fieldref|startswith", "|fieldref|neq"),
            *names()};
  if (chain == "#time") return {"|hour", "10"};
  if (chain == "#base64") return {"|base64offset|contains", "ab"};
  return {chain, pattern};
}

std::string any_item_line() {
  const auto [chain, value] = any_item();
  const std::string field = *names();
  if (*rc::gen::inRange(0, 8) == 0) {
    const auto which = *rc::gen::element<std::string>("any", "all", "none", "0", "all_or_empty");
    return fmt::format("list[{}]: {{{}{}: {}}}", which, field, chain, value);
  }
  if (chain == "" && value != "null" && *rc::gen::inRange(0, 3) == 0) {
    return fmt::format("{}: [{}, {}]", field, value, quoted(*words()));
  }
  return fmt::format("{}{}: {}", field, chain, value);
}

std::string any_rule(int number) {
  std::string text = fmt::format("title: r{}\nlogsource: {{product: test}}\ndetection:\n", number);
  const int selections = *rc::gen::inRange(1, 4);
  for (int s = 0; s < selections; ++s) {
    text += fmt::format("  s{}:\n", s);
    if (*rc::gen::inRange(0, 6) == 0) {
      text += fmt::format("    - {}\n", quoted(*words()));
      continue;
    }
    const int items = *rc::gen::inRange(1, 3);
    for (int i = 0; i < items; ++i)
      text += fmt::format("    - {}\n", any_item_line());
    if (*rc::gen::inRange(0, 2) == 0)
      text += fmt::format("    - {}\n      h: {}\n", any_item_line(), quoted(*words()));
  }
  const auto pick = [&] { return fmt::format("s{}", *rc::gen::inRange(0, selections)); };
  const std::string a = pick();
  const std::string b = pick();
  const std::vector<std::string> conditions = {a,
                                               "not " + a,
                                               a + " and " + b,
                                               a + " or " + b,
                                               a + " and not " + b,
                                               "1 of s*",
                                               "all of them",
                                               "not 1 of them",
                                               "not (" + a + " and " + b + ")",
                                               a + " or not " + b,
                                               "not all of s*"};
  return text + fmt::format("  condition: {}\n---\n", *rc::gen::elementOf(conditions));
}

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string any_value() {
  switch (*rc::gen::inRange(0, 9)) {
    case 0: return "null";
    case 1: return *rc::gen::element<std::string>("true", "false");
    case 2: return *rc::gen::element<std::string>("22", "22.0", "3.5", "-1", "0");
    case 3: return fmt::format("[{}, {}]", json_text(*words()), json_text(*words()));
    default: return json_text(*words());
  }
}

std::string any_object() {
  std::string object;
  for (const char* name : {"f", "g", "h"}) {
    if (*rc::gen::inRange(0, 3) == 0) continue;
    object += fmt::format("{}\"{}\": {}", object.empty() ? "" : ", ", name, any_value());
  }
  return object;
}

std::string any_event() {
  std::string event = any_object();
  const auto add = [&](std::string member) { event += (event.empty() ? "" : ", ") + member; };
  if (*rc::gen::inRange(0, 2) == 0) add(fmt::format("\"o\": {{{}}}", any_object()));
  if (*rc::gen::inRange(0, 2) == 0) {
    add(fmt::format("\"list\": [{{{}}}, {{\"o\": {{{}}}}}]", any_object(), any_object()));
  }
  return "{" + event + "}";
}

RC_GTEST_PROP(MatcherProperty, CompiledAgreesWithReference, ()) {
  std::string yaml;
  const int count = *rc::gen::inRange(1, 25);
  for (int i = 0; i < count; ++i)
    yaml += any_rule(i);
  LoadReport report;
  const RuleSet rules = testing::load(yaml, &report);
  RC_ASSERT(report.refused == 0u);
  event::Schema schema;
  const auto matcher = Matcher::compile(rules, {}, schema);
  const auto scratch = matcher->make_scratch();
  for (int e = 0; e < 5; ++e) {
    const std::string json = any_event();
    const testing::JsonEvent event(json, schema);
    std::vector<RuleIndex> matches;
    matcher->match(0, event.fields(), *scratch, matches);
    std::vector<RuleIndex> expected;
    for (RuleIndex i = 0; i < rules.size(); ++i) {
      if (reference_matches(rules, i, {}, schema, event.fields())) expected.push_back(i);
    }
    RC_LOG() << yaml << json << "\n";
    RC_ASSERT(matches == expected);
  }
}

RC_GTEST_PROP(MatcherProperty, OtherRulesDoNotMatter, ()) {
  const std::string first = any_rule(0);
  std::string yaml = first;
  for (int i = 1; i < 12; ++i)
    yaml += any_rule(i);
  const std::string json = any_event();
  const auto alone = testing::matching(testing::load(first), json);
  const auto among = testing::matching(testing::load(yaml), json);
  RC_ASSERT(alone.empty() == (among.empty() || among.front() != 0u));
}

}  // namespace
}  // namespace davy::sigma
