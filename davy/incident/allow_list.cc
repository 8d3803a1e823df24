// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/allow_list.h"

#include <algorithm>
#include <iterator>
#include <span>

#include <fmt/format.h>

#include "davy/base/bounded_set.h"
#include "davy/base/text.h"
#include "davy/detect/instances_of.h"

namespace davy::incident {
namespace {

using detect::Detection;
using event::EntityType;
using summary::InstanceFact;

constexpr EntityType kAccountTypes[] = {EntityType::kAccount};
constexpr EntityType kRegionTypes[] = {EntityType::kRegion};
constexpr EntityType kResourceTypes[] = {
    EntityType::kInterface, EntityType::kAddress, EntityType::kCluster, EntityType::kTask,
    EntityType::kContainer, EntityType::kPod,     EntityType::kHost,    EntityType::kFunction,
};
constexpr EntityType kImageTypes[] = {EntityType::kImage};
constexpr EntityType kPrincipalTypes[] = {EntityType::kPrincipal, EntityType::kSession};
constexpr EntityType kAccessKeyTypes[] = {EntityType::kAccessKey};
constexpr EntityType kWalletTypes[] = {EntityType::kWallet};
constexpr EntityType kSourceTypes[] = {EntityType::kSourceAddress};

struct ScopeRow {
  std::string_view name;
  std::span<const EntityType> types;       ///< all things of one of these must fit
  std::string InstanceFact::* of_machine;  ///< asked where the detection names no such thing
};
// Indexed by ScopeKey.
constexpr ScopeRow kRows[] = {
    {"account", kAccountTypes, &InstanceFact::account},
    {"region", kRegionTypes, &InstanceFact::region},
    {"resource", kResourceTypes, nullptr},
    {"tag", {}, &InstanceFact::name},
    {"image", kImageTypes, &InstanceFact::image},
    {"principal", kPrincipalTypes, &InstanceFact::launched_by_principal},
    {"access_key", kAccessKeyTypes, &InstanceFact::launched_by_key},
    {"pool", {}, nullptr},
    {"wallet", kWalletTypes, nullptr},
    {"source", kSourceTypes, nullptr},
};
static_assert(std::size(kRows) == kScopeKeyCount);

/// `*` stands for any run of characters. Linear in pattern times text at worst.
bool fits_pattern(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool fits_address(const AllowedValue& value, std::string_view text) {
  std::optional<Address> address = parse_address(text);
  uint16_t port = 0;
  if (!address) {
    const auto endpoint = intel::parse_endpoint(text);
    if (!endpoint) return false;
    address = endpoint->address;
    port = endpoint->port;
  }
  return value.range->first <= *address && *address <= value.range->last &&
         (value.port == 0 || value.port == port);
}

bool fits(const AllowedScope& scope, std::string_view id) {
  return std::any_of(scope.values.begin(), scope.values.end(), [&](const AllowedValue& value) {
    return value.range ? fits_address(value, id) : fits_pattern(value.text, id);
  });
}

/// All of them, and at least one. A list that may have been cut proves nothing.
bool all_fit(const AllowedScope& scope, const std::vector<std::string>& ids) {
  return !ids.empty() && ids.size() < kMaxPerKind &&
         std::all_of(
             ids.begin(), ids.end(), [&](const std::string& id) { return fits(scope, id); });
}

std::vector<std::string> named(const Detection& detection, EntityType type) {
  std::vector<std::string> ids;
  for (const event::Entity& entity : detection.entities) {
    if (entity.type == type) ids.push_back(entity.id);
  }
  return ids;
}

/// Names of DNS are told apart by neither case nor final dot; addresses keep their port.
bool pool_holds(const AllowedScope& scope, const Detection& detection) {
  std::vector<std::string> places = named(detection, EntityType::kRemoteAddress);
  for (std::string_view name : named(detection, EntityType::kDomain)) {
    if (name.ends_with('.')) name.remove_suffix(1);
    places.push_back(to_lower(name));
  }
  return all_fit(scope, places);
}

bool holds(const AllowedScope& scope, const Subject& subject) {
  if (scope.key == ScopeKey::kPool) return pool_holds(scope, subject.detection);
  if (scope.key == ScopeKey::kResource && all_fit(scope, subject.instances)) return true;
  const ScopeRow& row = kRows[static_cast<size_t>(scope.key)];
  bool silent = true;
  for (const EntityType type : row.types) {
    const std::vector<std::string> ids = named(subject.detection, type);
    // A machine calls itself what its intruder likes; what the provider calls it goes before.
    if (type == EntityType::kHost && !named(subject.detection, EntityType::kInstance).empty())
      continue;
    if (all_fit(scope, ids)) return true;
    silent = silent && ids.empty();
  }
  if (!silent || row.of_machine == nullptr) return false;
  std::vector<std::string> of_machines;
  for (const InstanceFact* machine : subject.machines) {
    if (machine == nullptr || (machine->*row.of_machine).empty()) return false;
    of_machines.push_back(machine->*row.of_machine);
  }
  return all_fit(scope, of_machines);
}

}  // namespace

std::string_view scope_key_name(ScopeKey key) {
  return kRows[static_cast<size_t>(key)].name;
}

std::string credit(const AllowEntry& entry) {
  return fmt::format("{} (owner {}, to {})", entry.name, entry.owner,
                     to_date(entry.ends - DurationNs{1}));
}

bool is_protected(const Detection& detection) {
  return detection.signal == detect::Signal::kIdentity ||
         detection.stage == detect::Stage::kDefenseEvasion;
}

Subject subject_of(const Detection& detection, const summary::EntityLinks& links) {
  Subject subject{detection, detect::instances_of(detection, links), {}};
  for (const std::string& id : subject.instances)
    subject.machines.push_back(links.find_instance(id));
  return subject;
}

Cover cover(const AllowEntry& entry, const Subject& subject) {
  const Detection& detection = subject.detection;
  const AllowedEvidence& what = entry.what;
  const bool by_name = what.detectors.contains(detection.detector);
  const bool by_signal = what.signals.contains(detection.signal);
  const bool by_stage = what.stages.contains(detection.stage);
  const bool unlimited = what.detectors.empty() && what.signals.empty() && what.stages.empty();
  if (!unlimited && !by_name && !by_signal && !by_stage) return Cover::kNone;
  const bool in_scope =
      std::all_of(entry.scope.begin(), entry.scope.end(),
                  [&](const AllowedScope& scope) { return holds(scope, subject); });
  if (!in_scope) return Cover::kNone;
  const bool identity_unnamed = detection.signal == detect::Signal::kIdentity && !by_signal;
  const bool evasion_unnamed = detection.stage == detect::Stage::kDefenseEvasion && !by_stage;
  return !by_name && (identity_unnamed || evasion_unnamed) ? Cover::kUnnamed : Cover::kFull;
}

bool in_force(const AllowEntry& entry, const Incident& incident) {
  return incident.first_activity.known() && incident.first_activity >= entry.starts &&
         incident.last_activity < entry.ends;
}

}  // namespace davy::incident
