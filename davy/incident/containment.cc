// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/containment.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/rule_matches.h"
#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using event::EntityType;
using summary::Countermeasure;
using summary::Measure;

/// What an object of a measure is compared with.
enum class Against : uint8_t {
  kKeys,
  kPrincipals,
  kTrails,
  kKeyPairs,
  kSecurityGroups,
  kInstances
};

struct MeasureRow {
  Against against;
  std::string_view one;
  std::string_view many;
  std::string_view done;
};

// Indexed by summary::Measure.
constexpr MeasureRow kMeasures[] = {
    {Against::kKeys, "access key", "access keys", "deactivated"},
    {Against::kKeys, "access key", "access keys", "deleted"},
    {Against::kPrincipals, "console password", "console passwords", "removed"},
    {Against::kPrincipals, "principal", "principals", "quarantined by a denying policy"},
    {Against::kPrincipals, "role", "roles", "stripped of older sessions"},
    {Against::kPrincipals, "principal", "principals", "stripped of a policy"},
    {Against::kPrincipals, "user", "users", "deleted"},
    {Against::kPrincipals, "role", "roles", "deleted"},
    {Against::kKeyPairs, "key pair", "key pairs", "deleted"},
    {Against::kSecurityGroups, "security group", "security groups", "closed"},
    {Against::kTrails, "trail", "trails", "switched on again"},
    {Against::kInstances, "instance", "instances", "freed of termination protection"},
    {Against::kInstances, "instance", "instances", "stopped"},
    {Against::kInstances, "instance", "instances", "terminated"},
};
static_assert(std::size(kMeasures) == static_cast<size_t>(Measure::kTerminated) + 1);

const MeasureRow& row_of(Measure measure) {
  return kMeasures[static_cast<size_t>(measure)];
}

/// The names of an incident's own, for look-up.
struct Names {
  std::set<std::string_view> keys;
  std::set<std::string_view> actors;      ///< sessions and users
  std::set<std::string_view> principals;  ///< last parts of their ARNs
  std::set<std::string_view> trails;      ///< ARNs, or names
  std::set<std::string_view> trail_names;
  std::set<std::string_view> key_pairs;
  std::set<std::string_view> groups;
  std::set<std::string_view> instances;
};

Names names_of(const Incident& incident) {
  Names names;
  for (const event::Entity& entity : incident.entities) {
    switch (entity.type) {
      case EntityType::kAccessKey: names.keys.insert(entity.id); break;
      case EntityType::kSession: names.actors.insert(entity.id); break;
      case EntityType::kPrincipal:
        names.principals.insert(last_part(entity.id));
        // A role is worn by many, and only root can take root's key away: root is told by the key.
        if (entity.id.find(":role/") == std::string::npos && !entity.id.ends_with(":root"))
          names.actors.insert(entity.id);
        break;
      case EntityType::kGrantedUser: names.principals.insert(last_part(entity.id)); break;
      case EntityType::kTrail:
        names.trails.insert(entity.id);
        names.trail_names.insert(last_part(entity.id));
        break;
      case EntityType::kSshKey: names.key_pairs.insert(entity.id); break;
      case EntityType::kSecurityGroup: names.groups.insert(entity.id); break;
      case EntityType::kInstance: names.instances.insert(entity.id); break;
      default: break;
    }
  }
  return names;
}

bool hits(const Countermeasure& measure, const Names& names) {
  const std::string_view object = measure.object;
  switch (row_of(measure.measure).against) {
    case Against::kKeys: return names.keys.contains(object);
    case Against::kPrincipals: return names.principals.contains(last_part(object));
    case Against::kKeyPairs: return names.key_pairs.contains(object);
    case Against::kSecurityGroups: return names.groups.contains(object);
    case Against::kInstances: return names.instances.contains(object);
    case Against::kTrails:
      // Logs name one trail by its ARN or by its name alone.
      return names.trails.contains(object) ||
             (!object.starts_with("arn:") && names.trail_names.contains(object));
  }
  return false;
}

bool contains(const std::vector<std::string>& items, std::string_view item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

std::string text_of(const ContainmentStep& step, const std::set<std::string>& regions) {
  const MeasureRow& row = row_of(step.measure);
  std::vector<std::string> shown;
  for (const std::string& object : step.objects) {
    const std::string name(last_part(object));
    if (!contains(shown, name)) shown.push_back(name);  // one trail name in eight regions
  }
  std::string text = fmt::format("{} {} {}", with_thousands(step.objects.size()),
                                 step.objects.size() == 1 ? row.one : row.many, row.done);
  if (regions.size() > 1) text += fmt::format(" in {} regions", regions.size());
  std::string names = some_of(shown, 2);
  if (!step.undone.empty()) {
    names += step.undone.size() == step.objects.size()
                 ? "; undone since"
                 : fmt::format("; undone since for {}", with_thousands(step.undone.size()));
  }
  return fmt::format("{} ({})", text, names);
}

/// Switching off takes effect within seconds, not at once: a call in between is no use of a
/// credential that was freed.
constexpr DurationNs kPropagation = kMinute;

/// What tells whether a measure still stands.
class Undoing {
 public:
  Undoing(std::span<const Countermeasure> measures, const LastUses& last_uses)
      : last_uses_(last_uses) {
    for (const Countermeasure& measure : measures) {
      if (!measure.reverses) continue;
      Time& last = reversed_[{measure.measure, name_of(measure), measure.policy}];
      last = std::max(last, measure.time);
    }
  }

  bool is_undone(const Countermeasure& measure) const {
    const auto reversal = reversed_.find({measure.measure, name_of(measure), measure.policy});
    if (reversal != reversed_.end() && reversal->second > measure.time) return true;
    if (row_of(measure.measure).against != Against::kKeys) return false;
    const auto use = last_uses_.find(measure.object);
    return use != last_uses_.end() && use->second > measure.time + kPropagation;
  }

 private:
  using Place = std::tuple<Measure, std::string, std::string>;

  /// Users, roles and trails are named by ARN or by name, alike within an account.
  static std::string name_of(const Countermeasure& measure) {
    return fmt::format("{}/{}", measure.account, last_part(measure.object));
  }

  std::map<Place, Time> reversed_;
  const LastUses& last_uses_;
};

}  // namespace

LastUses last_uses_of(std::span<const detect::Detection* const> detections,
                      const summary::EntityLinks& links) {
  LastUses uses;
  for (const detect::Detection* detection : detections) {
    // A vendor's finding is updated after the fact, and a machine's own work needs no key.
    const bool by_call = detection->signal == detect::Signal::kControlPlane ||
                         detection->signal == detect::Signal::kIdentity;
    if (!by_call) continue;
    const auto keys = ids(detection->entities, EntityType::kAccessKey);
    for (const std::string& key : keys) {
      const summary::KeyFact* fact = links.find_key(key);
      const bool handed_out = fact != nullptr && contains(keys, fact->issued_by_key);
      if (handed_out) continue;
      Time& last = uses[key];
      last = std::max(last, detection->end_time);
    }
  }
  return uses;
}

std::vector<ContainmentStep> containment_of(const Incident& incident,
                                            std::span<const Countermeasure> measures,
                                            const LastUses& last_uses) {
  const Names names = names_of(incident);
  const Undoing undoing(measures, last_uses);
  struct Draft {
    ContainmentStep step;
    std::map<std::string, bool> objects;  ///< with whether its last measure was undone
    std::set<std::string> regions;
  };
  std::map<std::pair<Measure, std::string_view>, Draft> drafts;
  for (const Countermeasure& measure : measures) {
    if (measure.reverses || measure.time < incident.first_activity) continue;
    if (!contains(incident.scope.accounts, measure.account)) continue;
    if (names.keys.contains(measure.actor_key) || names.actors.contains(measure.actor)) continue;
    if (!hits(measure, names)) continue;
    const auto [place, is_new] = drafts.try_emplace({measure.measure, measure.actor});
    Draft& draft = place->second;
    if (is_new) {
      draft.step.measure = measure.measure;
      draft.step.actor = measure.actor;
      draft.step.first = measure.time;
    }
    draft.step.first = std::min(draft.step.first, measure.time);
    draft.step.last = std::max(draft.step.last, measure.time);
    // In time order: the last measure on an object counts.
    draft.objects[measure.object] = undoing.is_undone(measure);
    draft.regions.insert(measure.region);
    detect::keep_earliest(draft.step.evidence, {measure.ref, measure.record_id, measure.time});
  }
  std::vector<ContainmentStep> steps;
  for (auto& [key, draft] : drafts) {
    for (const auto& [object, undone] : draft.objects) {
      draft.step.objects.push_back(object);
      if (undone) draft.step.undone.push_back(object);
    }
    draft.step.text = text_of(draft.step, draft.regions);
    steps.push_back(std::move(draft.step));
  }
  std::stable_sort(
      steps.begin(), steps.end(),
      [](const ContainmentStep& a, const ContainmentStep& b) { return a.last < b.last; });
  return steps;
}

std::vector<std::string> made_key_pairs_of(const Incident& incident,
                                           std::span<const Countermeasure> measures) {
  const Names names = names_of(incident);
  std::set<std::string> made;
  for (const Countermeasure& measure : measures) {
    const bool by_incident =
        names.keys.contains(measure.actor_key) || names.actors.contains(measure.actor);
    if (measure.reverses && measure.measure == Measure::kKeyPairDeleted && by_incident)
      made.insert(measure.object);
  }
  return {made.begin(), made.end()};
}

bool was_done(const Incident& incident, Measure measure, std::string_view object) {
  return std::any_of(incident.containment.begin(), incident.containment.end(),
                     [&](const ContainmentStep& step) {
                       return step.measure == measure && contains(step.objects, object) &&
                              !contains(step.undone, object);
                     });
}

bool is_disabled(const Incident& incident, std::string_view access_key,
                 std::string_view principal) {
  const std::string_view name = last_part(principal);
  return was_done(incident, Measure::kKeyDeactivated, access_key) ||
         was_done(incident, Measure::kKeyDeleted, access_key) ||
         was_done(incident, Measure::kQuarantined, name) ||
         was_done(incident, Measure::kUserDeleted, name);
}

bool is_open_again(const Incident& incident, std::string_view access_key,
                   std::string_view principal) {
  if (is_disabled(incident, access_key, principal)) return false;
  const std::string_view name = last_part(principal);
  return std::any_of(
      incident.containment.begin(), incident.containment.end(), [&](const ContainmentStep& step) {
        const bool against_it = step.measure == Measure::kKeyDeactivated ||
                                step.measure == Measure::kKeyDeleted ||
                                step.measure == Measure::kQuarantined;
        return against_it && (contains(step.undone, access_key) || contains(step.undone, name));
      });
}

Time contained_at(const Incident& incident) {
  Time last;
  for (const impact::Machine& machine : incident.machines) {
    if (machine.state != impact::RunState::kEnded) return {};
    last = std::max(last, machine.ended);
  }
  for (const impact::Standing& standing : incident.standing) {
    if (standing.units_at_end > 0) return {};
    last = std::max(last, standing.ended);
  }
  return last;
}

}  // namespace davy::incident
