// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a correlation document, and the collector its parsers share. Internal to
// davy/sigma. Each problem has one row (code, severity) in correlation_problem.cc and one in
// docs/diagnostics-correlation.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/diagnostic.h"
#include "davy/base/text_place.h"

namespace davy::sigma {

enum class CorrelationProblem : uint8_t {
  kShape,
  kType,
  kRules,
  kRuleTwice,
  kTimespan,
  kConditionMissing,
  kConditionShape,
  kOperator,
  kThreshold,
  kNeverHolds,
  kField,
  kFieldUnused,
  kGroupBy,
  kAlias,
  kAliasUnused,
  kPercentile,
  kGenerate,
  kExpression,
  kExpressionRules,
  kUnknownKey,
  kReference,
  kLimit,
};

/// Collects the findings of one document.
class CorrelationProblems {
 public:
  CorrelationProblems(std::string file, Diagnostics& out) : file_(std::move(file)), out_(out) {}

  /// `line` counts from 1; 0 when the place is not known.
  void add(CorrelationProblem problem, TextPlace at, std::string message, std::string hint = "");

  /// The first error's message; empty when there was none.
  const std::string& first_error() const { return first_error_; }
  size_t errors() const { return errors_; }

 private:
  std::string file_;
  Diagnostics& out_;
  std::string first_error_;
  size_t errors_ = 0;
};

/// "did you mean 'x'?" for the candidate nearest to `word`, else "one of: …".
std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace davy::sigma
