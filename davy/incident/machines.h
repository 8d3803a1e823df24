// SPDX-License-Identifier: Apache-2.0
// The machines of an incident and how they were launched: from detections and launch records.
#pragma once

#include <span>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/impact/machine.h"
#include "davy/incident/incident.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

/// Machines named by a telling detection, or launched by the key of a launch that is one; by id.
std::vector<impact::Machine> machines_of(std::span<const detect::Detection* const> detections,
                                         const summary::EntityLinks& links, Time first_activity);

/// When and where machines were launched for the incident, or asked for when none is known by id.
Launches launches_of(std::span<const detect::Detection* const> detections,
                     const std::vector<impact::Machine>& machines);

}  // namespace davy::incident
