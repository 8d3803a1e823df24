// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "davy/sigma/internal/rule_set_rep.h"
#include "davy/sigma/lint.h"

namespace davy::sigma {

Diagnostics lint(const RuleSet& rules) {
  std::vector<RuleInfo> infos;
  std::vector<KeyPlaces> places;
  const auto add = [&](const auto& rule) {
    infos.push_back(rule.info);
    places.push_back(rule.places);
  };
  for (const internal::Rule& rule : rules.rep().rules)
    add(rule);
  for (const CorrelationRule& rule : rules.rep().correlations)
    add(rule);
  return lint(infos, places, rules.rep().correlations);
}

}  // namespace davy::sigma
