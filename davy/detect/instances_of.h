// SPDX-License-Identifier: Apache-2.0
// Which instances a detection is about, links followed: named, or behind its addresses, interfaces
// and host names.
#pragma once

#include <string>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/summary/entity_links.h"

namespace davy::detect {

/// The instance that one entity of the detection is or stands for; empty when none is known, or
/// when it is no name of a machine.
std::string instance_behind(const Detection& detection, const event::Entity& entity,
                            const summary::EntityLinks& links);

/// Sorted ids, each once; empty when none is known.
std::vector<std::string> instances_of(const Detection& detection,
                                      const summary::EntityLinks& links);

}  // namespace davy::detect
