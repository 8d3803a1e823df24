// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/machine.h"

#include <algorithm>

namespace davy::impact {
namespace {

/// Flow windows and metric periods reach past the call that ended the machine. Work later than this
/// shows that it was started again.
constexpr DurationNs kAfterglow = 15 * kMinute;

/// Who saw the launch reads the log that would hold the end: a day of silence there means "runs".
constexpr DurationNs kLaunchHolds = kDay;

/// Without a launch record only the machine's own work near the end of the logs says that it runs.
constexpr DurationNs kWorkHolds = kHour;

Time end_of(const summary::InstanceFact& fact, Time last_seen) {
  Time end = fact.ended;
  const bool stays_stopped = fact.stopped.known() && fact.stopped > fact.started;
  if (!end.known() && stays_stopped) end = fact.stopped;
  return end.known() && last_seen > end + kAfterglow ? Time{} : end;
}

bool runs(const Machine& machine, Time as_of) {
  if (machine.last_seen.known() && as_of - machine.last_seen <= kWorkHolds) return true;
  return machine.launched.known() &&
         as_of - std::max(machine.launched, machine.last_seen) <= kLaunchHolds;
}

}  // namespace

std::string_view run_state_name(RunState state) {
  constexpr std::string_view kNames[] = {"unknown", "running", "ended"};
  return kNames[static_cast<size_t>(state)];
}

Machine machine_of(const summary::InstanceFact& fact, Time last_seen, Time as_of) {
  Machine machine;
  machine.id = fact.id;
  machine.type = fact.type;
  machine.region = fact.region;
  machine.launched = fact.launched;
  machine.last_seen = last_seen;
  machine.ended = end_of(fact, last_seen);
  machine.state = machine.ended.known()  ? RunState::kEnded
                  : runs(machine, as_of) ? RunState::kRunning
                                         : RunState::kUnknown;
  return machine;
}

}  // namespace davy::impact
