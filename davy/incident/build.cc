// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/build.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "davy/impact/cost.h"
#include "davy/incident/advice.h"
#include "davy/incident/containment.h"
#include "davy/incident/deciding.h"
#include "davy/incident/foothold.h"
#include "davy/incident/identity.h"
#include "davy/incident/indicators.h"
#include "davy/incident/initial_access.h"
#include "davy/incident/join.h"
#include "davy/incident/machines.h"
#include "davy/incident/narrative.h"
#include "davy/incident/score.h"
#include "davy/incident/timeline.h"

namespace davy::incident {
namespace {

using detect::Detection;
using event::Entity;
using event::EntityType;

std::vector<std::string> ids_of_type(const std::vector<Entity>& entities, EntityType type) {
  std::vector<std::string> ids;
  for (const Entity& entity : entities) {
    if (entity.type == type) ids.push_back(entity.id);
  }
  return ids;
}

/// What can be isolated or ended; credentials and addresses are listed as entities.
bool is_resource(EntityType type) {
  switch (type) {
    case EntityType::kInstance:
    case EntityType::kHost:
    case EntityType::kCluster:
    case EntityType::kTask:
    case EntityType::kContainer:
    case EntityType::kPod:
    case EntityType::kService:
    case EntityType::kScalingGroup:
    case EntityType::kFleet:
    case EntityType::kNotebook:
    case EntityType::kJob:
    case EntityType::kEmrCluster:
    case EntityType::kFunction: return true;
    default: return false;
  }
}

/// How long before the first telling evidence an attacker is taken to have been at work: use of the
/// credential just before is his, last week's is its owner's.
constexpr DurationNs kPrelude = 2 * kHour;

/// Not known when no detection has a time.
Time first_activity(DetectionList detections) {
  Time first = kEndOfTime;
  for (const Detection* detection : detections) {
    if (is_trigger(*detection) && detection->time.known()) first = std::min(first, detection->time);
  }
  if (first == kEndOfTime) return {};
  Time prelude = first;
  for (const Detection* detection : detections) {
    const bool just_before = detection->time.known() && detection->time >= first - kPrelude;
    if (just_before) prelude = std::min(prelude, detection->time);
  }
  return prelude;
}

/// The moment the evidence known by then was worth `medium`; the last evidence when it never was.
Time detectable_at(std::vector<const Detection*> detections, const summary::EntityLinks& links) {
  std::sort(detections.begin(), detections.end(), [](const Detection* a, const Detection* b) {
    return std::tie(a->known_at, a->id) < std::tie(b->known_at, b->id);
  });
  // The score only grows with evidence, so the first prefix that crosses is found by halving.
  size_t low = 1;
  size_t high = detections.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const double score = score_of(std::span(detections).first(middle), links).score;
    if (severity_of(score) >= Severity::kMedium) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return detections[low - 1]->known_at;
}

/// The first finding of the provider: nobody is known to have been told before.
Time detected_at(DetectionList detections) {
  Time first;
  for (const Detection* detection : detections) {
    if (detection->signal != detect::Signal::kManaged || !detection->known_at.known()) continue;
    if (!first.known() || detection->known_at < first) first = detection->known_at;
  }
  return first;
}

std::optional<DurationNs> since(Time start, Time then) {
  if (!start.known() || !then.known()) return std::nullopt;
  return std::max<DurationNs>(0, then - start);
}

/// Credentials in files (ATT&CK): AWS itself found the key in public, and every hour counts.
bool is_leaked(const Incident& incident) {
  return std::find(incident.techniques.begin(), incident.techniques.end(), "T1552.001") !=
         incident.techniques.end();
}

std::string priority_of(const Incident& incident) {
  if (is_leaked(incident) && incident.severity >= Severity::kMedium) return "P1";
  const bool root = std::any_of(
      incident.entities.begin(), incident.entities.end(),
      [](const Entity& e) { return e.type == EntityType::kPrincipal && e.id.ends_with(":root"); });
  const bool raised = root || incident.scope.regions.size() >= 3 ||
                      incident.impact.burn_usd_per_hour.value_or(0) >= 50;
  int level = 4 - static_cast<int>(incident.severity);
  if (raised) --level;
  return fmt::format("P{}", std::clamp(level, 1, 4));
}

void add_entities(const impact::Machine& machine, const summary::EntityLinks& links,
                  std::set<Entity>& entities) {
  entities.insert({EntityType::kInstance, machine.id});
  const summary::InstanceFact* fact = links.find_instance(machine.id);
  if (fact == nullptr) return;
  if (!fact->region.empty()) entities.insert({EntityType::kRegion, fact->region});
  if (!fact->account.empty()) entities.insert({EntityType::kAccount, fact->account});
}

/// By summary::StandingKind.
constexpr EntityType kStandingEntity[] = {
    EntityType::kService, EntityType::kTask,  EntityType::kScalingGroup, EntityType::kFleet,
    EntityType::kFleet,   EntityType::kFleet, EntityType::kNotebook,     EntityType::kScalingGroup,
    EntityType::kJob,     EntityType::kJob,   EntityType::kEmrCluster,
};
static_assert(std::size(kStandingEntity) ==
              static_cast<size_t>(summary::StandingKind::kEmrCluster) + 1);

void add_entities(const impact::Standing& standing, std::set<Entity>& entities) {
  entities.insert({kStandingEntity[static_cast<size_t>(standing.kind)], standing.id});
  entities.insert({EntityType::kRegion, standing.region});
  if (!standing.image.empty()) entities.insert({EntityType::kImage, standing.image});
  const bool task = standing.kind == summary::StandingKind::kService ||
                    standing.kind == summary::StandingKind::kTask;
  if (task && !standing.recipe.empty())
    entities.insert({EntityType::kTaskDefinition, standing.recipe});
}

std::vector<std::string> marks_of(DetectionList members) {
  std::vector<std::string> marks;
  for (const Detection* detection : members)
    marks.push_back(detection->id);
  for (const TimelineEntry& entry : timeline_of(members)) {
    for (const detect::Evidence& evidence : entry.evidence)
      marks.push_back(evidence.record_id);
  }
  return marks;
}

/// `all` give the score and the lines; what decides says who, where, when and what.
Incident build_one(const std::vector<const Detection*>& all, const summary::EntityLinks& links,
                   std::span<const summary::Countermeasure> measures,
                   const impact::PriceTable& prices, const Coverage& coverage) {
  const std::vector<const Detection*> members = deciding_of(all, measures);
  Incident incident;
  std::set<Entity> entities;
  std::set<std::string> techniques;
  incident.first_activity = first_activity(members);
  for (const Detection* detection : members) {
    entities.insert(detection->entities.begin(), detection->entities.end());
    techniques.insert(detection->techniques.begin(), detection->techniques.end());
    incident.claim = std::max(incident.claim, detection->claim);
    incident.last_activity = std::max(incident.last_activity, detection->end_time);
    const auto egress = detection->measures.find("egress_unexplained_bytes");
    if (egress != detection->measures.end()) {
      incident.impact.egress_unexplained_bytes += static_cast<uint64_t>(egress->second);
    }
  }
  for (const Detection* detection : all)
    incident.detections.push_back(detection->id);
  incident.marks = marks_of(members);
  incident.standing = standing_of(members, links, prices);
  incident.machines = machines_of(members, links, incident.first_activity, incident.standing);
  discount(incident.machines, links, incident.standing);
  for (const impact::Machine& machine : incident.machines)
    add_entities(machine, links, entities);
  for (const impact::Standing& standing : incident.standing)
    add_entities(standing, entities);
  incident.launches = launches_of(members, incident.machines, incident.standing);
  incident.impact.resources_launched = incident.launches.launched;
  incident.impact.resources_requested = incident.launches.requested;
  incident.impact.resources_refused = incident.launches.refused;
  incident.impact.regions_launched = static_cast<uint32_t>(incident.launches.regions.size());
  impact::price({incident.machines, incident.standing, incident.first_activity, links.last_event()},
                prices, incident.impact);

  incident.entities.assign(entities.begin(), entities.end());
  incident.techniques.assign(techniques.begin(), techniques.end());
  incident.scope.accounts = ids_of_type(incident.entities, EntityType::kAccount);
  incident.scope.regions = ids_of_type(incident.entities, EntityType::kRegion);
  for (const Entity& entity : incident.entities) {
    if (is_resource(entity.type)) incident.scope.resources.push_back(entity.id);
  }

  Score score = score_of(all, links);
  incident.score = std::round(score.score * 10) / 10;
  incident.severity = severity_of(incident.score);
  incident.why = std::move(score.why);
  incident.signals = std::move(score.signals);
  incident.stages = stages_of(members);
  incident.timeline = timeline_of(all);
  incident.detectable_at = detectable_at(all, links);
  incident.detected_at = detected_at(members);
  incident.impact.dwell = since(incident.first_activity, incident.last_activity).value_or(0);
  incident.impact.time_to_detectable = since(incident.first_activity, incident.detectable_at);
  incident.impact.time_to_detect = since(incident.first_activity, incident.detected_at);
  incident.kind = kind_of(incident, members);
  const Foothold foothold = foothold_of(members, links);
  incident.initial_access = initial_access_of(incident, members, coverage, foothold);
  incident.indicators = indicators_of(members, incident.initial_access);
  incident.containment = containment_of(incident, measures, last_uses_of(members, links));
  incident.made_key_pairs = made_key_pairs_of(incident, measures);
  incident.contained_at = contained_at(incident);
  incident.proof = proof_of(incident, members);
  incident.priority = priority_of(incident);
  incident.title = title_of(incident);
  incident.summary = summary_of(incident, members);
  const Situation situation = situation_of(incident, members, links, foothold);
  incident.still_open = still_open(incident, situation);
  incident.do_first = first_actions(incident, situation);
  incident.remediation = remediation(incident, situation);
  incident.blind_spots = blind_spots(incident, members, coverage);
  return incident;
}

}  // namespace

bool Coverage::has(std::string_view format) const {
  return std::find(formats.begin(), formats.end(), format) != formats.end();
}

std::vector<Incident> build(const std::vector<Detection>& detections,
                            const summary::EntityLinks& links,
                            std::span<const summary::Countermeasure> measures,
                            const impact::PriceTable& prices, const Coverage& coverage) {
  std::vector<Incident> incidents;
  for (const std::vector<size_t>& group : join(detections, links)) {
    std::vector<const Detection*> members;
    for (size_t index : group)
      members.push_back(&detections[index]);
    if (score_of(members, links).score < kMinScore) continue;
    incidents.push_back(build_one(members, links, measures, prices, coverage));
  }
  // Ids need the whole list, so what stands for them here is what they are made of.
  std::sort(incidents.begin(), incidents.end(), [](const Incident& a, const Incident& b) {
    return std::tie(b.score, a.first_activity, a.entities, a.detections) <
           std::tie(a.score, b.first_activity, b.entities, b.detections);
  });
  name_all(incidents);
  return incidents;
}

}  // namespace davy::incident
