// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/foothold.h"

#include <algorithm>
#include <map>

#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using detect::Detection;
using detect::Stage;
using event::EntityType;
using summary::Means;

/// Above it, what prepares a launch is more than an owner's own preparations: SSH opened, a key
/// pair added, a sign-in without a second factor.
constexpr double kBeyondOrdinary = 0.5;

/// The principals of the incident with their first trace.
std::map<std::string, Time> principals_of(DetectionList detections) {
  std::map<std::string, Time> first;
  for (const Detection* detection : detections) {
    for (std::string& arn : ids(detection->entities, EntityType::kPrincipal)) {
      Time& time = first.try_emplace(std::move(arn), detection->time).first->second;
      time = std::min(time, detection->time);
    }
  }
  return first;
}

/// The sessions of made users: not every detection that names such a key names its user too.
void add_sessions(DetectionList detections, Foothold& foothold) {
  for (const Detection* detection : detections) {
    const auto principals = ids(detection->entities, EntityType::kPrincipal);
    if (principals.size() != 1 || !foothold.users.contains(principals[0])) continue;
    for (std::string& key : ids(detection->entities, EntityType::kAccessKey)) {
      if (key.starts_with("ASIA")) foothold.keys.insert(std::move(key));
    }
  }
}

}  // namespace

Foothold foothold_of(DetectionList detections, const summary::EntityLinks& links) {
  NameSet keys;
  NameSet granted;
  for (const Detection* detection : detections) {
    for (std::string& key : ids(detection->entities, EntityType::kAccessKey))
      keys.insert(std::move(key));
    for (std::string& user : ids(detection->entities, EntityType::kGrantedUser))
      granted.insert(std::move(user));
  }
  Foothold foothold;
  for (const std::string& key : keys) {
    const summary::KeyFact* fact = links.find_key(key);
    const bool made = fact != nullptr && fact->issued_by_key != key;
    if (made && keys.contains(fact->issued_by_key)) foothold.keys.insert(key);
  }
  for (const auto& [arn, first] : principals_of(detections)) {
    const summary::UserFact* fact = links.find_user(arn);
    if (fact == nullptr) continue;
    for (const summary::Grant& grant : fact->grants) {
      if (keys.contains(grant.by_key) && grant.when <= first) foothold.users.insert(arn);
    }
  }
  add_sessions(detections, foothold);
  for (const std::string& arn : granted) {
    const summary::UserFact* fact = links.find_user(arn);
    if (fact == nullptr) continue;
    const auto was_given = [&](Means means) {
      return std::any_of(fact->grants.begin(), fact->grants.end(),
                         [&](const summary::Grant& grant) {
                           return grant.means == means && keys.contains(grant.by_key);
                         });
    };
    if (was_given(Means::kExistence)) {
      foothold.new_users.insert(arn);
    } else if (was_given(Means::kPassword)) {
      foothold.passwords.insert(arn);
    }
  }
  return foothold;
}

std::string acting_key(const Detection& detection, const Foothold& foothold) {
  for (std::string& key : ids(detection.entities, EntityType::kAccessKey)) {
    if (!foothold.keys.contains(key)) return std::move(key);
  }
  return {};
}

bool is_by_foothold(const Detection& detection, const Foothold& foothold) {
  const auto keys = ids(detection.entities, EntityType::kAccessKey);
  const auto principals = ids(detection.entities, EntityType::kPrincipal);
  const bool made_user = !principals.empty() && std::all_of(principals.begin(), principals.end(),
                                                            [&](const std::string& arn) {
                                                              return foothold.users.contains(arn);
                                                            });
  return made_user || (!keys.empty() && acting_key(detection, foothold).empty());
}

bool points_to_theft(const Detection& detection) {
  if (detection.claim >= detect::Claim::kConsistent) return true;
  switch (detection.stage) {
    case Stage::kCost: return false;
    case Stage::kResourceLaunch:
      // Refusals and the pace of a script, which are attempts, not the size of the order.
      return detection.claim == detect::Claim::kAttempt && detection.detector != "launch_weight";
    default: return detection.weight > kBeyondOrdinary;
  }
}

}  // namespace davy::incident
