// SPDX-License-Identifier: Apache-2.0
// The names by which detections join, each with its reach in time: which entities are strong, what
// scopes a name that is not unique in the world, and what makes a campaign.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/time.h"
#include "davy/detect/detection.h"
#include "davy/event/entity.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

/// One strong name: equal keys within reach are one incident.
struct Key {
  event::Entity entity;  ///< the id behind its scope, where it has one
  DurationNs reach;

  auto operator<=>(const Key&) const = default;
};

/// Where each scoped name was seen: a log that states no account borrows it from one that does,
/// when there is one such only.
using ScopesByName = std::map<event::Entity, std::set<std::string>>;
ScopesByName scopes_by_name(const std::vector<detect::Detection>& detections);

/// The strong names a detection is known by, links followed.
std::set<Key> join_keys(const detect::Detection& detection, const summary::EntityLinks& links,
                        const ScopesByName& scopes, bool unnamed_are_one);

/// True for what Linux audit records without `node=` say, where nothing else names a machine.
bool is_of_unnamed_audit_log(const detect::Detection& detection);

/// The key of an access key, a user or the root account.
Key key_of(const event::Entity& credential);

/// True when mining itself was told: confirmed, or at a listed pool, even if refused. What merely
/// behaves like mining does so beside agents and brokers, on every machine that has them.
bool identifies_mining(const detect::Detection& detection);

/// A user or the root account is one actor; a role is worn by many.
bool is_personal(std::string_view arn);

}  // namespace davy::incident
