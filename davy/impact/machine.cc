// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/machine.h"

#include <algorithm>

namespace davy::impact {
namespace {

using summary::PowerChange;

/// Flow windows and metric periods reach past the call that ended the machine. Work later than this
/// shows that it was started again.
constexpr DurationNs kAfterglow = 15 * kMinute;

/// Who saw the launch reads the log that would hold the end: a day of silence there means "runs".
constexpr DurationNs kLaunchHolds = kDay;

/// Without a launch record only the machine's own work near the end of the logs says that it runs.
constexpr DurationNs kWorkHolds = kHour;

/// A moment that work seen later disproves is no end.
bool stands(Time end, Time last_seen) {
  return end.known() && last_seen <= end + kAfterglow;
}

bool started_after(const std::vector<PowerChange>& changes, const PowerChange& stop) {
  return std::any_of(changes.begin(), changes.end(), [&](const PowerChange& change) {
    return change > stop && change.what == PowerChange::What::kStarted;
  });
}

/// The stops, starts and changes of type, as times in which it was on. A machine whose first record
/// is a start was off before, unless its launch is on record.
std::vector<PoweredOn> powered_on(const summary::InstanceFact& fact, Time last_seen) {
  const auto& changes = fact.power.changes();
  std::string type = fact.launch_type.empty() ? fact.type : fact.launch_type;
  std::vector<PoweredOn> times;
  bool on = fact.launched.known() || changes.empty() ||
            changes.front().what != PowerChange::What::kStarted;
  if (on) times.push_back({fact.launched, {}, type});
  for (const PowerChange& change : changes) {
    switch (change.what) {
      case PowerChange::What::kStopped:
        if (on && (started_after(changes, change) || stands(change.time, last_seen))) {
          times.back().end = change.time;
          on = false;
        }
        break;
      case PowerChange::What::kResized:
        type = change.type;
        if (!on) break;
        times.back().end = change.time;
        times.push_back({change.time, {}, type});
        break;
      case PowerChange::What::kStarted:
        if (!on) times.push_back({change.time, {}, type});
        on = true;
        break;
    }
  }
  return times;
}

Time end_of(const summary::InstanceFact& fact, const std::vector<PoweredOn>& times,
            Time last_seen) {
  if (fact.ended.known()) return stands(fact.ended, last_seen) ? fact.ended : Time{};
  return times.back().end;
}

bool runs(const Machine& machine, Time as_of) {
  if (machine.last_seen.known() && as_of - machine.last_seen <= kWorkHolds) return true;
  const Time switched_on = std::max(machine.launched, machine.powered_on.back().begin);
  return switched_on.known() && as_of - std::max(switched_on, machine.last_seen) <= kLaunchHolds;
}

}  // namespace

std::string_view run_state_name(RunState state) {
  constexpr std::string_view kNames[] = {"unknown", "running", "ended"};
  return kNames[static_cast<size_t>(state)];
}

Machine machine_of(const summary::InstanceFact& fact, Time last_seen, Time as_of) {
  Machine machine;
  machine.id = fact.id;
  machine.region = fact.region;
  machine.launched = fact.launched;
  machine.last_seen = last_seen;
  machine.powered_on = powered_on(fact, last_seen);
  machine.type = machine.powered_on.back().type;
  machine.ended = end_of(fact, machine.powered_on, last_seen);
  machine.state = machine.ended.known()  ? RunState::kEnded
                  : runs(machine, as_of) ? RunState::kRunning
                                         : RunState::kUnknown;
  return machine;
}

}  // namespace davy::impact
