// SPDX-License-Identifier: Apache-2.0
// CloudWatch series and the files they come in: GetMetricData answers with their queries, and a
// metric stream's JSON lines for production's smaller regions.
#pragma once

#include <functional>
#include <string>

#include "davy/simulate/world.h"

namespace davy::simulate {

/// Value in hundredths at a time.
using Level = std::function<int64_t(Time, Rng&)>;

/// Five-minute averages of CPUUtilization from `first` to `last`; clamped to 0-100 %.
void add_cpu(World& world, Rng& rng, const Machine& machine, Time first, Time last,
             const Level& level);

/// Five-minute sums of NetworkOut, bytes.
void add_network_out(World& world, Rng& rng, const Machine& machine, Time first, Time last,
                     const Level& bytes_hundredths);

/// Everyday load: a base, more in New York's working hours, noise. Percent.
Level office_hours_level(int base, int by_day);

/// The world's series as documents.
void write_metric_documents(World& world);

}  // namespace davy::simulate
