// SPDX-License-Identifier: Apache-2.0
// Which detections belong to one incident: the entity graph.
//
// Two detections join when they share a strong entity within its reach in time, or when
// control-plane evidence ties their entities (key -> RunInstances -> instance -> the address its
// flows come from; key -> CreateUser, CreateAccessKey, CreateLoginProfile -> the user who acts
// then). Hosts, pods, containers and clusters are names within an account or cluster. Confirmed
// mining of one account at one pool within hours is one campaign. Weak entities (image, pool,
// wallet, SSH key, source address) join only when two different kinds of them agree. Roles and
// sessions do not join: many strangers work under one role, and session names repeat; the session's
// key does. Accounts and regions never join. What has no name at all joins only when it begins with
// the same record.
#pragma once

#include <vector>

#include "davy/detect/detection.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

/// Sets of indexes into `detections`, each in ascending order, ordered by their first member. Only
/// sets with something more than context in them: `is_trigger` in the .cc.
std::vector<std::vector<size_t>> join(const std::vector<detect::Detection>& detections,
                                      const summary::EntityLinks& links);

/// True when a detection can open an incident; the others only add to one.
bool is_trigger(const detect::Detection& detection);

}  // namespace davy::incident
