// SPDX-License-Identifier: Apache-2.0
// The planted incidents. Each adds its telemetry and its truth (World::planted).
#pragma once

#include <string>
#include <string_view>

#include "davy/simulate/traffic.h"

namespace davy::simulate {

/// A development machine mined on by whoever stole a developer's SSH key. The clock times are those
/// of the SOC ticket (Eastern time), on the second day. The analyst ends the machine at 15:05.
void plant_workload(World& world);

/// An unused account's root key launches ten c5.4xlarge on a Sunday evening; nobody responds before
/// the recording ends.
void plant_root_key(World& world);

/// A leaked pipeline key launches 200 p3.2xlarge over eight regions in ten minutes from 14:12 on
/// the fourth day; responders act at 14:25-14:41 as in the published report.
void plant_mass_launch(World& world);

struct Pool {
  std::string_view name;
  std::string_view address;  ///< an example, not an indicator
  uint16_t port;
};

/// A miner's session: the name is resolved, then the connection stays open.
void add_pool_session(World& world, Rng& rng, const Machine& machine, const Pool& pool, Time first,
                      Time last);

}  // namespace davy::simulate
