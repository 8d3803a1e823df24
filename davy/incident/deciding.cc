// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/deciding.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "davy/detect/rule_matches.h"

namespace davy::incident {
namespace {

using detect::Detection;
using event::Entity;
using event::EntityType;
using summary::Countermeasure;

using ActorNames = std::set<std::string_view>;

/// Keys, sessions, users and root: a role is worn by intruder and responder alike.
void add_actors(const Detection& detection, ActorNames& names) {
  for (const Entity& entity : detection.entities) {
    const bool actor =
        entity.type == EntityType::kAccessKey || entity.type == EntityType::kSession ||
        (entity.type == EntityType::kPrincipal && entity.id.find(":role/") == std::string::npos);
    if (actor) names.insert(entity.id);
  }
}

bool is_by_one_of(const Countermeasure& measure, const ActorNames& names) {
  return names.contains(measure.actor_key) || names.contains(measure.actor);
}

/// True when the match names somebody who was at work against the intrusion just then. By time, not
/// by record: of many calls a detection keeps the earliest only.
bool is_answer(const Detection& match, const ActorNames& known,
               std::span<const Countermeasure> measures) {
  ActorNames named;
  add_actors(match, named);
  return std::any_of(measures.begin(), measures.end(), [&](const Countermeasure& measure) {
    return !measure.reverses && match.time <= measure.time && measure.time <= match.end_time &&
           is_by_one_of(measure, named) && !is_by_one_of(measure, known);
  });
}

}  // namespace

std::vector<const Detection*> deciding_of(DetectionList detections,
                                          std::span<const Countermeasure> measures) {
  ActorNames known;
  for (const Detection* detection : detections) {
    if (!detection->foreign) add_actors(*detection, known);
  }
  std::vector<const Detection*> deciding;
  for (const Detection* detection : detections) {
    const bool beside = detection->foreign && (detect::is_foreign_context(*detection) ||
                                               is_answer(*detection, known, measures));
    if (!beside) deciding.push_back(detection);
  }
  // Where there is nothing else, they say what they can.
  if (deciding.empty()) deciding.assign(detections.begin(), detections.end());
  return deciding;
}

}  // namespace davy::incident
