// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/narrative.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Stage;
using event::Entity;
using event::EntityType;

std::vector<std::string> ids(const std::vector<Entity>& entities, EntityType type) {
  std::vector<std::string> found;
  for (const Entity& entity : entities) {
    if (entity.type == type) found.push_back(entity.id);
  }
  return found;
}

std::string first_id(const std::vector<Entity>& entities, EntityType type) {
  const auto found = ids(entities, type);
  return found.empty() ? std::string() : found.front();
}

/// "a, b and 3 more"
std::string some_of(const std::vector<std::string>& items, size_t shown) {
  std::vector<std::string> head(items.begin(),
                                items.begin() + static_cast<long>(std::min(shown, items.size())));
  std::string text = join(head, ", ");
  if (items.size() > shown) text += fmt::format(" and {} more", items.size() - shown);
  return text;
}

std::string plural(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", with_thousands(count), noun, count == 1 ? "" : "s");
}

bool has_type(DetectionList detections, EntityType type) {
  return std::any_of(detections.begin(), detections.end(), [&](const Detection* d) {
    return d->weight >= 1 && std::any_of(d->entities.begin(), d->entities.end(),
                                         [&](const Entity& e) { return e.type == type; });
  });
}

/// The credential as a person would name it: "root access key AKIA…", "ci-deploy (AKIA…)".
std::string credential_name(const Incident& incident) {
  const std::string& principal = incident.initial_access.principal;
  const std::string& key = incident.initial_access.credential;
  if (principal.ends_with(":root")) return key.empty() ? "Root account" : "Root access key " + key;
  const std::string name = principal.substr(principal.rfind('/') + 1);
  if (name.empty()) return key.empty() ? "Unknown credential" : "Access key " + key;
  return key.empty() ? name : fmt::format("{} ({})", name, key);
}

/// ATT&CK Impair Defenses, where it blinds: tools, cloud logs, the Linux audit system.
bool blinds(const std::string& technique) {
  return technique == "T1562.001" || technique == "T1562.008" || technique == "T1562.012";
}

/// Regions where logging or detection was switched off.
std::vector<std::string> darkened_regions(DetectionList detections) {
  std::set<std::string> regions;
  for (const Detection* detection : detections) {
    const bool impairs =
        std::any_of(detection->techniques.begin(), detection->techniques.end(), blinds);
    if (!impairs) continue;
    for (std::string& region : ids(detection->entities, EntityType::kRegion)) {
      regions.insert(std::move(region));
    }
  }
  return {regions.begin(), regions.end()};
}

/// "launch 200 instances in 8 regions", or what is known of launches whose answers name none.
std::string launches_text(const Launches& launches, std::string_view launch,
                          std::string_view request) {
  const std::string regions = plural(launches.regions.size(), "region");
  if (launches.launched > 0) {
    return fmt::format("{} {} in {}", launch, plural(launches.launched, "instance"), regions);
  }
  if (launches.requested == 0) return fmt::format("{} machines", request);
  return fmt::format("{} {} in {}", request, plural(launches.requested, "instance"), regions);
}

/// What to do about the machines, by what the logs say of each. Price has no say in it.
void add_machine_actions(const Incident& incident, std::vector<std::string>& actions) {
  std::array<std::vector<std::string>, 3> by_state;
  for (const impact::Machine& machine : incident.machines)
    by_state[static_cast<size_t>(machine.state)].push_back(machine.id);
  const auto& [unknown, running, ended] = by_state;
  if (!running.empty()) {
    actions.push_back(
        fmt::format("Snapshot the volumes of {} before anything destructive", some_of(running, 2)));
    actions.push_back(
        incident.kind == Kind::kCompromisedCredential
            ? fmt::format("Lift termination protection, then terminate {} in {}",
                          plural(running.size(), "instance"),
                          plural(incident.launches.regions.size(), "region"))
            : fmt::format("Isolate {} with an empty security group", some_of(running, 2)));
  }
  if (!unknown.empty()) {
    actions.push_back(fmt::format("No record says whether {} still run{}: check {}",
                                  some_of(unknown, 2), unknown.size() == 1 ? "s" : "",
                                  unknown.size() == 1 ? "it" : "them"));
  }
  if (!ended.empty()) {
    actions.push_back(fmt::format("Make sure {} stay{} off: the logs show the end",
                                  plural(ended.size(), "instance"), ended.size() == 1 ? "s" : ""));
  }
}

/// The machine, container or address the incident is about, the most specific name first.
std::string workload_name(const Incident& incident) {
  for (EntityType type :
       {EntityType::kPod, EntityType::kTask, EntityType::kContainer, EntityType::kInstance,
        EntityType::kHost, EntityType::kFunction, EntityType::kAddress}) {
    const auto found = ids(incident.entities, type);
    if (!found.empty()) return some_of(found, 1);
  }
  return "an unnamed workload";
}

}  // namespace

Kind kind_of(DetectionList detections, Claim claim) {
  const bool launch = std::any_of(detections.begin(), detections.end(), [](const Detection* d) {
    return d->stage == Stage::kResourceLaunch && d->weight >= 1.5;
  });
  const bool containers =
      has_type(detections, EntityType::kTask) || has_type(detections, EntityType::kContainer) ||
      has_type(detections, EntityType::kPod) || has_type(detections, EntityType::kCluster) ||
      has_type(detections, EntityType::kFunction);
  if (launch) return Kind::kCompromisedCredential;
  if (containers) return Kind::kServiceAbuse;
  return claim == Claim::kConfirmed ? Kind::kCompromisedWorkload : Kind::kSuspected;
}

std::string title_of(const Incident& incident) {
  if (incident.claim < Claim::kConsistent && incident.impact.resources_launched == 0) {
    return "Suspicious control-plane activity by " + credential_name(incident);
  }
  if (incident.kind == Kind::kCompromisedCredential) {
    return credential_name(incident) + " " +
           launches_text(incident.launches, "launched", "requested");
  }
  const std::string where = workload_name(incident);
  if (incident.kind == Kind::kServiceAbuse) return "Mining in " + where;
  return incident.claim == Claim::kConfirmed ? "Cryptocurrency miner running on " + where
                                             : "Behaviour consistent with mining on " + where;
}

std::string summary_of(const Incident& incident) {
  std::string text;
  if (incident.kind == Kind::kCompromisedCredential) {
    text =
        fmt::format("{} was used from {} to {}", credential_name(incident),
                    incident.initial_access.source_ip.empty() ? "an unknown address"
                                                              : incident.initial_access.source_ip,
                    launches_text(incident.launches, "launch", "request"));
    const DurationNs took = incident.launches.last - incident.launches.first;
    if (took > 0) text += " within " + to_human(took);
  } else {
    text = fmt::format("{} in account {}, active for {}", title_of(incident),
                       some_of(incident.scope.accounts, 2), to_human(incident.impact.dwell));
  }
  const auto pools = ids(incident.entities, EntityType::kDomain);
  if (!pools.empty()) text += ", talking to " + some_of(pools, 2);
  return text + fmt::format(": {}.", claim_name(incident.claim));
}

/// The best-supported way in: the strongest evidence, or else the last login before the first
/// telling sign of the attack.
const Detection* way_in_of(DetectionList detections) {
  constexpr double kTelling = 0.2;  // below it, a login like any other
  Time first_sign = kEndOfTime;
  for (const Detection* detection : detections) {
    if (detection->claim != Claim::kContext) first_sign = std::min(first_sign, detection->time);
  }
  const Detection* best = nullptr;
  for (const Detection* detection : detections) {
    if (detection->stage != Stage::kInitialAccess) continue;
    if (detection->weight < kTelling && detection->time > first_sign) continue;
    if (best == nullptr || detection->weight > best->weight ||
        (detection->weight == best->weight && detection->time > best->time)) {
      best = detection;
    }
  }
  return best;
}

InitialAccess initial_access_of(DetectionList detections) {
  InitialAccess access;
  const Detection* way_in = way_in_of(detections);
  const Detection* launch = nullptr;  // strongest use of a credential
  for (const Detection* detection : detections) {
    const bool uses_key = !first_id(detection->entities, EntityType::kAccessKey).empty();
    if (uses_key && (launch == nullptr || detection->weight > launch->weight)) launch = detection;
  }
  const Detection* user = launch != nullptr ? launch : way_in;
  if (user != nullptr) {
    access.credential = first_id(user->entities, EntityType::kAccessKey);
    access.principal = first_id(user->entities, EntityType::kPrincipal);
    access.source_ip = first_id(user->entities, EntityType::kSourceAddress);
  }
  if (way_in != nullptr) {
    access.vector = way_in->title;
    access.time = way_in->time;
    access.confidence = way_in->confidence;
    access.evidence = way_in->evidence;
    if (access.source_ip.empty()) {
      access.source_ip = first_id(way_in->entities, EntityType::kSourceAddress);
    }
    if (access.confidence < 0.7) {
      access.would_settle = "the authentication log of the machine, or the key's earlier history";
    }
  } else if (user != nullptr && access.principal.ends_with(":root")) {
    access.vector = "root access key";
    access.confidence = 0.8;
    access.time = user->time;
    access.evidence = user->evidence;
    access.would_settle =
        "how the root key leaked: code repositories, laptops, the account's support cases";
  } else if (user != nullptr && access.credential.starts_with("AKIA")) {
    access.vector = "long-term access key in other hands";
    access.confidence = 0.6;
    access.time = user->time;
    access.evidence = user->evidence;
    access.would_settle =
        "AWS Health exposure events, secret scanning of the repositories that held the key";
  } else {
    access.would_settle =
        "authentication logs (auth.log, auditd) of the machine and CloudTrail from before the "
        "first activity";
  }
  return access;
}

std::vector<std::string> first_actions(const Incident& incident, DetectionList detections) {
  std::vector<std::string> actions;
  const std::string& key = incident.initial_access.credential;
  if (incident.kind == Kind::kCompromisedCredential && !key.empty()) {
    actions.push_back(fmt::format(
        "Deactivate access key {} and deny its older sessions: it can still launch", key));
  }
  if (const auto dark = darkened_regions(detections); !dark.empty()) {
    actions.push_back("Switch logging and detection back on in " + some_of(dark, 8));
  }
  add_machine_actions(incident, actions);
  const auto pools = ids(incident.entities, EntityType::kDomain);
  if (!pools.empty()) actions.push_back("Block " + some_of(pools, 3) + " at the DNS firewall");
  actions.push_back(
      "Look in every region for the same credential, image, SSH key and security group");
  return actions;
}

std::vector<std::string> blind_spots(const Incident& incident, DetectionList detections,
                                     const Coverage& coverage) {
  struct NeedRow {
    std::string_view format;
    std::string_view without;
  };
  constexpr NeedRow kNeeds[] = {
      {"cloudtrail", "no CloudTrail in the input: who launched or changed what is not visible"},
      {"vpc_flow", "no VPC flow logs in the input: connections are not visible"},
      {"route53", "no Route 53 Resolver query logs in the input: names asked for are not visible"},
      {"guardduty", "no GuardDuty findings in the input"},
      {"cloudwatch", "no CloudWatch metrics in the input: CPU load is not visible"},
  };
  std::vector<std::string> spots;
  for (const NeedRow& need : kNeeds) {
    if (std::find(coverage.formats.begin(), coverage.formats.end(), need.format) ==
        coverage.formats.end()) {
      spots.emplace_back(need.without);
    }
  }
  std::vector<std::string> dark;
  for (const std::string& region : incident.scope.regions) {
    if (std::find(coverage.cloudtrail_regions.begin(), coverage.cloudtrail_regions.end(), region) ==
        coverage.cloudtrail_regions.end()) {
      dark.push_back(region);
    }
  }
  if (!dark.empty()) spots.push_back("no CloudTrail seen for " + join(dark, ", "));
  if (const auto stopped = darkened_regions(detections); !stopped.empty()) {
    spots.push_back("logging or detection was tampered with in " + some_of(stopped, 8) +
                    ": later activity there may be missing");
  }
  for (const std::string& place : coverage.unreadable)
    spots.push_back("could not be read: " + place);
  if (coverage.rejected_records > 0) {
    spots.push_back(
        fmt::format("{} could not be decoded", plural(coverage.rejected_records, "record")));
  }
  return spots;
}

}  // namespace davy::incident
