// SPDX-License-Identifier: Apache-2.0
// What a RuleSet holds: the rule trees, then the correlations.
#pragma once

#include <vector>

#include "davy/sigma/correlation_rule.h"
#include "davy/sigma/internal/rule.h"
#include "davy/sigma/rule_set.h"

namespace davy::sigma {

struct RuleSet::Rep {
  std::vector<internal::Rule> rules;
  std::vector<CorrelationRule> correlations;
  std::vector<char> feeds_only;  ///< per RuleIndex: its own matches are not reported
};

}  // namespace davy::sigma
