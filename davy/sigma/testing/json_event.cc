// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/testing/json_event.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "davy/base/text.h"

namespace davy::sigma::testing {
namespace {

using event::Value;
using nlohmann::json;

class Filler {
 public:
  Filler(event::Fields& fields, std::deque<std::string>& texts) : fields_(fields), texts_(texts) {}

  void fill(event::Slot slot, const json& node, std::string_view path) {
    if (node.is_array() && !path.starts_with('[')) {
      if (path.empty()) add(slot, node);
      for (const json& member : node)
        fill(slot, member, path);
      return;
    }
    if (path.empty()) return add(slot, node);
    if (path.front() == '[') {
      const size_t close = path.find(']');
      const auto index = parse_int<size_t>(path.substr(1, close - 1));
      std::string_view rest = path.substr(close + 1);
      if (rest.starts_with('.')) rest.remove_prefix(1);
      if (node.is_array() && index && *index < node.size()) fill(slot, node[*index], rest);
      return;
    }
    const size_t end = std::min(path.find_first_of(".["), path.size());
    const auto child = node.is_object() ? node.find(std::string(path.substr(0, end))) : node.end();
    if (!node.is_object() || child == node.end()) return;
    std::string_view rest = path.substr(end);
    if (rest.starts_with('.')) rest.remove_prefix(1);
    fill(slot, *child, rest);
  }

  void fill_all(const json& node) {
    if (node.is_structured()) {
      for (const json& member : node)
        fill_all(member);
    } else if (!node.is_null()) {
      fields_.add_any(keep(scalar_text(node)));
    }
  }

 private:
  static std::string scalar_text(const json& node) {
    return node.is_string() ? node.get<std::string>() : node.dump();
  }

  void add(event::Slot slot, const json& node) {
    const Value::Type type = node.is_null()         ? Value::Type::kNull
                             : node.is_boolean()    ? Value::Type::kBool
                             : node.is_number()     ? Value::Type::kNumber
                             : node.is_structured() ? Value::Type::kContainer
                                                    : Value::Type::kString;
    fields_.add(slot, type, node.is_null() ? std::string_view{} : keep(scalar_text(node)));
  }

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  event::Fields& fields_;
  std::deque<std::string>& texts_;
};

}  // namespace

JsonEvent::JsonEvent(std::string_view text, const event::Schema& schema) {
  const json document = json::parse(text);
  fields_.reset(schema.size());
  Filler filler(fields_, texts_);
  for (event::Slot slot = 0; slot < schema.size(); ++slot) {
    filler.fill(slot, document, schema.path(slot));
  }
  if (schema.all_values()) filler.fill_all(document);
}

std::string rule_text(std::string_view detection) {
  return fmt::format("title: Test rule\nlogsource:\n  product: test\ndetection:\n{}\n", detection);
}

RuleSet load(const std::string& yaml, LoadReport* report, const Placeholders& placeholders) {
  LoadReport own;
  const std::vector<RuleText> texts = {{"rule.yml", yaml}};
  return RuleSet::load(texts, placeholders, report != nullptr ? *report : own);
}

std::string refusal(const std::string& yaml, const Placeholders& placeholders) {
  LoadReport report;
  load(yaml, &report, placeholders);
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.severity == Severity::kError) return diagnostic.code;
  }
  return "";
}

std::vector<RuleIndex> matching(const RuleSet& rules, std::string_view json, const Target& target) {
  event::Schema schema;
  const auto matcher = Matcher::compile(rules, target, schema);
  const auto scratch = matcher->make_scratch();
  const JsonEvent event(json, schema);
  std::vector<RuleIndex> matches;
  std::vector<RuleIndex> again;
  matcher->match(~0u, event.fields(), *scratch, matches);
  matcher->match(~0u, event.fields(), *scratch, again);
  EXPECT_EQ(matches, again) << "a second look at the same event differs";
  if (target.logsources.empty()) {
    for (RuleIndex i = 0; i < rules.size(); ++i) {
      EXPECT_EQ(std::count(matches.begin(), matches.end(), i) == 1,
                reference_matches(rules, i, target, schema, event.fields()))
          << json << "\n"
          << explain(rules, i, target, schema, event.fields());
    }
  }
  return matches;
}

bool detects(std::string_view detection, std::string_view json, const Placeholders& placeholders) {
  LoadReport report;
  const RuleSet rules = load(rule_text(detection), &report, placeholders);
  EXPECT_EQ(rules.size(), 1u) << (report.diagnostics.empty() ? ""
                                                             : to_text(report.diagnostics.front()));
  return !matching(rules, json).empty();
}

}  // namespace davy::sigma::testing
