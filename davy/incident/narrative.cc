// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/narrative.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Stage;
using event::Entity;
using event::EntityType;

std::string first_id(const std::vector<Entity>& entities, EntityType type) {
  const auto found = ids(entities, type);
  return found.empty() ? std::string() : found.front();
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
  if (principal.ends_with(":root")) return key.empty() ? "root account" : "root access key " + key;
  std::string name(last_part(principal));
  // Under a role of the identity centre works a person, whom the session is named after.
  const auto sessions = ids(incident.entities, EntityType::kSession);
  if (name.starts_with("AWSReservedSSO_") && sessions.size() == 1) name = last_part(sessions[0]);
  if (name.empty()) return key.empty() ? "an unknown credential" : "access key " + key;
  return key.empty() ? name : fmt::format("{} ({})", name, key);
}

/// Users keep the name they have; our own words start a sentence.
std::string as_start(std::string text) {
  for (std::string_view own : {"root a", "an unknown", "access key"}) {
    if (text.starts_with(own)) text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

/// Regions where logging or detection was switched off.
std::vector<std::string> darkened_regions(DetectionList detections) {
  std::set<std::string> regions;
  for (const Detection* detection : detections) {
    if (!blinds(*detection)) continue;
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
    return as_start(credential_name(incident)) + " " +
           launches_text(incident.launches, "launched", "requested");
  }
  const std::string where = workload_name(incident);
  if (incident.kind == Kind::kServiceAbuse) return "Mining in " + where;
  if (incident.claim != Claim::kConfirmed) return "Behaviour consistent with mining on " + where;
  return fmt::format("Cryptocurrency miner {} on {}",
                     incident.contained_at.known() ? "ran" : "running", where);
}

namespace {

/// The titles of the strongest detections of a claim, one per signal: "Miner process /tmp/xmrig (x
/// 2); …".
std::string strongest_titles(DetectionList detections, Claim claim, size_t shown) {
  struct Best {
    const Detection* detection = nullptr;
    size_t alike = 0;
  };
  std::map<std::string_view, Best> by_detector;
  for (const Detection* detection : detections) {
    if (detection->claim != claim) continue;
    Best& best = by_detector[detection->detector];
    ++best.alike;
    if (best.detection == nullptr || detection->weight > best.detection->weight) {
      best.detection = detection;
    }
  }
  std::map<detect::Signal, Best> by_signal;
  for (const auto& [detector, best] : by_detector) {
    Best& strongest = by_signal[best.detection->signal];
    if (strongest.detection == nullptr || best.detection->weight > strongest.detection->weight) {
      strongest = best;
    }
  }
  std::vector<Best> order;
  for (const auto& [signal, best] : by_signal)
    order.push_back(best);
  std::stable_sort(order.begin(), order.end(), [](const Best& a, const Best& b) {
    return a.detection->weight > b.detection->weight;
  });
  std::vector<std::string> titles;
  for (const Best& best : order) {
    if (titles.size() == shown) break;
    titles.push_back(best.detection->title +
                     (best.alike > 1 ? fmt::format(" (x {})", best.alike) : ""));
  }
  return join(titles, "; ");
}

/// "in account 1, 2 h 05 min long"; empty parts are left out.
std::string where_and_how_long(const Incident& incident) {
  std::string text;
  if (!incident.scope.accounts.empty()) {
    text += fmt::format(" in account{} {}", incident.scope.accounts.size() == 1 ? "" : "s",
                        some_of(incident.scope.accounts, 2));
  }
  if (incident.impact.dwell >= kSecond) text += " for " + to_human(incident.impact.dwell);
  return text;
}

}  // namespace

std::string proof_of(const Incident& incident, DetectionList detections) {
  const std::string titles = strongest_titles(detections, incident.claim, 3);
  switch (incident.claim) {
    case Claim::kContext: return "nothing seen is mining; it happens in ordinary work too";
    case Claim::kAttempt: return titles + "; nothing shows that it succeeded";
    case Claim::kConsistent: return titles + "; no pool, miner or wallet was identified";
    case Claim::kConfirmed: break;
  }
  if (incident.severity >= Severity::kHigh) return titles;
  // A sure sign with a low score looks like a contradiction.
  return fmt::format(
      "{}. The score is {:.0f} because it counts how many kinds of evidence agree, "
      "not how sure one is",
      titles, incident.score);
}

std::string summary_of(const Incident& incident, DetectionList detections) {
  if (incident.claim < Claim::kConsistent && incident.impact.resources_launched == 0) {
    return fmt::format("{}{}: {}. Nothing seen here is mining.", incident.title,
                       where_and_how_long(incident),
                       strongest_titles(detections, incident.claim, 2));
  }
  std::string text;
  if (incident.kind == Kind::kCompromisedCredential) {
    text =
        fmt::format("{} was used from {} to {}", as_start(credential_name(incident)),
                    incident.initial_access.source_ip.empty() ? "an unknown address"
                                                              : incident.initial_access.source_ip,
                    launches_text(incident.launches, "launch", "request"));
    const DurationNs took = incident.launches.last - incident.launches.first;
    if (took > 0) text += " within " + to_human(took);
  } else {
    text = incident.title + where_and_how_long(incident);
  }
  const auto pools = ids(incident.entities, EntityType::kDomain);
  if (!pools.empty()) text += ", talking to " + some_of(pools, 2);
  return text + fmt::format(": {}.", claim_name(incident.claim));
}

namespace {

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

bool was_read(const Coverage& coverage, std::string_view format) {
  return std::find(coverage.formats.begin(), coverage.formats.end(), format) !=
         coverage.formats.end();
}

/// What would make a way in that was seen surer.
std::string settles(const Detection& way_in, const Coverage& coverage) {
  const bool on_a_host = first_id(way_in.entities, EntityType::kPrincipal).empty() &&
                         first_id(way_in.entities, EntityType::kAccessKey).empty();
  if (!on_a_host) return "the key's earlier history";
  if (!was_read(coverage, "auditd")) return "the authentication log of the machine";
  return "the word of the account's owner on this login, and earlier logins on the machine";
}

/// Who the key belongs to: the strongest detection may name the key alone.
std::string principal_of(const std::string& key, DetectionList detections) {
  for (const Detection* detection : detections) {
    const auto keys = ids(detection->entities, EntityType::kAccessKey);
    const auto principals = ids(detection->entities, EntityType::kPrincipal);
    if (keys.size() == 1 && keys[0] == key && principals.size() == 1) return principals[0];
  }
  return {};
}

}  // namespace

InitialAccess initial_access_of(const Incident& incident, DetectionList detections,
                                const Coverage& coverage) {
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
    if (access.principal.empty()) access.principal = principal_of(access.credential, detections);
  }
  // Below `medium` nothing is sure enough to speak of theft.
  const bool suspect_theft = user != nullptr && incident.severity >= Severity::kMedium;
  if (way_in != nullptr) {
    access.vector = way_in->title;
    access.time = way_in->time;
    access.confidence = way_in->confidence;
    access.evidence = way_in->evidence;
    if (access.source_ip.empty()) {
      access.source_ip = first_id(way_in->entities, EntityType::kSourceAddress);
    }
    if (access.confidence < 0.7) access.would_settle = settles(*way_in, coverage);
  } else if (suspect_theft && access.principal.ends_with(":root")) {
    access.vector = "root access key (told from its use; how it was got was not seen)";
    access.confidence = 0.8;
    access.time = user->time;
    access.evidence = user->evidence;
    access.would_settle =
        "how the root key leaked: code repositories, laptops, the account's support cases";
  } else if (suspect_theft && access.credential.starts_with("AKIA")) {
    access.vector =
        "long-term access key in other hands (told from its use; how it was got was not seen)";
    access.confidence = 0.6;
    access.time = user->time;
    access.evidence = user->evidence;
    access.would_settle =
        "AWS Health exposure events, secret scanning of the repositories that held the key";
  } else if (user != nullptr) {
    access.would_settle = "the word of the credential's owner, and CloudTrail from before";
  } else {
    access.would_settle = was_read(coverage, "auditd")
                              ? "authentication logs from before the first activity"
                              : "the authentication log of the machine (auth.log, auditd)";
  }
  return access;
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
    if (!was_read(coverage, need.format)) spots.emplace_back(need.without);
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
  spots.insert(spots.end(), coverage.lost.begin(), coverage.lost.end());
  for (const std::string& place : coverage.unreadable)
    spots.push_back("could not be read: " + place);
  if (coverage.rejected_records > 0) {
    spots.push_back(
        fmt::format("{} could not be decoded", plural(coverage.rejected_records, "record")));
  }
  return spots;
}

}  // namespace davy::incident
