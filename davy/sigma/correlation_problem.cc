// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation_problem.h"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace davy::sigma {
namespace {

struct Row {
  std::string_view code;
  Severity severity;
};

// In the order of CorrelationProblem. Warnings leave the correlation usable.
constexpr std::array kRows = {
    Row{"DVY-R201", Severity::kError},    // kShape
    Row{"DVY-R202", Severity::kError},    // kType
    Row{"DVY-R203", Severity::kError},    // kRules
    Row{"DVY-R204", Severity::kWarning},  // kRuleTwice
    Row{"DVY-R205", Severity::kError},    // kTimespan
    Row{"DVY-R206", Severity::kError},    // kConditionMissing
    Row{"DVY-R207", Severity::kError},    // kConditionShape
    Row{"DVY-R208", Severity::kError},    // kOperator
    Row{"DVY-R209", Severity::kError},    // kThreshold
    Row{"DVY-R210", Severity::kError},    // kNeverHolds
    Row{"DVY-R211", Severity::kError},    // kField
    Row{"DVY-R212", Severity::kWarning},  // kFieldUnused
    Row{"DVY-R213", Severity::kError},    // kGroupBy
    Row{"DVY-R214", Severity::kError},    // kAlias
    Row{"DVY-R215", Severity::kWarning},  // kAliasUnused
    Row{"DVY-R216", Severity::kError},    // kPercentile
    Row{"DVY-R217", Severity::kError},    // kGenerate
    Row{"DVY-R218", Severity::kError},    // kExpression
    Row{"DVY-R219", Severity::kError},    // kExpressionRules
    Row{"DVY-R220", Severity::kWarning},  // kUnknownKey
    Row{"DVY-R221", Severity::kError},    // kReference
    Row{"DVY-R222", Severity::kError},    // kLimit
};
static_assert(kRows.size() == static_cast<size_t>(CorrelationProblem::kLimit) + 1);

}  // namespace

void CorrelationProblems::add(CorrelationProblem problem, TextPlace at, std::string message,
                              std::string hint) {
  const Row& row = kRows[static_cast<size_t>(problem)];
  if (row.severity == Severity::kError && errors_++ == 0) first_error_ = message;
  out_.push_back({std::string(row.code), row.severity, file_, at.line, at.column,
                  std::move(message), std::move(hint)});
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view near = nearest_name(word, candidates);
  if (!near.empty()) return fmt::format("did you mean '{}'?", near);
  return fmt::format("one of: {}", fmt::join(candidates, ", "));
}

}  // namespace davy::sigma
