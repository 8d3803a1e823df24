// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/machines.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "davy/base/text.h"
#include "davy/detect/instances_of.h"
#include "davy/incident/join.h"
#include "davy/incident/join_keys.h"
#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using detect::Detection;
using event::EntityType;
using DetectionList = std::span<const Detection* const>;

/// True for traces of a machine's own work. A finding may be updated after the machine has ended,
/// and a call about a machine is not its work.
bool is_own_work(detect::Signal signal) {
  switch (signal) {
    case detect::Signal::kCompute:
    case detect::Signal::kNetwork:
    case detect::Signal::kProcess:
    case detect::Signal::kHost: return true;
    default: return false;
  }
}

/// What the telling launches of the incident name.
struct Launched {
  std::set<std::string> ids;
  std::map<std::string, Time> keys;  ///< with their first launch
};

/// Not what a principal does every day.
constexpr double kUnusual = 0.5;

/// Since when the credential of the detection is in other hands: the earliest trigger about it that
/// is no launch (a quarantine, a trail switched off); never without one.
Time stolen_since(const Detection& launch, DetectionList detections) {
  Time since = kEndOfTime;
  for (const Detection* detection : detections) {
    const bool tells = is_trigger(*detection) && detection->stage < detect::Stage::kResourceLaunch;
    if (!tells || detection->time >= since) continue;
    const bool same = std::any_of(
        launch.entities.begin(), launch.entities.end(), [&](const event::Entity& entity) {
          const bool credential = entity.type == EntityType::kAccessKey ||
                                  (entity.type == EntityType::kPrincipal && is_personal(entity.id));
          return credential && std::find(detection->entities.begin(), detection->entities.end(),
                                         entity) != detection->entities.end();
        });
    if (same) since = detection->time;
  }
  return since;
}

/// A launch that is telling by itself, or by a credential known to be stolen.
bool is_intruders(const Detection& launch, DetectionList detections) {
  if (launch.stage != detect::Stage::kResourceLaunch) return false;
  return is_trigger(launch) ||
         (launch.weight >= kUnusual && stolen_since(launch, detections) <= launch.end_time);
}

Launched launched_by(DetectionList detections) {
  Launched launched;
  for (const Detection* detection : detections) {
    if (!is_intruders(*detection, detections)) continue;
    for (const event::Entity& entity : detection->entities) {
      if (entity.type == EntityType::kInstance) launched.ids.insert(entity.id);
      if (entity.type != EntityType::kAccessKey) continue;
      Time& first = launched.keys.try_emplace(entity.id, detection->time).first->second;
      first = std::min(first, detection->time);
    }
  }
  return launched;
}

/// Machines older than the incident were not launched for it, nor those of other people's launches.
bool launched_for_it(const summary::InstanceFact& fact, const Launched& launched,
                     Time first_activity) {
  if (!fact.launched.known() || fact.launched < first_activity - kHour) return false;
  return launched.ids.contains(fact.id) || launched.keys.contains(fact.launched_by_key) ||
         (!fact.launched_by_service.empty() && !launched.keys.empty());
}

/// By summary::StandingKind: what one unit is called, and which service launches machines for it.
struct StandingRow {
  std::string_view noun;
  std::string_view launcher;
};
constexpr StandingRow kStanding[] = {
    {"ECS task", ""},
    {"ECS task", ""},
    {"Auto Scaling instance", "autoscaling.amazonaws.com"},
    {"spot instance", "spotfleet.amazonaws.com"},
    {"fleet instance", "ec2fleet.amazonaws.com"},
    {"spot instance", "spot.amazonaws.com"},
    {"notebook", ""},
    {"cluster node", "autoscaling.amazonaws.com"},
    {"training instance", ""},
    {"processing instance", ""},
    {"EMR instance", "elasticmapreduce.amazonaws.com"},
};
static_assert(std::size(kStanding) == static_cast<size_t>(summary::StandingKind::kEmrCluster) + 1);

const StandingRow& row_of(summary::StandingKind kind) {
  return kStanding[static_cast<size_t>(kind)];
}

/// A count that came through a double; what does not fit is the largest that does.
uint64_t saturated(double count) {
  constexpr auto kMost = std::numeric_limits<uint64_t>::max();
  if (!(count > 0)) return 0;
  return count >= static_cast<double>(kMost) ? kMost : static_cast<uint64_t>(count);
}

const Detection* heavier(const Detection* a, const Detection* b) {
  return a == nullptr || b->weight > a->weight ? b : a;
}

std::string first_id(const std::vector<event::Entity>& entities, EntityType type) {
  const auto found = ids(entities, type);
  return found.empty() ? std::string() : found.front();
}

}  // namespace

std::vector<impact::Standing> standing_of(DetectionList detections,
                                          const summary::EntityLinks& links,
                                          const impact::PriceTable& prices) {
  std::set<std::string> keys;
  Time first = kEndOfTime;
  for (const auto& [key, time] : launched_by(detections).keys) {
    keys.insert(key);
    first = std::min(first, time);
  }
  if (keys.empty()) return {};
  return impact::standing_of({keys, first - kHour, links}, prices);
}

std::vector<impact::Machine> machines_of(DetectionList detections,
                                         const summary::EntityLinks& links, Time first_activity,
                                         const std::vector<impact::Standing>& standing) {
  const Launched launched = launched_by(detections);
  std::map<std::string, Time> last_seen;
  for (const Detection* detection : detections) {
    if (!is_trigger(*detection)) continue;
    for (std::string& id : detect::instances_of(*detection, links))
      last_seen.try_emplace(std::move(id));
  }
  // A key that launched for the attacker launched all of its machines for the attacker.
  for (const auto& [key, first] : launched.keys) {
    for (const summary::InstanceFact* fact : links.launched_by(key)) {
      if (fact->launched >= first - kHour) last_seen.try_emplace(fact->id);
    }
  }
  for (const impact::Standing& group : standing) {
    for (const summary::InstanceFact* fact : links.launched_for(group.name)) {
      if (fact->account == group.account && fact->region == group.region &&
          fact->launched >= group.accepted) {
        last_seen.try_emplace(fact->id);
      }
    }
  }
  std::map<std::string, Time> last_reported;
  for (const Detection* detection : detections) {
    const bool own_work = is_own_work(detection->signal);
    if (!own_work && detection->signal != detect::Signal::kManaged) continue;
    for (const std::string& id : detect::instances_of(*detection, links)) {
      const auto machine = last_seen.find(id);
      if (machine == last_seen.end()) continue;
      Time& last = own_work ? machine->second : last_reported[id];
      last = std::max(last, detection->end_time);
    }
  }
  std::vector<impact::Machine> machines;
  for (const auto& [id, seen] : last_seen) {
    summary::InstanceFact unheard_of;
    unheard_of.id = id;
    const summary::InstanceFact* known = links.find_instance(id);
    const summary::InstanceFact& fact = known != nullptr ? *known : unheard_of;
    machines.push_back(impact::machine_of(fact, seen, links.last_event()));
    machines.back().launched_for_it = launched_for_it(fact, launched, first_activity);
    machines.back().last_reported = last_reported[id];
  }
  return machines;
}

void discount(const std::vector<impact::Machine>& machines, const summary::EntityLinks& links,
              std::vector<impact::Standing>& standing) {
  for (const impact::Machine& machine : machines) {
    const summary::InstanceFact* fact = links.find_instance(machine.id);
    if (fact == nullptr || !machine.launched_for_it || !fact->launched_for.empty()) continue;
    const auto of =
        std::find_if(standing.begin(), standing.end(), [&](const impact::Standing& one) {
          return one.instances_seen == 0 && one.units > 0 && one.account == fact->account &&
                 one.region == fact->region && one.accepted <= fact->launched &&
                 row_of(one.kind).launcher == fact->launched_by_service &&
                 !fact->launched_by_service.empty();
        });
    if (of == standing.end()) continue;
    of->unit_hours -= of->unit_hours / static_cast<double>(of->units);
    --of->units;
    if (of->units_at_end > 0) --of->units_at_end;
  }
}

Launches launches_of(DetectionList detections, const std::vector<impact::Machine>& machines,
                     const std::vector<impact::Standing>& standing) {
  Launches launches;
  std::set<std::string> regions;
  std::set<std::string> principals;
  const Detection* heaviest = nullptr;
  const auto extend = [&](Time first, Time last) {
    if (!first.known()) return;
    if (!launches.first.known() || first < launches.first) launches.first = first;
    launches.last = std::max(launches.last, last);
  };
  for (const impact::Machine& machine : machines) {
    if (!machine.launched_for_it) continue;
    ++launches.launched;
    extend(machine.launched, machine.launched);
    if (!machine.region.empty()) regions.insert(machine.region);
  }
  std::map<std::string_view, uint64_t> accepted;  // by noun
  for (const impact::Standing& one : standing) {
    extend(one.accepted, one.accepted);
    regions.insert(one.region);
    if (one.instances_seen > 0 || one.units == 0) continue;
    launches.accepted += one.units;
    accepted[row_of(one.kind).noun] += one.units;
  }
  std::vector<std::string> parts;
  for (const auto& [noun, count] : accepted)
    parts.push_back(plural(count, noun));
  launches.accepted_as = davy::join(parts, ", ");
  const auto add = [](uint64_t& sum, uint64_t more) {
    sum += std::min(more, std::numeric_limits<uint64_t>::max() - sum);
  };
  for (const Detection* detection : detections) {
    const auto requested = detection->measures.find("requested");
    if (requested == detection->measures.end() || !is_intruders(*detection, detections)) continue;
    heaviest = heavier(heaviest, detection);
    for (std::string& arn : ids(detection->entities, EntityType::kPrincipal))
      principals.insert(std::move(arn));
    add(launches.requested, saturated(requested->second));
    if (const auto refused = detection->measures.find("refused");
        refused != detection->measures.end()) {
      add(launches.refused, saturated(refused->second));
    }
    if (launches.launched + launches.accepted > 0) continue;
    extend(detection->time, detection->end_time);
    for (const event::Entity& entity : detection->entities) {
      if (entity.type == EntityType::kRegion) regions.insert(entity.id);
    }
  }
  launches.regions.assign(regions.begin(), regions.end());
  launches.principals.assign(principals.begin(), principals.end());
  if (heaviest != nullptr) {
    launches.credential = first_id(heaviest->entities, EntityType::kAccessKey);
    launches.principal = first_id(heaviest->entities, EntityType::kPrincipal);
    launches.source_ip = first_id(heaviest->entities, EntityType::kSourceAddress);
  }
  return launches;
}

}  // namespace davy::incident
