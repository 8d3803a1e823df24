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
using detect::Signal;
using detect::Stage;
using event::EntityType;
using summary::InstanceFact;

constexpr EntityType kAccountTypes[] = {EntityType::kAccount};
constexpr EntityType kRegionTypes[] = {EntityType::kRegion};
/// What the provider, or a machine itself, calls a machine.
constexpr EntityType kMachineTypes[] = {EntityType::kInstance, EntityType::kInterface,
                                        EntityType::kAddress, EntityType::kHost};
/// Asked where no machine is named: whoever may start a pod chooses its name.
constexpr EntityType kWorkloadTypes[] = {EntityType::kCluster, EntityType::kTask,
                                         EntityType::kContainer, EntityType::kPod,
                                         EntityType::kFunction};
constexpr EntityType kImageTypes[] = {EntityType::kImage};
constexpr EntityType kAccessKeyTypes[] = {EntityType::kAccessKey};
constexpr EntityType kWalletTypes[] = {EntityType::kWallet};
constexpr EntityType kSourceTypes[] = {EntityType::kSourceAddress};

struct ScopeRow {
  std::string_view name;
  std::span<const EntityType> types;       ///< all things of it must fit; empty: judged by itself
  std::string InstanceFact::* of_machine;  ///< asked where the detection names no such thing
};
// Indexed by ScopeKey.
constexpr ScopeRow kRows[] = {
    {"account", kAccountTypes, &InstanceFact::account},
    {"region", kRegionTypes, &InstanceFact::region},
    {"resource", {}, nullptr},
    {"tag", {}, &InstanceFact::name},
    {"image", kImageTypes, &InstanceFact::image},
    {"principal", {}, &InstanceFact::launched_by_principal},
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

constexpr std::string_view kAssumedRole = ":assumed-role/";

/// True when no star of the pattern stands for the role of a session.
bool names_role(std::string_view pattern) {
  const size_t star = pattern.find('*');
  const size_t role = pattern.find(kAssumedRole);
  return star == std::string_view::npos ||
         (role < star && pattern.find('/', role + kAssumedRole.size()) < star);
}

bool fits_principal(std::string_view pattern, std::string_view arn) {
  const bool session = arn.find(kAssumedRole) != std::string_view::npos ||
                       arn.find(":federated-user/") != std::string_view::npos;
  return fits_pattern(pattern, arn) && (!session || names_role(pattern));
}

/// "arn:aws:sts::1:assumed-role/ci/anna" of "arn:aws:iam::1:role/path/ci".
bool is_session_of(std::string_view session, std::string_view role) {
  constexpr size_t kAccountField = 4;
  const auto account = [](std::string_view arn) {
    for (size_t field = 0; field < kAccountField && !arn.empty(); ++field)
      arn.remove_prefix(std::min(arn.size(), arn.find(':') + 1));
    return arn.substr(0, arn.find(':'));
  };
  const size_t begin = session.find(kAssumedRole);
  if (begin == std::string_view::npos || account(session) != account(role)) return false;
  const std::string_view after = session.substr(begin + kAssumedRole.size());
  return role.find(":role/") != std::string_view::npos &&
         role.substr(role.rfind('/') + 1) == after.substr(0, after.find('/'));
}

bool fits(const AllowedScope& scope, std::string_view id) {
  return std::any_of(scope.values.begin(), scope.values.end(), [&](const AllowedValue& value) {
    if (value.range) return fits_address(value, id);
    return scope.key == ScopeKey::kPrincipal ? fits_principal(value.text, id)
                                             : fits_pattern(value.text, id);
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

bool may_be_cut(const Subject& subject) {
  return std::any_of(std::begin(kMachineTypes), std::end(kMachineTypes), [&](EntityType type) {
    return named(subject.detection, type).size() >= kMaxPerKind;
  });
}

/// Every machine that is named must be permitted, itself or as the instance behind its name. Only
/// where no machine is named do the names of workloads count.
bool resource_holds(const AllowedScope& scope, const Subject& subject) {
  if (may_be_cut(subject)) return false;
  std::vector<std::string> machines = subject.instances;
  for (const event::Entity& stranger : subject.strangers)
    machines.push_back(stranger.id);
  if (!machines.empty()) return all_fit(scope, machines);
  return std::any_of(std::begin(kWorkloadTypes), std::end(kWorkloadTypes), [&](EntityType type) {
    return all_fit(scope, named(subject.detection, type));
  });
}

/// Asked of the machines where the detection is silent; each must be known and fit.
bool machines_hold(const AllowedScope& scope, const Subject& subject) {
  const auto member = kRows[static_cast<size_t>(scope.key)].of_machine;
  if (member == nullptr || !subject.strangers.empty() || may_be_cut(subject)) return false;
  std::vector<std::string> of_machines;
  for (const InstanceFact* machine : subject.machines) {
    if (machine == nullptr || (machine->*member).empty()) return false;
    of_machines.push_back(machine->*member);
  }
  return all_fit(scope, of_machines);
}

/// By users and roles. Whoever takes a role names his session as he likes, so sessions permit only
/// when the list names each in full, and then for their own roles.
bool principal_holds(const AllowedScope& scope, const Subject& subject) {
  const std::vector<std::string> principals = named(subject.detection, EntityType::kPrincipal);
  const std::vector<std::string> sessions = named(subject.detection, EntityType::kSession);
  if (principals.empty() && sessions.empty()) return machines_hold(scope, subject);
  if (all_fit(scope, principals)) return true;
  return principals.size() < kMaxPerKind && all_fit(scope, sessions) &&
         std::all_of(
             principals.begin(), principals.end(),
             [&](const std::string& principal) {
               return fits(scope, principal) ||
                      std::any_of(sessions.begin(), sessions.end(),
                                  [&](const std::string& session) {
                                    return is_session_of(session, principal);
                                  });
             });
}

bool holds(const AllowedScope& scope, const Subject& subject) {
  switch (scope.key) {
    case ScopeKey::kResource: return resource_holds(scope, subject);
    case ScopeKey::kPrincipal: return principal_holds(scope, subject);
    case ScopeKey::kPool: return pool_holds(scope, subject.detection);
    default: break;
  }
  bool silent = true;
  for (const EntityType type : kRows[static_cast<size_t>(scope.key)].types) {
    const std::vector<std::string> ids = named(subject.detection, type);
    if (all_fit(scope, ids)) return true;
    silent = silent && ids.empty();
  }
  return silent && machines_hold(scope, subject);
}

bool is_protected(Stage stage) {
  return stage == Stage::kInitialAccess || stage == Stage::kPersistence ||
         stage == Stage::kPrivilegeEscalation || stage == Stage::kDefenseEvasion;
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
  return detection.signal == Signal::kIdentity || is_protected(detection.stage);
}

Subject subject_of(const Detection& detection, const summary::EntityLinks& links) {
  Subject subject{detection, detect::instances_of(detection, links), {}, {}};
  for (const std::string& id : subject.instances)
    subject.machines.push_back(links.find_instance(id));
  for (const event::Entity& entity : detection.entities) {
    const bool of_machine = std::find(std::begin(kMachineTypes), std::end(kMachineTypes),
                                      entity.type) != std::end(kMachineTypes);
    if (of_machine && detect::instance_behind(detection, entity, links).empty())
      subject.strangers.push_back(entity);
  }
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
  const bool identity = detection.signal == Signal::kIdentity;
  // An identity signal is most often about a way in: its signal names that too. It does not name
  // evasion.
  const bool stage_unnamed = is_protected(detection.stage) && !by_stage &&
                             (!identity || detection.stage == Stage::kDefenseEvasion);
  const bool unnamed = (identity && !by_signal) || stage_unnamed;
  return !by_name && unnamed ? Cover::kUnnamed : Cover::kFull;
}

bool in_force(const AllowEntry& entry, const Incident& incident) {
  return incident.first_activity.known() && incident.first_activity >= entry.starts &&
         incident.last_activity < entry.ends;
}

}  // namespace davy::incident
