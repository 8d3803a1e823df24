// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/sigma/correlation_problem.h"
#include "davy/sigma/correlation_rule.h"

namespace davy::sigma {

bool resolve_references(CorrelationRule& rule,
                        const std::function<std::optional<RuleIndex>(std::string_view)>& find,
                        Diagnostics& diagnostics) {
  CorrelationProblems problems(rule.info.file, diagnostics);
  rule.members.clear();
  for (const std::string& name : rule.rules) {
    rule.members.push_back(find(name).value_or(kNoRule));
    if (rule.members.back() == kNoRule) {
      problems.add(CorrelationProblem::kReference, {rule.info.line, 1},
                   fmt::format("there is no rule named '{}'", printable(name, 100)),
                   "a rule is referred to by its 'name' or 'id', and has to be loaded too");
    }
  }
  for (FieldAlias& alias : rule.aliases) {
    const auto listed = std::find(rule.rules.begin(), rule.rules.end(), alias.rule);
    alias.member = listed != rule.rules.end()
                       ? rule.members[static_cast<size_t>(listed - rule.rules.begin())]
                       : find(alias.rule).value_or(kNoRule);
    if (std::find(rule.members.begin(), rule.members.end(), alias.member) == rule.members.end() ||
        alias.member == kNoRule) {
      problems.add(CorrelationProblem::kAliasUnused, {rule.info.line, 1},
                   fmt::format("alias '{}' names rule '{}', which is not correlated here",
                               printable(alias.alias, 60), printable(alias.rule, 100)));
    }
  }
  return problems.errors() == 0;
}

std::vector<size_t> chain_order(std::span<const CorrelationRule> rules, RuleIndex first) {
  // Repeatedly takes those whose inner correlations are all taken (Kahn); a cycle is never free.
  std::vector<std::vector<size_t>> outer(rules.size());
  std::vector<size_t> waiting(rules.size(), 0);
  for (size_t i = 0; i < rules.size(); ++i) {
    for (const RuleIndex member : rules[i].members) {
      if (member == kNoRule || member < first || member - first >= rules.size()) continue;
      outer[member - first].push_back(i);
      ++waiting[i];
    }
  }
  std::vector<size_t> order;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (waiting[i] == 0) order.push_back(i);
  }
  for (size_t next = 0; next < order.size(); ++next) {
    for (const size_t i : outer[order[next]]) {
      if (--waiting[i] == 0) order.push_back(i);
    }
  }
  return order;
}

std::string_view field_for_member(const CorrelationRule& rule, size_t member,
                                  std::string_view name) {
  for (const FieldAlias& alias : rule.aliases) {
    if (alias.alias != name) continue;
    const bool resolved = alias.member != kNoRule && member < rule.members.size();
    if (resolved ? alias.member == rule.members[member] : alias.rule == rule.rules[member]) {
      return alias.field;
    }
  }
  return name;
}

std::vector<std::string> fields_read(const CorrelationRule& rule) {
  std::set<std::string> fields;
  for (size_t member = 0; member < rule.rules.size(); ++member) {
    for (const auto* names : {&rule.group_by, &rule.fields}) {
      for (const std::string& name : *names)
        fields.emplace(field_for_member(rule, member, name));
    }
  }
  return {fields.begin(), fields.end()};
}

}  // namespace davy::sigma
