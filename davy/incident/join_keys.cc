// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/join_keys.h"

#include <algorithm>
#include <iterator>

#include "davy/detect/instances_of.h"
#include "davy/detect/rule_matches.h"

namespace davy::incident {
namespace {

using detect::Detection;
using event::Entity;
using event::EntityType;

/// What joins by itself, and how long after its last trace it still speaks of the same incident. A
/// session joins by its key: its name is often a constant ("GitHubActions").
struct JoinRow {
  EntityType type;
  DurationNs reach;
  bool scoped;  ///< its name is unique only within an account or cluster
};
constexpr JoinRow kJoining[] = {
    {EntityType::kAccessKey, 7 * kDay, false}, {EntityType::kPrincipal, 7 * kDay, false},
    {EntityType::kInstance, 30 * kDay, false}, {EntityType::kInterface, 30 * kDay, false},
    {EntityType::kAddress, kDay, false},  // says its network; handed on when a machine ends
    {EntityType::kTask, 7 * kDay, true},       {EntityType::kFunction, 7 * kDay, true},
    {EntityType::kContainer, 7 * kDay, true},  {EntityType::kPod, kDay, true},
    {EntityType::kHost, kDay, true},           {EntityType::kProcess, kDay, true},
    {EntityType::kCluster, 6 * kHour, true},
};

/// A name without account or cluster is a tie only while the same thing is likely meant.
constexpr DurationNs kUnscopedReach = 6 * kHour;

/// Machines of one account that mine at one place within hours are one campaign.
constexpr DurationNs kCampaignReach = 6 * kHour;

/// The one machine whose audit log names none. No log can say it: names hold no line ends.
constexpr std::string_view kUnnamedMachine = "\n";

/// What machines and sensors write when they know no name of their own.
constexpr std::string_view kNobody[] = {"localhost",  "localhost.localdomain",
                                        "localhost6", "ip6-localhost",
                                        "(none)",     "none",
                                        "unknown",    "<NA>",
                                        "host",       "-"};

bool is_nobody(std::string_view name) {
  return std::find(std::begin(kNobody), std::end(kNobody), name) != std::end(kNobody);
}

const JoinRow* row_of(const Entity& entity) {
  if (entity.type == EntityType::kPrincipal && !is_personal(entity.id)) return nullptr;
  if (entity.type == EntityType::kAddress && entity.id.starts_with('/')) return nullptr;
  for (const JoinRow& row : kJoining) {
    if (row.type == entity.type) return row.scoped && is_nobody(entity.id) ? nullptr : &row;
  }
  return nullptr;
}

std::vector<std::string> ids_of(const Detection& detection, EntityType type) {
  std::vector<std::string> ids;
  for (const Entity& entity : detection.entities) {
    if (entity.type == type) ids.push_back(entity.id);
  }
  return ids;
}

/// The accounts a detection names, else its clusters.
std::vector<std::string> scopes_of(const Detection& detection) {
  std::vector<std::string> accounts = ids_of(detection, EntityType::kAccount);
  return accounts.empty() ? ids_of(detection, EntityType::kCluster) : accounts;
}

void add_scoped(const Entity& entity, const JoinRow& row, const Detection& detection,
                const ScopesByName& known, std::set<Key>& keys) {
  std::vector<std::string> scopes = scopes_of(detection);
  if (scopes.empty()) {
    const auto others = known.find(entity);
    if (others != known.end() && others->second.size() == 1) scopes = {*others->second.begin()};
  }
  for (const std::string& scope : scopes)
    keys.insert({{entity.type, scope + '\n' + entity.id}, row.reach});
  if (scopes.empty()) keys.insert({entity, kUnscopedReach});
}

/// "1.2.3.4" of "1.2.3.4:3333": a pool listens on several ports.
std::string without_port(const std::string& address) {
  const size_t colon = address.rfind(':');
  const bool has_port = colon != std::string::npos &&
                        (address.find(':') == colon || (colon > 0 && address[colon - 1] == ']'));
  return has_port ? address.substr(0, colon) : address;
}

/// Where the detection saw mining go to, with the account. Never the place alone: unrelated victims
/// mine at the same public pools. What is only consistent with mining joins at the very endpoint:
/// one port of an address may serve anything.
void add_campaign(const Detection& detection, std::set<Key>& keys) {
  const bool identified = identifies_mining(detection);
  const bool consistent =
      detection.stage == detect::Stage::kMining && detection.claim == detect::Claim::kConsistent;
  if (!identified && !consistent) return;
  for (const std::string& account : ids_of(detection, EntityType::kAccount)) {
    for (const Entity& entity : detection.entities) {
      const bool address = entity.type == EntityType::kRemoteAddress;
      if (!address && entity.type != EntityType::kDomain) continue;
      keys.insert({{entity.type, account + '\n' + entity.id}, kCampaignReach});
      if (identified && address) {
        keys.insert({{entity.type, account + '\n' + without_port(entity.id)}, kCampaignReach});
      }
    }
  }
}

}  // namespace

bool identifies_mining(const Detection& detection) {
  if (detection.stage != detect::Stage::kMining) return false;
  return detection.claim == detect::Claim::kConfirmed ||
         std::any_of(detection.indicators.begin(), detection.indicators.end(),
                     [](const detect::Indicator& indicator) {
                       return indicator.role == detect::IndicatorRole::kPool;
                     });
}

bool is_personal(std::string_view arn) {
  return arn.find(":user/") != std::string_view::npos || arn.ends_with(":root");
}

Key key_of(const Entity& credential) {
  return {credential, row_of(credential)->reach};
}

ScopesByName scopes_by_name(const std::vector<Detection>& detections) {
  ScopesByName scopes;
  for (const Detection& detection : detections) {
    // One that only adds context may not decide what joins, by lending a scope or by disputing one.
    if (detect::is_foreign_context(detection)) continue;
    for (const Entity& entity : detection.entities) {
      const JoinRow* row = row_of(entity);
      if (row == nullptr || !row->scoped) continue;
      for (std::string& scope : scopes_of(detection))
        scopes[entity].insert(std::move(scope));
    }
  }
  return scopes;
}

bool is_of_unnamed_audit_log(const Detection& detection) {
  const bool is_named = std::any_of(detection.entities.begin(), detection.entities.end(),
                                    [](const Entity& entity) { return row_of(entity) != nullptr; });
  return !is_named && std::any_of(detection.evidence.begin(), detection.evidence.end(),
                                  [](const detect::Evidence& evidence) {
                                    return summary::is_unnamed_audit_record(evidence.record_id);
                                  });
}

std::set<Key> join_keys(const Detection& detection, const summary::EntityLinks& links,
                        const ScopesByName& scopes, bool unnamed_are_one) {
  std::set<Key> keys;
  for (const Entity& entity : detection.entities) {
    const JoinRow* row = row_of(entity);
    if (row == nullptr) continue;
    if (row->scoped) {
      add_scoped(entity, *row, detection, scopes, keys);
    } else {
      keys.insert({entity, row->reach});
    }
  }
  for (std::string& id : detect::instances_of(detection, links)) {
    const Entity instance{EntityType::kInstance, std::move(id)};
    keys.insert({instance, row_of(instance)->reach});
  }
  if (unnamed_are_one && is_of_unnamed_audit_log(detection)) {
    const Entity machine{EntityType::kHost, std::string(kUnnamedMachine)};
    add_scoped(machine, *row_of(machine), detection, scopes, keys);
  }
  add_campaign(detection, keys);
  return keys;
}

}  // namespace davy::incident
