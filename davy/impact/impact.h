// SPDX-License-Identifier: Apache-2.0
// What an incident costs and how long it lasted, as figures with their basis. A figure that the
// evidence does not carry is absent, never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "davy/base/time.h"

namespace davy::impact {

/// Money and time. Every figure says how it was computed (`basis`); USD at on-demand list price.
/// The bill is that of machines launched for the incident. A hijacked machine would have cost its
/// owner the same without it: its hours are told apart, as machine time abused.
struct Impact {
  std::optional<double> cost_so_far_usd;      ///< to the end, or to the last trace, of each machine
  std::optional<double> burn_usd_per_hour;    ///< of those that run; 0: all have ended
  std::optional<double> projected_month_usd;  ///< to the end of the calendar month; only while
                                              ///< something is known to run
  std::optional<double> miner_take_usd_per_day;  ///< estimate, +-40 %
  uint64_t resources_launched = 0;               ///< instances seen launched
  uint64_t resources_requested = 0;              ///< asked for, denied attempts included
  double resource_hours = 0;                     ///< of the machines launched for the incident
  DurationNs dwell = 0;                          ///< first malicious activity to last
  std::optional<DurationNs> time_to_detect;      ///< first malicious activity to the first finding
  uint64_t egress_unexplained_bytes = 0;
  std::vector<std::string> basis;   ///< one sentence per figure or assumption
  uint32_t regions_launched = 0;    ///< regions in which something was launched
  uint64_t resources_accepted = 0;  ///< units of services, groups and fleets whose machines no
                                    ///< record names
  uint64_t resources_refused = 0;   ///< of those asked for
  std::string launched_types = {};  ///< "200 x p3.2xlarge (GPU)"; of what was accepted too
  std::string cost_terms = {};      ///< how the cost so far comes about: hours x price
  std::optional<double> cost_if_running_usd = {};  ///< so far, if what may still run does run
  double abused_hours = 0;  ///< hours hijacked machines worked for the intruder
  std::optional<double> abused_usd_per_hour = {};  ///< what such an hour of all of them is worth
  std::optional<DurationNs> time_to_detectable =
      {};  ///< first malicious activity to `detectable_at`
};

}  // namespace davy::impact
