// SPDX-License-Identifier: Apache-2.0
// How many machines show mining: what one machine's tell-tale repeated on many is worth.
#pragma once

#include <string>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

/// The machines on which a detection identifies mining; empty when it merely fits mining, or speaks
/// of calls and money, whose weights grow with scale already. Never more names than machines as far
/// as the logs tell: instances, links followed, else the strongest kind of name that there is. A
/// NAT gateway or a forwarding resolver is one machine, containers and pods are none.
std::vector<std::string> machines_shown(const detect::Detection& detection,
                                        const summary::EntityLinks& links);

}  // namespace davy::incident
