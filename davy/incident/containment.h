// SPDX-License-Identifier: Apache-2.0
// What was already done against an incident, told from the logs: which countermeasures of other
// people hit its machines, credentials, trails and doors.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "davy/incident/incident.h"
#include "davy/summary/countermeasures.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

/// When each access key was last used by its holder, as far as detections show.
using LastUses = std::map<std::string, Time, std::less<>>;
LastUses last_uses_of(std::span<const detect::Detection* const> detections,
                      const summary::EntityLinks& links);

/// The measures against the incident by anybody but its own credentials, from its first activity
/// on; one step per measure and actor. What a later call of anybody reversed, or what was used
/// again, is in the step's `undone`. Reads entities, scope and first_activity.
std::vector<ContainmentStep> containment_of(const Incident& incident,
                                            std::span<const summary::Countermeasure> measures,
                                            const LastUses& last_uses = {});

/// Key pairs that the incident's own credentials created or imported, sorted. Those that its
/// launches merely name belong to somebody.
std::vector<std::string> made_key_pairs_of(const Incident& incident,
                                           std::span<const summary::Countermeasure> measures);

/// True when a step of this measure reached the object and was not undone.
bool was_done(const Incident& incident, summary::Measure measure, std::string_view object);

/// True when the key was switched off, deleted, or its user quarantined or deleted.
bool is_disabled(const Incident& incident, std::string_view access_key, std::string_view principal);

/// True when a step against the key was undone, and none stands.
bool is_open_again(const Incident& incident, std::string_view access_key,
                   std::string_view principal);

/// When the last machine, service, group or fleet of the incident was ended; unknown when one was
/// not, or when there is none.
Time contained_at(const Incident& incident);

}  // namespace davy::incident
