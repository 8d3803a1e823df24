// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation_window.h"

#include <algorithm>

#include "davy/sigma/correlation_measure.h"

namespace davy::sigma {
namespace {

/// From `a` to a later `b`, without overflow however far apart they are.
uint64_t elapsed(Time a, Time b) {
  return static_cast<uint64_t>(b.ns) - static_cast<uint64_t>(a.ns);
}

bool only_upper_bounds(const std::vector<Bound>& bounds) {
  return !bounds.empty() && std::all_of(bounds.begin(), bounds.end(), [](const Bound& b) {
    return b.op == Comparison::kLt || b.op == Comparison::kLte;
  });
}

bool compare(double value, const Bound& bound) {
  switch (bound.op) {
    case Comparison::kGt: return value > bound.number;
    case Comparison::kGte: return value >= bound.number;
    case Comparison::kLt: return value < bound.number;
    case Comparison::kLte: return value <= bound.number;
    case Comparison::kEq: return value == bound.number;
    case Comparison::kNeq: return value != bound.number;
  }
  return false;
}

}  // namespace

bool holds(const std::vector<Bound>& bounds, double value) {
  return std::all_of(bounds.begin(), bounds.end(),
                     [value](const Bound& bound) { return compare(value, bound); });
}

bool judges_maximal_windows(const CorrelationRule& rule) {
  if (reads_numbers(rule.type) && rule.type != CorrelationType::kValueSum) return true;
  const bool negated = std::any_of(
      rule.expression.begin(), rule.expression.end(),
      [](const ExpressionStep& step) { return step.kind == ExpressionStep::Kind::kNot; });
  return negated || std::any_of(rule.bounds.begin(), rule.bounds.end(), [](const Bound& b) {
           return b.op != Comparison::kGt && b.op != Comparison::kGte;
         });
}

std::vector<HeldSpan> held_spans(const CorrelationRule& rule, std::span<const Occurrence> run) {
  std::vector<HeldSpan> spans;
  const auto timespan = static_cast<uint64_t>(rule.timespan);
  const bool maximal_only = judges_maximal_windows(rule);
  const bool low_is_extreme = only_upper_bounds(rule.bounds);
  const std::unique_ptr<Measure> measure = make_measure(rule, run);

  size_t first = 0;  // of the window
  for (size_t next = 0; next < run.size();) {
    const Time end = run[next].time;
    while (next < run.size() && run[next].time == end)
      measure->enter(next++);
    while (elapsed(run[first].time, end) > timespan)
      measure->leave(first++);

    const bool grows_on = next < run.size() && elapsed(run[first].time, run[next].time) <= timespan;
    if ((maximal_only && grows_on) || !measure->holds()) continue;

    const double value = measure->value();
    const Time begin = run[first].time;
    if (spans.empty() ||
        (begin > spans.back().last && elapsed(spans.back().last, begin) > timespan)) {
      spans.push_back({begin, end, value, {end}});
      continue;
    }
    HeldSpan& span = spans.back();
    span.last = end;
    span.value = low_is_extreme ? std::min(span.value, value) : std::max(span.value, value);
    span.ends.push_back(end);
  }
  return spans;
}

}  // namespace davy::sigma
