// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation.h"
#include "davy/sigma/correlation_rule.h"

namespace davy::sigma {

CorrelationState::CorrelationState(const RuleSet& rules)
    : CorrelationState(correlation_rules(rules), first_correlation(rules)) {}

}  // namespace davy::sigma
