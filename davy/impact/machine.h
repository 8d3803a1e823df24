// SPDX-License-Identifier: Apache-2.0
// One machine of an incident: where it came from and whether it still runs. What the logs do not
// establish stays unknown; no price and no silence decides that a machine has ended.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/time.h"
#include "davy/summary/entity_links.h"

namespace davy::impact {

enum class RunState : uint8_t {
  kUnknown,  ///< no record says; somebody has to look
  kRunning,  ///< launched or at work shortly before the logs end, and no record ends it
  kEnded,    ///< a record of its termination or of its last stop
};
std::string_view run_state_name(RunState state);  ///< "unknown", "running", "ended"

/// A time in which a machine was switched on, as one type.
struct PoweredOn {
  Time begin;  ///< not known: since before the logs begin
  Time end;    ///< not known: still on, as far as records of its power say
  std::string type;
};

struct Machine {
  std::string id;
  std::string type;  ///< instance type, the latest; empty when no record names it
  std::string region;
  Time launched;       ///< not known when no launch is in the logs
  Time last_seen;      ///< last trace of its own work (flow, query, process, load)
  Time last_reported;  ///< latest activity on it that a provider's finding tells of
  Time ended;          ///< known exactly when `state` is kEnded
  RunState state = RunState::kUnknown;
  bool launched_for_it = false;  ///< launched in the course of the incident; else it was hijacked
  std::vector<PoweredOn> powered_on;  ///< in time order, never empty
};

/// `last_seen`: see Machine. `as_of`: the last event of the logs.
Machine machine_of(const summary::InstanceFact& fact, Time last_seen, Time as_of);

}  // namespace davy::impact
