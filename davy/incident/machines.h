// SPDX-License-Identifier: Apache-2.0
// The machines of an incident, its services, groups and fleets, and how they were launched: from
// detections and launch records.
#pragma once

#include <span>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/impact/machine.h"
#include "davy/incident/incident.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

/// Services, groups and fleets raised by the key of a launch that is a telling detection.
std::vector<impact::Standing> standing_of(std::span<const detect::Detection* const> detections,
                                          const summary::EntityLinks& links,
                                          const impact::PriceTable& prices);

/// Machines named by a telling detection, launched by the key of a launch that is one, or for one
/// of `standing`; by id.
std::vector<impact::Machine> machines_of(std::span<const detect::Detection* const> detections,
                                         const summary::EntityLinks& links, Time first_activity,
                                         const std::vector<impact::Standing>& standing = {});

/// Takes machines that are counted by themselves, though no record says which group or fleet they
/// are of, out of those of the same account, region and service.
void discount(const std::vector<impact::Machine>& machines, const summary::EntityLinks& links,
              std::vector<impact::Standing>& standing);

/// When and where machines were launched for the incident, or asked for when none is known by id.
Launches launches_of(std::span<const detect::Detection* const> detections,
                     const std::vector<impact::Machine>& machines,
                     const std::vector<impact::Standing>& standing = {});

}  // namespace davy::incident
