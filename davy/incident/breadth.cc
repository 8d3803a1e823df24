// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/breadth.h"

#include "davy/detect/instances_of.h"
#include "davy/incident/join_keys.h"
#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using event::EntityType;

/// Kinds of names where no instance is known, the one that splits a machine least first: an
/// interface has many addresses, some of other machines behind it. Containers and pods are left
/// out: one machine makes as many as it likes, and one job restarts its pods all day.
constexpr EntityType kMachineNames[] = {EntityType::kHost, EntityType::kTask, EntityType::kFunction,
                                        EntityType::kInterface, EntityType::kAddress};

/// False for evidence that is about calls and money.
bool is_about_machines(detect::Signal signal) {
  switch (signal) {
    case detect::Signal::kCompute:
    case detect::Signal::kNetwork:
    case detect::Signal::kProcess:
    case detect::Signal::kHost:
    case detect::Signal::kManaged: return true;
    default: return false;
  }
}

}  // namespace

std::vector<std::string> machines_shown(const detect::Detection& detection,
                                        const summary::EntityLinks& links) {
  if (!is_about_machines(detection.signal) || !identifies_mining(detection)) return {};
  std::vector<std::string> machines = detect::instances_of(detection, links);
  for (const EntityType type : kMachineNames) {
    if (!machines.empty()) break;
    machines = ids(detection.entities, type);
  }
  return machines;
}

}  // namespace davy::incident
