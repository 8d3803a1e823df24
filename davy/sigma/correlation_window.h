// SPDX-License-Identifier: Apache-2.0
// When a correlation holds over the finished, sorted matches of one group. Internal to davy/sigma.
//
// The windows considered are those that end with a match at time t: all matches in [t - timespan,
// t], both ends included, so that nothing depends on calendar boundaries.
//   - Conditions that more matches can only fulfil (gt and gte of event_count, value_count,
//   value_sum
//     and the temporal types; all rules; boolean conditions without `not`) are judged at every end.
//   - All others (lt, lte, eq, neq, ranges, averages, percentiles, `not`) are judged only on
//   maximal
//     windows: those no later match can be added to without losing their first match. That is what
//     a stream would decide when the window's timer ends. A window without any match is not judged,
//     so absence alone is never reported.
// Windows that hold are joined while the next begins at most one timespan after the last one ended.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "davy/base/time.h"
#include "davy/sigma/correlation_rule.h"

namespace davy::sigma {

/// A match, with record and value numbered densely from 0.
struct Occurrence {
  Time time;
  uint32_t record = 0;
  uint32_t value = 0;  ///< for value_count
  double number = 0;   ///< for the numeric types
  uint16_t member = 0;
};

struct HeldSpan {
  Time first;  ///< of the first window's matches
  Time last;
  double value = 0;        ///< the measure where it is farthest beyond the condition
  std::vector<Time> ends;  ///< of every window that held
};

/// `run` is in time order.
std::vector<HeldSpan> held_spans(const CorrelationRule& rule, std::span<const Occurrence> run);

/// True when the condition is judged on maximal windows only.
bool judges_maximal_windows(const CorrelationRule& rule);

bool holds(const std::vector<Bound>& bounds, double value);

}  // namespace davy::sigma
