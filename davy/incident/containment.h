// SPDX-License-Identifier: Apache-2.0
// What was already done against an incident, told from the logs: which countermeasures of other
// people hit its machines, credentials, trails and doors.
#pragma once

#include <span>

#include "davy/incident/incident.h"
#include "davy/summary/countermeasures.h"

namespace davy::incident {

/// The measures against the incident by anybody but its own credentials, from its first activity
/// on; one step per measure and actor. Reads entities, scope and first_activity.
std::vector<ContainmentStep> containment_of(const Incident& incident,
                                            std::span<const summary::Countermeasure> measures);

/// True when a step of this measure reached the object.
bool was_done(const Incident& incident, summary::Measure measure, std::string_view object);

/// True when the key was switched off, deleted, or its user quarantined or deleted.
bool is_disabled(const Incident& incident, std::string_view access_key, std::string_view principal);

/// When the last machine, service, group or fleet of the incident was ended; unknown when one was
/// not, or when there is none.
Time contained_at(const Incident& incident);

}  // namespace davy::incident
