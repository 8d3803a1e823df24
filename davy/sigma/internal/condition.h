// SPDX-License-Identifier: Apache-2.0
// The condition language: identifiers, not, and, or, parentheses, `1 of x*`, `all of them`.
// Quantifiers are spelled out here, so what comes out mentions selections only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "davy/base/result.h"
#include "davy/sigma/internal/rule.h"

namespace davy::sigma::internal {

inline constexpr size_t kMaxConditionLength = 64 * 1024;
inline constexpr int kMaxConditionDepth = 64;

/// Reads `text` against the selection names of its rule. `them`, and patterns that do not begin
/// with `_`, leave out names that do.
Result<Condition> parse_condition(std::string_view text, const std::vector<std::string>& names);

/// True when a `not` is somewhere in the condition.
bool negates(const Condition& condition);

}  // namespace davy::sigma::internal
