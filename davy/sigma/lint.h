// SPDX-License-Identifier: Apache-2.0
// What a rule that loads well still lacks for those who read, share and tune it: identity, level,
// status, tags, description. Codes DVY-R1xx are listed in docs/diagnostics-lint.md; each has one
// row in lint.cc.
#pragma once

#include <span>

#include "davy/base/diagnostic.h"
#include "davy/sigma/key_places.h"
#include "davy/sigma/rule_set.h"

namespace davy::sigma {

struct CorrelationRule;

/// In rule order, then code order.
Diagnostics lint(const RuleSet& rules);

/// The same over parts: `infos` of all rules, where their keys stand (none: the rule's own line is
/// told), `correlations` of those that are some.
Diagnostics lint(std::span<const RuleInfo> infos, std::span<const KeyPlaces> places,
                 std::span<const CorrelationRule> correlations);

}  // namespace davy::sigma
