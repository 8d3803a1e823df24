// SPDX-License-Identifier: Apache-2.0
// What the credentials of an incident made for themselves: users, keys, passwords. Such a
// credential is never how the intruder came in, and goes when he does.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>

#include "davy/detect/detection.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

using DetectionList = std::span<const detect::Detection* const>;
using NameSet = std::set<std::string, std::less<>>;

/// Of the credentials that the incident's detections name.
struct Foothold {
  NameSet keys;       ///< handed out by another key of the incident; sessions too
  NameSet users;      ///< ARNs of users that act only since another credential of it let them
  NameSet new_users;  ///< ARNs of users it made, whether or not they acted
  NameSet passwords;  ///< ARNs of older users it set a password for
};

Foothold foothold_of(DetectionList detections, const summary::EntityLinks& links);

/// The first access key of the detection that the incident did not make; empty when there is none.
std::string acting_key(const detect::Detection& detection, const Foothold& foothold);

/// True when all it names as acting was made in the incident.
bool is_by_foothold(const detect::Detection& detection, const Foothold& foothold);

/// True for what an owner at work does not do: probing, refused launches, tools of attackers, users
/// made in haste, quarantine, mining itself. A launch alone is not, whatever it costs.
bool points_to_theft(const detect::Detection& detection);

}  // namespace davy::incident
