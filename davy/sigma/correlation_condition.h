// SPDX-License-Identifier: Apache-2.0
// The `condition` of a correlation: a map of operators, or a boolean expression over rule names.
// Internal to davy/sigma; parse_correlation() calls it once type and rules are read.
#pragma once

#include <string_view>

#include "davy/sigma/correlation_problem.h"
#include "davy/sigma/correlation_rule.h"

namespace davy::sigma {

/// Fills bounds, fields and percentile, or the expression (and `rules` when there are none yet).
/// `condition` may be absent, which temporal types allow; `line` is that of the correlation.
void parse_condition(const YamlNode& condition, int line, CorrelationRule& rule,
                     CorrelationProblems& problems);

/// Parses "a and (b or not c)" into postfix steps over rule.rules.
void parse_expression(std::string_view text, int line, CorrelationRule& rule,
                      CorrelationProblems& problems);

}  // namespace davy::sigma
