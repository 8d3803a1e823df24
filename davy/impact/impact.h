// SPDX-License-Identifier: Apache-2.0
// What an incident costs and how long it lasted, as figures with their basis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "davy/base/time.h"

namespace davy::impact {

/// Money and time. Every figure says how it was computed (`basis`); USD at list price.
struct Impact {
  double cost_so_far_usd = 0;
  double burn_usd_per_hour = 0;
  double projected_month_usd = 0;     ///< to the end of the calendar month of last activity
  double miner_take_usd_per_day = 0;  ///< estimate, +-40 %
  uint32_t resources_launched = 0;    ///< instances or tasks seen launched
  uint32_t resources_requested = 0;   ///< asked for, denied attempts included
  double resource_hours = 0;
  DurationNs dwell = 0;           ///< first malicious activity to last
  DurationNs time_to_detect = 0;  ///< first malicious activity to first detection
  uint64_t egress_unexplained_bytes = 0;
  std::vector<std::string> basis;  ///< one sentence per figure or assumption
  uint32_t regions_launched = 0;   ///< regions in which something was launched
};

}  // namespace davy::impact
