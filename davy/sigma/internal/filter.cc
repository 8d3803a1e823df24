// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/filter.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/yaml.h"
#include "davy/sigma/internal/condition.h"
#include "davy/sigma/internal/detection.h"

namespace davy::sigma::internal {
namespace {

bool part_fits(const std::string& filter, const std::string& rule) {
  return filter.empty() || equals_ignore_case(filter, rule);
}

bool applies(const Filter& filter, const Rule& rule) {
  if (!part_fits(filter.info.category, rule.info.category) ||
      !part_fits(filter.info.product, rule.info.product) ||
      !part_fits(filter.info.service, rule.info.service)) {
    return false;
  }
  return filter.rules.empty() ||
         std::any_of(filter.rules.begin(), filter.rules.end(), [&](const std::string& name) {
           return name == rule.info.id || (!rule.info.name.empty() && name == rule.info.name);
         });
}

void shift(Condition& condition, uint32_t offset) {
  if (condition.op == Condition::Op::kSelection) condition.selection += offset;
  for (Condition& child : condition.children)
    shift(child, offset);
}

void apply(const Filter& filter, Rule& rule) {
  Condition added = filter.condition;
  shift(added, static_cast<uint32_t>(rule.selections.size()));
  Condition both{Condition::Op::kAnd, {}, 0};
  both.children.push_back(std::move(rule.condition));
  both.children.push_back(std::move(added));
  rule.condition = std::move(both);
  for (Selection selection : filter.selections) {
    selection.name = fmt::format("{} / {}", filter.info.title, selection.name);
    rule.selections.push_back(std::move(selection));
  }
  rule.condition_texts.insert(rule.condition_texts.end(), filter.condition_texts.begin(),
                              filter.condition_texts.end());
}

/// The rules a filter names; nothing for any rule.
std::vector<std::string> read_targets(Reader& reader, const YamlNode& filter) {
  const YamlNode& rules = filter["rules"];
  std::vector<std::string> names;
  if (!rules) {
    reader.refuse("DVY-R020", filter, "the filter does not say which rules it is for",
                  "list their ids under 'rules', or write 'rules: any'");
    return names;
  }
  if (rules.is_scalar()) names.push_back(rules.text());
  for (const YamlNode& rule : rules.items()) {
    if (rule.is_scalar()) names.push_back(rule.text());
  }
  if (std::find(names.begin(), names.end(), "any") != names.end()) names.clear();
  return names;
}

}  // namespace

Filter read_filter(Reader& reader, const YamlNode& document, RuleInfo info) {
  Filter filter;
  filter.info = std::move(info);
  const YamlNode& body = document["filter"];
  if (!body.is_map()) {
    reader.refuse("DVY-R020", body, "'filter' has to be a map");
    return filter;
  }
  filter.rules = read_targets(reader, body);
  filter.selections = read_selections(reader, body, {"rules", "condition"});
  filter.condition = read_conditions(reader, body, filter.selections, filter.condition_texts);
  if (!reader.refused() && !negates(filter.condition)) {
    reader.warn("DVY-R022", body,
                "the filter keeps only what its condition selects, it does not leave it out",
                "to leave out what is selected write 'condition: not …'");
  }
  return filter;
}

void apply_filters(const std::vector<Filter>& filters, std::vector<Rule>& rules,
                   Diagnostics& diagnostics) {
  for (const Filter& filter : filters) {
    bool used = false;
    for (Rule& rule : rules) {
      if (!applies(filter, rule)) continue;
      apply(filter, rule);
      used = true;
    }
    if (used) continue;
    diagnostics.push_back({"DVY-R021", Severity::kWarning, filter.info.file, filter.info.line, 0,
                           fmt::format("the filter '{}' applies to none of the loaded rules",
                                       printable(filter.info.title, 80)),
                           "it needs the rule's id or name and a logsource equal to or wider than "
                           "the rule's"});
  }
}

}  // namespace davy::sigma::internal
