// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/build.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/detect/instances_of.h"
#include "davy/impact/cost.h"
#include "davy/incident/advice.h"
#include "davy/incident/containment.h"
#include "davy/incident/indicators.h"
#include "davy/incident/join.h"
#include "davy/incident/narrative.h"
#include "davy/incident/score.h"

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
    case EntityType::kFunction: return true;
    default: return false;
  }
}

/// How long before the first telling evidence an attacker is taken to have been at work: use of the
/// credential just before is his, last week's is its owner's.
constexpr DurationNs kPrelude = 2 * kHour;

Time first_activity(DetectionList detections) {
  Time first = kEndOfTime;
  for (const Detection* detection : detections) {
    if (is_trigger(*detection)) first = std::min(first, detection->time);
  }
  Time prelude = first;
  for (const Detection* detection : detections) {
    if (detection->time >= first - kPrelude) prelude = std::min(prelude, detection->time);
  }
  return prelude;
}

/// The machines of the incident: named by a detection, or launched by one of its keys or users.
std::vector<const summary::InstanceFact*> machines_of(std::set<Entity>& entities,
                                                      DetectionList detections,
                                                      const summary::EntityLinks& links) {
  std::map<std::string, const summary::InstanceFact*> machines;
  const auto add = [&](const summary::InstanceFact* fact) {
    if (fact != nullptr) machines[fact->id] = fact;
  };
  for (const Detection* detection : detections) {
    if (!is_trigger(*detection)) continue;
    for (const std::string& id : detect::instances_of(*detection, links))
      add(links.find_instance(id));
    // A key that launched for the attacker launched all of its machines for the attacker.
    if (detection->stage != detect::Stage::kResourceLaunch) continue;
    for (const Entity& entity : detection->entities) {
      if (entity.type != EntityType::kAccessKey) continue;
      for (const auto* fact : links.launched_by(entity.id)) {
        if (fact->launched >= detection->time - kHour) add(fact);
      }
    }
  }
  std::vector<const summary::InstanceFact*> list;
  for (const auto& [id, fact] : machines) {
    entities.insert({EntityType::kInstance, id});
    if (!fact->region.empty()) entities.insert({EntityType::kRegion, fact->region});
    if (!fact->account.empty()) entities.insert({EntityType::kAccount, fact->account});
    list.push_back(fact);
  }
  return list;
}

/// Machines older than the incident were not launched for it.
bool launched_in(const summary::InstanceFact& machine, Time first_activity) {
  return machine.launched.known() && machine.launched >= first_activity - kHour;
}

uint32_t regions_of_launches(const std::vector<const summary::InstanceFact*>& machines,
                             Time first_activity) {
  std::set<std::string_view> regions;
  for (const auto* machine : machines) {
    if (launched_in(*machine, first_activity)) regions.insert(machine->region);
  }
  return static_cast<uint32_t>(regions.size());
}

std::vector<StageSpan> stages_of(DetectionList detections) {
  std::array<StageSpan, detect::kStageCount> spans;
  for (const Detection* detection : detections) {
    StageSpan& span = spans[static_cast<size_t>(detection->stage)];
    span.stage = detection->stage;
    if (span.detections.empty() || detection->time < span.first) span.first = detection->time;
    span.last = std::max(span.last, detection->end_time);
    span.detections.push_back(detection->id);
  }
  std::vector<StageSpan> present;
  for (StageSpan& span : spans) {
    if (!span.detections.empty()) present.push_back(std::move(span));
  }
  return present;
}

/// One line per detector and start; many subjects of one detector share a line ("… x 200").
std::vector<TimelineEntry> timeline_of(DetectionList detections) {
  struct Line {
    TimelineEntry entry;
    size_t subjects = 0;
  };
  std::map<std::string, Line> lines;
  std::vector<TimelineEntry> timeline;
  for (const Detection* detection : detections) {
    for (const detect::Moment& moment : detection->moments) {
      timeline.push_back({moment.time, moment.text, detection->stage, {}});
    }
    Line& line = lines[detection->detector];
    ++line.subjects;
    if (line.subjects == 1 || detection->time < line.entry.time) {
      line.entry.time = detection->time;
      line.entry.evidence = detection->evidence;
    }
    line.entry.text = detection->title;
    line.entry.stage = detection->stage;
  }
  for (auto& [detector, line] : lines) {
    if (line.subjects > 1) line.entry.text += fmt::format(" x {}", line.subjects);
    timeline.push_back(std::move(line.entry));
  }
  std::sort(timeline.begin(), timeline.end(), [](const TimelineEntry& a, const TimelineEntry& b) {
    return std::tie(a.time, a.stage, a.text) < std::tie(b.time, b.stage, b.text);
  });
  timeline.erase(std::unique(timeline.begin(), timeline.end(),
                             [](const TimelineEntry& a, const TimelineEntry& b) {
                               return a.time == b.time && a.text == b.text;
                             }),
                 timeline.end());
  return timeline;
}

/// The moment the evidence known by then was worth `medium`; the last evidence when it never was.
Time detected_at(std::vector<const Detection*> detections) {
  std::sort(detections.begin(), detections.end(), [](const Detection* a, const Detection* b) {
    return std::tie(a->time, a->id) < std::tie(b->time, b->id);
  });
  // The score only grows with evidence, so the first prefix that crosses is found by halving.
  size_t low = 1;
  size_t high = detections.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (score_of(std::span(detections).first(middle)).score >= 40) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return detections[low - 1]->time;
}

std::string priority_of(const Incident& incident) {
  const bool root = std::any_of(
      incident.entities.begin(), incident.entities.end(),
      [](const Entity& e) { return e.type == EntityType::kPrincipal && e.id.ends_with(":root"); });
  const bool raised =
      root || incident.scope.regions.size() >= 3 || incident.impact.burn_usd_per_hour >= 50;
  int level = 4 - static_cast<int>(incident.severity);
  if (raised) --level;
  return fmt::format("P{}", std::clamp(level, 1, 4));
}

/// The same incident found twice has the same id: its kind, its account and what it is about.
std::string id_of(const Incident& incident) {
  std::string identity(kind_name(incident.kind));
  identity += '\n' + to_date(incident.first_activity);
  for (const Entity& entity : incident.entities) {
    if (entity.type == EntityType::kAccessKey || entity.type == EntityType::kAccount ||
        (event::is_strong(entity.type) && incident.kind != Kind::kCompromisedCredential)) {
      identity += '\n';
      identity += event::entity_type_name(entity.type);
      identity += '=' + entity.id;
    }
  }
  return "inc-" + to_hex(hash64(identity));
}

std::string number_of(Time first_activity) {
  const std::string date = to_date(first_activity);
  return fmt::format("INC-{}-{}{}-CRYPTO", date.substr(0, 4), date.substr(5, 2), date.substr(8, 2));
}

/// A second incident of one day is "INC-2025-0223-CRYPTO-2".
void number_apart(std::vector<Incident>& incidents) {
  std::vector<Incident*> in_time;
  for (Incident& incident : incidents)
    in_time.push_back(&incident);
  std::sort(in_time.begin(), in_time.end(), [](const Incident* a, const Incident* b) {
    return std::tie(a->first_activity, a->id) < std::tie(b->first_activity, b->id);
  });
  std::map<std::string, int> used;
  for (Incident* incident : in_time) {
    const int nth = ++used[incident->number];
    if (nth > 1) incident->number += fmt::format("-{}", nth);
  }
}

Incident build_one(const std::vector<const Detection*>& members, const summary::EntityLinks& links,
                   std::span<const summary::Countermeasure> measures,
                   const impact::PriceTable& prices, const Coverage& coverage) {
  Incident incident;
  std::set<Entity> entities;
  std::set<std::string> techniques;
  incident.first_activity = first_activity(members);
  for (const Detection* detection : members) {
    entities.insert(detection->entities.begin(), detection->entities.end());
    techniques.insert(detection->techniques.begin(), detection->techniques.end());
    incident.claim = std::max(incident.claim, detection->claim);
    incident.last_activity = std::max(incident.last_activity, detection->end_time);
    incident.detections.push_back(detection->id);
    const auto requested = detection->measures.find("requested");
    if (requested != detection->measures.end()) {
      incident.impact.resources_requested += static_cast<uint32_t>(requested->second);
    }
    const auto egress = detection->measures.find("egress_unexplained_bytes");
    if (egress != detection->measures.end()) {
      incident.impact.egress_unexplained_bytes += static_cast<uint64_t>(egress->second);
    }
  }
  const auto machines = machines_of(entities, members, links);
  impact::price({machines, incident.first_activity, links.last_event()}, prices, incident.impact);
  incident.impact.resources_launched = static_cast<uint32_t>(
      std::count_if(machines.begin(), machines.end(), [&](const summary::InstanceFact* machine) {
        return launched_in(*machine, incident.first_activity);
      }));

  incident.impact.regions_launched = regions_of_launches(machines, incident.first_activity);

  incident.entities.assign(entities.begin(), entities.end());
  incident.techniques.assign(techniques.begin(), techniques.end());
  incident.scope.accounts = ids_of_type(incident.entities, EntityType::kAccount);
  incident.scope.regions = ids_of_type(incident.entities, EntityType::kRegion);
  for (const Entity& entity : incident.entities) {
    if (is_resource(entity.type)) incident.scope.resources.push_back(entity.id);
  }

  Score score = score_of(members);
  incident.score = std::round(score.score * 10) / 10;
  incident.severity = severity_of(incident.score);
  incident.why = std::move(score.why);
  incident.signals = std::move(score.signals);
  incident.stages = stages_of(members);
  incident.timeline = timeline_of(members);
  incident.detected_at = detected_at(members);
  incident.impact.dwell = incident.last_activity - incident.first_activity;
  incident.impact.time_to_detect =
      std::max<DurationNs>(0, incident.detected_at - incident.first_activity);
  incident.kind = kind_of(members, incident.claim);
  incident.initial_access = initial_access_of(incident, members, coverage);
  incident.indicators = indicators_of(members, incident.initial_access);
  incident.containment = containment_of(incident, measures);
  incident.contained_at = contained_at(incident, links);
  incident.proof = proof_of(incident, members);
  incident.priority = priority_of(incident);
  incident.id = id_of(incident);
  incident.number = number_of(incident.first_activity);
  incident.title = title_of(incident);
  incident.summary = summary_of(incident, members);
  const Situation situation = situation_of(incident, members, links);
  incident.still_open = still_open(incident, situation);
  incident.do_first = first_actions(incident, situation);
  incident.remediation = remediation(incident, situation);
  incident.blind_spots = blind_spots(incident, members, coverage);
  return incident;
}

}  // namespace

std::vector<Incident> build(const std::vector<Detection>& detections,
                            const summary::EntityLinks& links,
                            std::span<const summary::Countermeasure> measures,
                            const impact::PriceTable& prices, const Coverage& coverage) {
  std::vector<Incident> incidents;
  for (const std::vector<size_t>& group : join(detections, links)) {
    std::vector<const Detection*> members;
    for (size_t index : group)
      members.push_back(&detections[index]);
    if (score_of(members).score < kMinScore) continue;
    incidents.push_back(build_one(members, links, measures, prices, coverage));
  }
  number_apart(incidents);
  std::sort(incidents.begin(), incidents.end(), [](const Incident& a, const Incident& b) {
    return std::tie(b.score, a.first_activity, a.id) < std::tie(a.score, b.first_activity, b.id);
  });
  return incidents;
}

}  // namespace davy::incident
