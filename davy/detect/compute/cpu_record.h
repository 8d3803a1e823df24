// SPDX-License-Identifier: Apache-2.0
// The record-ratio baseline: is this sample further from the usual than anything remembered?
//
// Problem. A z-score divides by a scale that goes to zero on a quiet host, and everything alarms.
//
// Idea. Three residuals, each divided by its own decaying record:
//   1. distance outside [min, max] of the same half hours of day (±30 min) 1, 2 and 7 days ago, the
//      nearest day counting;
//   2. |mean of the last 6 - median of the last 288|;
//   3. standard deviation of the last 24, at 0.9.
// score = the largest ratio; from 1.2 on the sample breaks the record. A record fades with a
// half-life of 2,800 samples (10 days). While an alarm is open a record grows to at most 1.5 times
// what it was, so that an attack cannot teach the baseline.
//
// Worked example. The largest residual so far was 12 points, two days ago (remembered as 10.4);
// 41 points above the envelope scores 3.9.
#pragma once

#include <span>
#include <vector>

#include "davy/detect/compute/cpu_series.h"

namespace davy::detect {

inline constexpr double kRecordAlarm = 1.2;

/// One score per sample; 0 while there is nothing to compare with. `samples` ascend by slot.
std::vector<double> record_scores(std::span<const CpuSample> samples);

/// Consecutive alarms, gaps of up to an hour included.
struct RecordAlarm {
  size_t first = 0;  ///< index of the first alarmed sample
  size_t last = 0;
  size_t peak = 0;  ///< index of the highest score
  double score = 0;
};
std::vector<RecordAlarm> record_alarms(std::span<const CpuSample> samples,
                                       std::span<const double> scores);

}  // namespace davy::detect
