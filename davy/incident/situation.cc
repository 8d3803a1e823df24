// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/situation.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "davy/base/text.h"
#include "davy/detect/instances_of.h"
#include "davy/detect/network/address.h"
#include "davy/incident/containment.h"
#include "davy/incident/join_keys.h"
#include "davy/incident/naming.h"
#include "davy/intel/address.h"
#include "davy/intel/domain.h"

namespace davy::incident {
namespace {

using detect::Detection;
using detect::IndicatorRole;
using detect::IndicatorType;
using detect::Stage;
using event::EntityType;
using summary::Measure;

/// Below it a use of a credential is no sign that the user is an intruder.
constexpr double kTelling = 0.3;

using Names = std::set<std::string>;

std::vector<std::string> listed(const Names& names) {
  return {names.begin(), names.end()};
}

/// Stages at which the holder of a credential acts; at the others it is merely named.
bool is_use(const Detection& detection) {
  return detection.weight >= kTelling && detection.stage != Stage::kDiscovery &&
         detection.stage != Stage::kExecution && detection.stage != Stage::kMining &&
         detection.stage != Stage::kCost;
}

void sort_credentials(const Incident& incident, DetectionList detections,
                      const summary::EntityLinks& links, const Foothold& foothold,
                      Situation& situation) {
  std::map<std::string, std::string> principal_of;  // by key
  for (const Detection* detection : detections) {
    if (!is_use(*detection)) continue;
    const auto principals = ids(detection->entities, EntityType::kPrincipal);
    for (const std::string& key : ids(detection->entities, EntityType::kAccessKey)) {
      std::string& principal = principal_of[key];
      const summary::KeyFact* fact = links.find_key(key);
      // The principal beside a new long-term key made it; whose it is, the record says.
      const bool was_made = fact != nullptr && !key.starts_with("ASIA");
      if (!was_made && principal.empty() && principals.size() == 1) principal = principals[0];
    }
  }
  std::map<std::string, std::vector<std::string>> temporary;
  for (const auto& [key, principal] : principal_of) {
    if (is_disabled(incident, key, principal)) continue;
    if (is_open_again(incident, key, principal)) situation.reopened_keys.push_back(key);
    if (foothold.keys.contains(key) && !key.starts_with("ASIA")) {
      situation.made_keys.push_back(key);
    } else if (key.starts_with("ASIA")) {
      const std::string_view name = last_part(principal);
      const bool revoked = was_done(incident, Measure::kSessionsRevoked, name) ||
                           was_done(incident, Measure::kRoleDeleted, name);
      if (!revoked) temporary[principal].push_back(key);
    } else if (principal.ends_with(":root")) {
      situation.root_keys.push_back(key);
    } else {
      situation.long_term_keys.push_back(key);
    }
  }
  for (auto& [principal, keys] : temporary)
    situation.temporary_keys.push_back({principal, std::move(keys)});
}

/// Users and passwords that the intruder made, and that still stand.
void sort_foothold(const Incident& incident, const Foothold& foothold, Situation& situation) {
  for (const std::string& arn : foothold.new_users) {
    const std::string_view name = last_part(arn);
    if (!was_done(incident, Measure::kUserDeleted, name)) situation.made_users.emplace_back(name);
  }
  for (const std::string& arn : foothold.passwords) {
    const std::string_view name = last_part(arn);
    const bool gone = was_done(incident, Measure::kPasswordRemoved, name) ||
                      was_done(incident, Measure::kUserDeleted, name);
    if (!gone) situation.made_passwords.emplace_back(name);
  }
}

void sort_machines(const Incident& incident, const summary::EntityLinks& links,
                   Situation& situation) {
  Names images;
  for (const impact::Machine& machine : incident.machines) {
    if (machine.state == impact::RunState::kUnknown) situation.state_unknown.push_back(machine.id);
    (machine.state == impact::RunState::kEnded ? situation.ended
     : machine.launched_for_it                 ? situation.launched_running
                                               : situation.own_running)
        .push_back(machine.id);
    const summary::InstanceFact* fact = links.find_instance(machine.id);
    if (machine.launched_for_it && fact != nullptr && !fact->image.empty()) {
      images.insert(fact->image);
    }
  }
  situation.images = listed(images);
}

/// What would launch again, or runs on. Names are sorted, as those of the incident are.
void sort_standing(const Incident& incident, Situation& situation) {
  using summary::StandingKind;
  for (const impact::Standing& standing : incident.standing) {
    if (standing.units_at_end == 0) continue;
    switch (standing.kind) {
      case StandingKind::kService: situation.services.push_back(standing.id); break;
      case StandingKind::kTask: situation.tasks.push_back(standing.id); break;
      case StandingKind::kGroup:
      case StandingKind::kNodeGroup: situation.groups.push_back(standing.id); break;
      case StandingKind::kSpotFleet:
      case StandingKind::kFleet:
      case StandingKind::kSpotRequest: situation.fleets.push_back(standing.id); break;
      case StandingKind::kNotebook: situation.notebooks.push_back(standing.id); break;
      case StandingKind::kTrainingJob:
      case StandingKind::kProcessingJob: situation.jobs.push_back(standing.id); break;
      case StandingKind::kEmrCluster: situation.emr_clusters.push_back(standing.id); break;
    }
  }
}

bool logging_is_back(const Incident& incident, const Detection& stop) {
  const auto trails = ids(stop.entities, EntityType::kTrail);
  return !trails.empty() &&
         std::all_of(trails.begin(), trails.end(), [&](const std::string& trail) {
           return std::any_of(incident.containment.begin(), incident.containment.end(),
                              [&](const ContainmentStep& step) {
                                return step.measure == Measure::kLoggingStarted &&
                                       step.last >= stop.end_time &&
                                       (was_done(incident, step.measure, trail) ||
                                        was_done(incident, step.measure, last_part(trail)));
                              });
         });
}

/// ATT&CK Impair Defenses, where it blinds: tools, cloud logs, the Linux audit system.
bool blinds(const Detection& detection) {
  return std::any_of(
      detection.techniques.begin(), detection.techniques.end(), [](const std::string& technique) {
        return technique == "T1562.001" || technique == "T1562.008" || technique == "T1562.012";
      });
}

/// "stratum+tcp://pool.example:3333" -> "pool.example"
std::string host_of_url(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
  }
  url.remove_prefix(url.rfind('=') + 1);  // "pool=host:port"
  return std::string(url.substr(0, url.find_first_of(":/")));
}

/// False for the estate's own addresses and the metadata service, which a block would break.
bool is_outside(std::string_view address) {
  if (address.starts_with('[')) address = address.substr(1, address.find(']') - 1);
  if (const size_t port = address.find(':'); port == address.rfind(':'))
    address = address.substr(0, port);
  const auto parsed = intel::parse_address(address);
  return !parsed || detect::is_public(*parsed);
}

/// Whether the machines that the detection names belong to an orchestrator.
bool is_orchestrated(const Detection& detection) {
  // A container alone may be the only one of its machine.
  constexpr EntityType kOrchestrated[] = {EntityType::kCluster, EntityType::kTask,
                                          EntityType::kPod};
  return std::any_of(std::begin(kOrchestrated), std::end(kOrchestrated),
                     [&](EntityType type) { return !ids(detection.entities, type).empty(); });
}

void sort_indicators(const Incident& incident, Situation& situation) {
  Names pools;
  Names addresses;
  for (const detect::Indicator& indicator : incident.indicators) {
    const std::string& value = indicator.value;
    switch (indicator.role) {
      case IndicatorRole::kPool:
      case IndicatorRole::kSessionPeer:
        if (indicator.type == IndicatorType::kDomain) {
          pools.insert(value);
        } else if (indicator.type == IndicatorType::kPool) {
          const std::string host = host_of_url(value);
          if (intel::is_domain_name(host)) {
            pools.insert(host);
          } else if (intel::parse_address(host)) {
            addresses.insert(host);  // a miner's own word, wherever it is
          }
        } else if (is_outside(value)) {
          addresses.insert(value);
        }
        break;
      case IndicatorRole::kDownloadHost:
        if (is_outside(value)) addresses.insert(value);
        break;
      case IndicatorRole::kWayIn: situation.way_in_addresses.push_back(value); break;
      case IndicatorRole::kCaller: situation.caller_addresses.push_back(value); break;
      case IndicatorRole::kMiner:
        if (indicator.type == IndicatorType::kPath) situation.miner_paths.push_back(value);
        break;
      default: break;
    }
  }
  situation.pools = listed(pools);
  for (const std::string& address : addresses) {
    const size_t port = address.rfind(':');
    const bool covered = port != std::string::npos && addresses.contains(address.substr(0, port));
    if (!covered) situation.blocked_addresses.push_back(address);
  }
}

}  // namespace

BlindedRegions blinded_regions(const Incident& incident, DetectionList detections) {
  Names ever;
  Names dark;
  Names back;
  Names told;  // by a vendor, whose word about a stopped trail is no second stop
  for (const Detection* detection : detections) {
    if (!blinds(*detection)) continue;
    Names& regions = logging_is_back(incident, *detection)           ? back
                     : detection->signal == detect::Signal::kManaged ? told
                                                                     : dark;
    for (const std::string& region : ids(detection->entities, EntityType::kRegion)) {
      regions.insert(region);
      ever.insert(region);
    }
  }
  std::set_difference(told.begin(), told.end(), back.begin(), back.end(),
                      std::inserter(dark, dark.end()));
  return {listed(ever), listed(dark)};
}

Situation situation_of(const Incident& incident, DetectionList detections,
                       const summary::EntityLinks& links, const Foothold& foothold) {
  Situation situation;
  sort_credentials(incident, detections, links, foothold, situation);
  sort_foothold(incident, foothold, situation);
  situation.theft_is_shown =
      incident.claim >= detect::Claim::kConsistent ||
      std::any_of(detections.begin(), detections.end(),
                  [](const Detection* detection) { return points_to_theft(*detection); });
  sort_machines(incident, links, situation);
  sort_standing(incident, situation);
  Names hosts;
  for (const Detection* detection : detections) {
    const auto named = ids(detection->entities, EntityType::kHost);
    const auto instances = detect::instances_of(*detection, links);
    if (instances.empty()) hosts.insert(named.begin(), named.end());
    const bool unknown = is_of_unnamed_audit_log(*detection);
    situation.host_unknown |= unknown;
    if (is_orchestrated(*detection)) {
      situation.shared.insert(named.begin(), named.end());
      situation.shared.insert(instances.begin(), instances.end());
    }
    if (detection->signal == detect::Signal::kHost) {
      auto& techniques = unknown ? situation.unknown_host_techniques : situation.host_techniques;
      techniques.insert(detection->techniques.begin(), detection->techniques.end());
    }
  }
  situation.hosts = listed(hosts);
  situation.dark_regions = blinded_regions(incident, detections).still;
  situation.added_users = ids(incident.entities, EntityType::kAddedUser);
  for (const std::string& pair : incident.made_key_pairs) {
    if (!was_done(incident, Measure::kKeyPairDeleted, pair)) situation.key_pairs.push_back(pair);
  }
  for (const std::string& group : ids(incident.entities, EntityType::kSecurityGroup)) {
    if (!was_done(incident, Measure::kIngressRevoked, group)) {
      situation.security_groups.push_back(group);
    }
  }
  sort_indicators(incident, situation);
  return situation;
}

}  // namespace davy::incident
