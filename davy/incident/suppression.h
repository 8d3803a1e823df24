// SPDX-License-Identifier: Apache-2.0
// Applies an allow-list to finished incidents. A pure function; nothing is dropped: an incident is
// either set aside whole, under the name of those who permit it, or it stays whole with its score.
#pragma once

#include <string>
#include <vector>

#include "davy/incident/allow_list.h"
#include "davy/incident/incident.h"

namespace davy::incident {

struct Suppression {
  std::vector<Incident> suppressed;  ///< in the order they had; `suppressed_by` says by whom
  std::vector<std::string> notes;    ///< entries that had ended, and those that matched nothing
};

/// Moves out of `incidents` each one all of whose evidence entries in force cover. Those that stay
/// say in `allowed` and `kept_by` what of them is covered and what is not.
Suppression suppress(const AllowList& list, const std::vector<detect::Detection>& detections,
                     const summary::EntityLinks& links, std::vector<Incident>& incidents);

}  // namespace davy::incident
