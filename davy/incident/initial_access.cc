// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/initial_access.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/incident/naming.h"

namespace davy::incident {

using detect::Claim;
using detect::Detection;
using detect::Stage;
using event::Entity;
using event::EntityType;

namespace {

std::string first_id(const std::vector<Entity>& entities, EntityType type) {
  const auto found = ids(entities, type);
  return found.empty() ? std::string() : found.front();
}

/// The best-supported way in: the strongest evidence, or else the last login before the first
/// telling sign of the attack.
const Detection* way_in_of(DetectionList detections, const Foothold& foothold) {
  constexpr double kTelling = 0.2;  // below it, a login like any other
  Time first_sign = kEndOfTime;
  for (const Detection* detection : detections) {
    if (detection->claim != Claim::kContext) first_sign = std::min(first_sign, detection->time);
  }
  const Detection* best = nullptr;
  for (const Detection* detection : detections) {
    if (detection->stage != Stage::kInitialAccess) continue;
    if (is_by_foothold(*detection, foothold)) continue;
    if (detection->weight < kTelling && detection->time > first_sign) continue;
    if (best == nullptr || detection->weight > best->weight ||
        (detection->weight == best->weight && detection->time > best->time)) {
      best = detection;
    }
  }
  return best;
}

/// What would make a way in that was seen surer.
std::string settles(const Detection& way_in, const Coverage& coverage) {
  const bool on_a_host = first_id(way_in.entities, EntityType::kPrincipal).empty() &&
                         first_id(way_in.entities, EntityType::kAccessKey).empty();
  if (!on_a_host) return "the key's earlier history";
  if (!coverage.has("auditd")) return "the authentication log of the machine";
  return "the word of the account's owner on this login, and earlier logins on the machine";
}

/// What would show a way in that was not seen, where no credential is known.
std::string settles_unseen(const Incident& incident, const Coverage& coverage) {
  const bool machine = !ids(incident.entities, EntityType::kInstance).empty() ||
                       !ids(incident.entities, EntityType::kHost).empty();
  if (!machine && !ids(incident.entities, EntityType::kFunction).empty())
    return "CloudTrail of changes to the function's code, and the packages it is built from";
  return coverage.has("auditd") ? "authentication logs from before the first activity"
                                : "the authentication log of the machine (auth.log, auditd)";
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

/// Where the key was used from: the strongest detection may name no address, as correlations do.
std::string source_of(const std::string& key, DetectionList detections, const Foothold& foothold) {
  const Detection* best = nullptr;
  for (const Detection* detection : detections) {
    if (first_id(detection->entities, EntityType::kSourceAddress).empty()) continue;
    if (key.empty() || acting_key(*detection, foothold) != key) continue;
    if (best == nullptr || detection->weight > best->weight) best = detection;
  }
  return best == nullptr ? std::string() : first_id(best->entities, EntityType::kSourceAddress);
}

/// The strongest use of a credential that the incident did not make for itself; a launch first.
const Detection* use_of_credential(DetectionList detections, const Foothold& foothold) {
  const Detection* strongest = nullptr;
  for (const Detection* detection : detections) {
    if (is_by_foothold(*detection, foothold)) continue;
    if (acting_key(*detection, foothold).empty()) continue;
    if (strongest == nullptr || detection->weight > strongest->weight) strongest = detection;
  }
  return strongest;
}

/// "i-0abc" when the credential is the session of an instance profile, which is named after it.
std::string instance_behind(const std::string& credential, DetectionList detections) {
  for (const Detection* detection : detections) {
    const auto keys = ids(detection->entities, EntityType::kAccessKey);
    if (std::find(keys.begin(), keys.end(), credential) == keys.end()) continue;
    for (const std::string& session : ids(detection->entities, EntityType::kSession)) {
      const std::string_view name = last_part(session);
      const std::string_view last = name.substr(name.rfind('/') + 1);
      if (last.starts_with("i-")) return std::string(last);
    }
  }
  return {};
}

/// A vector told from the use of a credential alone.
struct ToldFromUse {
  std::string vector;
  double confidence;
  std::string_view would_settle;
};

std::optional<ToldFromUse> told_from_use(const InitialAccess& access, DetectionList detections) {
  if (access.principal.ends_with(":root")) {
    const bool session = access.credential.starts_with("ASIA");
    return ToldFromUse{
        fmt::format("root {} (told from its use; how it was got was not seen)",
                    session ? "session" : "access key"),
        session ? 0.5 : 0.8,
        session ? "sign-in records of the root user, and who reads its mailbox"
                : "how the root key leaked: code repositories, laptops, the account's support "
                  "cases"};
  }
  if (access.credential.starts_with("AKIA")) {
    return ToldFromUse{
        "long-term access key in other hands (told from its use; how it was got was not seen)", 0.6,
        "AWS Health exposure events, secret scanning of the repositories that held the key"};
  }
  if (const std::string machine = instance_behind(access.credential, detections);
      !machine.empty()) {
    return ToldFromUse{
        fmt::format("role credentials of instance {} in other hands (told from their use; how they "
                    "were got was not seen)",
                    machine),
        0.6, "what listens on the instance, and the access logs of its web servers and metadata"};
  }
  return std::nullopt;
}

}  // namespace

InitialAccess initial_access_of(const Incident& incident, DetectionList detections,
                                const Coverage& coverage, const Foothold& foothold) {
  InitialAccess access;
  const Detection* way_in = way_in_of(detections, foothold);
  const Detection* use = use_of_credential(detections, foothold);
  const Detection* user = use != nullptr ? use : way_in;
  if (user != nullptr) {
    access.credential = acting_key(*user, foothold);
    access.principal = first_id(user->entities, EntityType::kPrincipal);
    access.source_ip = first_id(user->entities, EntityType::kSourceAddress);
    if (access.principal.empty()) access.principal = principal_of(access.credential, detections);
    if (access.source_ip.empty()) {
      access.source_ip = source_of(access.credential, detections, foothold);
    }
  }
  // Below `medium` nothing is sure enough to speak of theft, and a launch alone is its owner's as
  // likely as a thief's.
  const bool suspect_theft =
      user != nullptr && incident.severity >= Severity::kMedium &&
      (access.principal.ends_with(":root") ||
       std::any_of(detections.begin(), detections.end(),
                   [](const Detection* detection) { return points_to_theft(*detection); }));
  std::optional<ToldFromUse> told;
  if (suspect_theft) told = told_from_use(access, detections);
  if (way_in != nullptr) {
    access.vector = way_in->title;
    access.time = way_in->time;
    access.confidence = way_in->confidence;
    access.evidence = way_in->evidence;
    if (access.source_ip.empty()) {
      access.source_ip = first_id(way_in->entities, EntityType::kSourceAddress);
    }
    if (access.confidence < 0.7) access.would_settle = settles(*way_in, coverage);
  } else if (told) {
    access.vector = std::move(told->vector);
    access.confidence = told->confidence;
    access.time = user->time;
    access.evidence = user->evidence;
    access.would_settle = told->would_settle;
  } else if (user != nullptr || !incident.launches.principal.empty() ||
             !ids(incident.entities, EntityType::kPrincipal).empty()) {
    access.would_settle = "the word of the credential's owner, and CloudTrail from before";
  } else {
    access.would_settle = settles_unseen(incident, coverage);
  }
  return access;
}

}  // namespace davy::incident
