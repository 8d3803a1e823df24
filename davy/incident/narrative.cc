// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/narrative.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/incident/join_keys.h"
#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Stage;
using event::Entity;
using event::EntityType;

bool has_type(DetectionList detections, EntityType type) {
  return std::any_of(detections.begin(), detections.end(), [&](const Detection* d) {
    return d->weight >= 1 && std::any_of(d->entities.begin(), d->entities.end(),
                                         [&](const Entity& e) { return e.type == type; });
  });
}

/// The credential as a person would name it: "root access key AKIA…", "ci-deploy (AKIA…)".
std::string credential_name(const Incident& incident, const std::string& principal,
                            const std::string& key) {
  if (principal.ends_with(":root")) {
    if (key.empty()) return "root account";
    return (key.starts_with("ASIA") ? "root session " : "root access key ") + key;
  }
  std::string name(last_part(principal));
  // Under a role of the identity centre works a person, whom the session is named after.
  const auto sessions = ids(incident.entities, EntityType::kSession);
  if (name.starts_with("AWSReservedSSO_") && sessions.size() == 1) name = last_part(sessions[0]);
  if (name.empty()) return key.empty() ? "an unknown credential" : "access key " + key;
  return key.empty() ? name : fmt::format("{} ({})", name, key);
}

/// Who came in.
std::string intruder_name(const Incident& incident) {
  const InitialAccess& access = incident.initial_access;
  return credential_name(incident, access.principal, access.credential);
}

/// Who launched, which is somebody else when the intruder made himself a user first.
std::string launcher_name(const Incident& incident) {
  const Launches& launches = incident.launches;
  if (launches.principal.empty() && launches.credential.empty()) return intruder_name(incident);
  std::string name = credential_name(incident, launches.principal, launches.credential);
  std::vector<std::string> others;
  for (const std::string& principal : launches.principals) {
    if (principal != launches.principal) others.emplace_back(last_part(principal));
  }
  return others.empty() ? name : fmt::format("{} and {}", name, some_of(others, 1));
}

/// Users keep the name they have; our own words start a sentence.
std::string as_start(std::string text) {
  for (std::string_view own : {"root a", "root session", "an unknown", "access key"}) {
    if (text.starts_with(own)) text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

/// "launch 200 instances in 8 regions", or what is known of launches whose answers name none.
std::string launches_text(const Launches& launches, std::string_view launch,
                          std::string_view request) {
  const std::string regions = plural(launches.regions.size(), "region");
  if (launches.accepted > 0) {
    const std::string machines =
        launches.launched > 0 ? ", " + plural(launches.launched, "instance") + " launched" : "";
    return fmt::format("{} {} in {} (accepted{})", request, launches.accepted_as, regions,
                       machines);
  }
  if (launches.launched > 0) {
    return fmt::format("{} {} in {}", launch, plural(launches.launched, "instance"), regions);
  }
  if (launches.requested == 0) return fmt::format("{} machines", request);
  return fmt::format("{} {} in {}", request, plural(launches.requested, "instance"), regions);
}

bool has_launched(const Incident& incident) {
  return incident.launches.launched + incident.launches.accepted > 0;
}

bool names_credential(const Incident& incident) {
  return std::any_of(incident.entities.begin(), incident.entities.end(), [](const Entity& entity) {
    return entity.type == EntityType::kAccessKey || entity.type == EntityType::kPrincipal ||
           entity.type == EntityType::kSession;
  });
}

/// The machine, container or address the incident is about, the most specific name first.
std::string workload_name(const Incident& incident) {
  for (EntityType type :
       {EntityType::kPod, EntityType::kTask, EntityType::kContainer, EntityType::kInstance,
        EntityType::kHost, EntityType::kFunction, EntityType::kCluster, EntityType::kAddress}) {
    auto found = ids(incident.entities, type);
    if (found.empty()) continue;
    const bool function = type == EntityType::kFunction;
    if (!function && type != EntityType::kCluster) return some_of(found, 1);
    for (std::string& arn : found)
      arn.erase(0, arn.find_last_of(":/") + 1);
    return (function ? "function " : "cluster ") + some_of(found, 1);
  }
  return "an unnamed workload";
}

/// Whether anything besides look-ups of its name shows a pool being used.
bool shows_connection(DetectionList detections) {
  return std::any_of(detections.begin(), detections.end(), [](const Detection* d) {
    const bool remote = !ids(d->entities, EntityType::kRemoteAddress).empty();
    const bool called = d->detector == "known_pool_connection";  // by name alone, perhaps
    return d->claim >= Claim::kConsistent &&
           (remote || called || d->signal == detect::Signal::kProcess);
  });
}

}  // namespace

Kind kind_of(const Incident& incident, DetectionList detections) {
  const bool counted = incident.launches.launched > 0 && !incident.launches.credential.empty();
  const bool launch =
      counted || std::any_of(detections.begin(), detections.end(), [](const Detection* d) {
        return d->stage == Stage::kResourceLaunch && d->weight >= 1.5;
      });
  const bool containers =
      has_type(detections, EntityType::kTask) || has_type(detections, EntityType::kContainer) ||
      has_type(detections, EntityType::kPod) || has_type(detections, EntityType::kCluster) ||
      has_type(detections, EntityType::kFunction);
  if (launch) return Kind::kCompromisedCredential;
  if (containers) return Kind::kServiceAbuse;
  return incident.claim == Claim::kConfirmed ? Kind::kCompromisedWorkload : Kind::kSuspected;
}

std::string title_of(const Incident& incident) {
  if (incident.claim < Claim::kConsistent && !has_launched(incident)) {
    if (names_credential(incident))
      return "Suspicious control-plane activity by " + intruder_name(incident);
    // Only what workloads did was seen: names asked for, connections refused.
    return fmt::format(
        "{} on {}", incident.claim == Claim::kAttempt ? "Attempts to mine" : "Suspicious activity",
        workload_name(incident));
  }
  if (incident.kind == Kind::kCompromisedCredential) {
    return as_start(launcher_name(incident)) + " " +
           launches_text(incident.launches, "launched", "requested");
  }
  const std::string where = workload_name(incident);
  if (incident.claim < Claim::kConsistent) return "Suspicious activity on " + where;
  const bool service = incident.kind == Kind::kServiceAbuse;
  if (incident.claim != Claim::kConfirmed)
    return fmt::format("Behaviour consistent with mining {} {}", service ? "in" : "on", where);
  if (service) return "Mining in " + where;
  return fmt::format("Cryptocurrency miner {} on {}",
                     incident.contained_at.known() ? "ran" : "running", where);
}

namespace {

/// The strongest detection of one detector, and the others of it: another wave says something else.
struct Best {
  const Detection* detection = nullptr;
  size_t count = 0;
  std::map<std::string_view, size_t> titles;

  void add(const Detection& other) {
    ++count;
    ++titles[other.title];
    if (detection == nullptr || other.weight > detection->weight) detection = &other;
  }

  std::string text() const {
    const size_t alike = titles.at(detection->title);
    std::string text = detection->title;
    if (alike > 1) text += fmt::format(" (x {})", alike);
    if (count > alike) text += fmt::format(", and {} more of this kind", count - alike);
    return text;
  }
};

/// The titles of the strongest detections of a claim, one per signal: "Miner process /tmp/xmrig (x
/// 2); …".
std::string strongest_titles(DetectionList detections, Claim claim, size_t shown) {
  std::map<std::string_view, Best> by_detector;
  for (const Detection* detection : detections) {
    if (detection->claim != claim) continue;
    by_detector[detection->detector].add(*detection);
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
    titles.push_back(best.text());
  }
  return join(titles, "; ");
}

bool names_pool(DetectionList detections) {
  return std::any_of(detections.begin(), detections.end(), [](const Detection* d) {
    return std::any_of(
        d->indicators.begin(), d->indicators.end(),
        [](const detect::Indicator& one) { return one.role == detect::IndicatorRole::kPool; });
  });
}

/// " in account 1, active over 2 h 05 min"; empty parts are left out. From the first sign to the
/// last: a miner may have run for less.
std::string where_and_how_long(const Incident& incident) {
  std::string text;
  if (!incident.scope.accounts.empty()) {
    text += fmt::format(" in account{} {}", incident.scope.accounts.size() == 1 ? "" : "s",
                        some_of(incident.scope.accounts, 2));
  }
  if (incident.impact.dwell >= kSecond) {
    text += ", active over " + to_human(incident.first_activity, incident.last_activity);
  }
  return text;
}

}  // namespace

std::string proof_of(const Incident& incident, DetectionList detections) {
  std::string titles = strongest_titles(detections, incident.claim, 3);
  switch (incident.claim) {
    case Claim::kContext: return "nothing seen is mining; it happens in ordinary work too";
    case Claim::kAttempt:
      return titles + (has_launched(incident) ? "; the launch succeeded; mining itself was not seen"
                                              : "; nothing shows that it succeeded");
    case Claim::kConsistent: {
      const bool asked = !ids(incident.entities, EntityType::kDomain).empty();
      if (asked && !shows_connection(detections))
        return titles + "; no connection, miner or wallet was seen";
      return titles + (names_pool(detections) ? "; no mining session, miner or wallet was seen"
                                              : "; no pool, miner or wallet was identified");
    }
    case Claim::kConfirmed: break;
  }
  if (incident.severity >= Severity::kHigh) return titles;
  // A sure sign with a low score looks like a contradiction.
  return fmt::format(
      "{}. The score is {} because it counts how many kinds of evidence agree, "
      "not how sure one is",
      titles, whole_score(incident.score));
}

namespace {

/// True when another credential of the incident launched than the one that came in.
bool is_handed_on(const Incident& incident) {
  const std::string& came_in = incident.initial_access.credential;
  const std::string& launched = incident.launches.credential;
  return !came_in.empty() && !launched.empty() && came_in != launched &&
         incident.initial_access.principal != incident.launches.principal &&
         incident.launches.principals.size() == 1;
}

}  // namespace

std::string summary_of(const Incident& incident, DetectionList detections) {
  if (incident.claim < Claim::kConsistent && !has_launched(incident)) {
    return fmt::format("{}{}: {}. {}.", incident.title, where_and_how_long(incident),
                       strongest_titles(detections, incident.claim, 2),
                       names_credential(incident) ? "Nothing seen here is mining"
                                                  : "Nothing shows that it succeeded");
  }
  std::string text;
  if (incident.kind == Kind::kCompromisedCredential) {
    const std::string& launched_from = incident.launches.source_ip.empty()
                                           ? incident.initial_access.source_ip
                                           : incident.launches.source_ip;
    text = fmt::format("{} {} used from {} to {}", as_start(launcher_name(incident)),
                       incident.launches.principals.size() > 1 ? "were" : "was",
                       launched_from.empty() ? "an unknown address" : launched_from,
                       launches_text(incident.launches, "launch", "request"));
    const DurationNs took = incident.launches.last - incident.launches.first;
    if (took >= kSecond) text += " within " + to_human(took);
    if (is_handed_on(incident)) {
      text += fmt::format(", with what {} had made for the purpose", intruder_name(incident));
    }
  } else {
    text = incident.title + where_and_how_long(incident);
  }
  const auto pools = ids(incident.entities, EntityType::kDomain);
  if (!pools.empty()) {
    text += (shows_connection(detections) ? ", talking to " : ", asking for the name ") +
            some_of(pools, 2);
  }
  if (incident.claim < Claim::kConsistent) return text + ". Mining itself was not seen.";
  return text + fmt::format(": {}.", claim_name(incident.claim));
}

std::vector<std::string> blind_spots(const Incident& incident, DetectionList detections,
                                     const Coverage& coverage) {
  struct NeedRow {
    std::string_view format;
    std::string_view without;
  };
  constexpr NeedRow kNeeds[] = {
      {"cloudtrail", "no CloudTrail in the input: who launched or changed what is not visible"},
      {"vpc_flow", "no VPC flow logs in the input: traffic is not visible"},
      {"route53", "no Route 53 Resolver query logs in the input: names asked for are not visible"},
      {"guardduty", "no GuardDuty findings in the input"},
      {"cloudwatch", "no CloudWatch metrics in the input: CPU load is not visible"},
  };
  std::vector<std::string> spots;
  for (const NeedRow& need : kNeeds) {
    if (!coverage.has(need.format)) spots.emplace_back(need.without);
  }
  std::vector<std::string> dark;
  for (const std::string& region : incident.scope.regions) {
    if (std::find(coverage.cloudtrail_regions.begin(), coverage.cloudtrail_regions.end(), region) ==
        coverage.cloudtrail_regions.end()) {
      dark.push_back(region);
    }
  }
  if (!dark.empty()) spots.push_back("no CloudTrail seen for " + join(dark, ", "));
  const bool unnamed = std::any_of(detections.begin(), detections.end(),
                                   [](const Detection* d) { return is_of_unnamed_audit_log(*d); });
  if (unnamed) {
    spots.emplace_back(
        "the audit log names no machine: only where it was taken from tells which one it is of");
  }
  if (const auto blinded = blinded_regions(incident, detections); !blinded.ever.empty()) {
    spots.push_back("logging or detection was tampered with in " + some_of(blinded.ever, 8) +
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
