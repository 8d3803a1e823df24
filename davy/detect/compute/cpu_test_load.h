// SPDX-License-Identifier: Apache-2.0
// Machines under load for tests: what they draw, minute by minute, as samples and as events.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "davy/detect/compute/cpu_series.h"

namespace davy::detect {

/// 2026-11-16T00:00:00Z, a Monday.
inline constexpr Time kMonday{1'794'787'200 * kSecond};

/// Percent, and how far the noise reaches each side (uniform).
struct Load {
  double level = 0;
  double reach = 0;
};
/// By hours since Monday's midnight.
using LoadAt = std::function<Load(double hour)>;

/// Five-minute samples of [from, to) hours; the same seed gives the same noise.
std::vector<CpuSample> draw(double from, double to, const LoadAt& load, unsigned seed = 1);

Load quiet(double hour);            ///< 24 % ± 5, more by day
Load idle(double hour);             ///< 3 % ± 2
Load training(double hour);         ///< flat 98 % from 01:00 to 06:30, else idle
Load builds(double hour);           ///< bursts of 40 min an hour, 13:00 to 23:00 on weekdays
Load busy_but_uneven(double hour);  ///< 60 % ± 30: batch work

/// `before` until `hour`, then a miner at `level` ± 1.2.
LoadAt then_mines(LoadAt before, double hour, double level);

struct Place {
  std::string instance = "i-0a";
  std::string account = "123456789012";
  std::string region = "us-east-1";
  std::string statistic = "Average";
  std::string name_space = "AWS/EC2";
  std::string metric = "CPUUtilization";
  std::string series;
  DurationNs period = kCpuSlot;
};

void observe(CpuSummary& summary, const Place& place, Time time, double percent,
             event::RecordRef ref = {});
void observe(CpuSummary& summary, const Place& place, const std::vector<CpuSample>& samples);

}  // namespace davy::detect
