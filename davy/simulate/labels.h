// SPDX-License-Identifier: Apache-2.0
// labels.json: the truth about an estate, for `davy eval`.
#pragma once

#include <string>

#include "davy/simulate/simulate.h"
#include "davy/simulate/world.h"

namespace davy::simulate {

/// One JSON document: scenario, seed, window, "incidents" and "look_alikes".
std::string labels_json(const World& world, const Options& options);

}  // namespace davy::simulate
