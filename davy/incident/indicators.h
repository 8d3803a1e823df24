// SPDX-License-Identifier: Apache-2.0
// The incident's indicators: each value once, with the part it plays. Programs of the operating
// system are left out: blocking or hunting for curl finds everybody.
#pragma once

#include <vector>

#include "davy/incident/incident.h"
#include "davy/incident/situation.h"

namespace davy::incident {

/// Sorted. `way_in` is set beforehand: its address is an indicator of its own.
std::vector<detect::Indicator> indicators_of(DetectionList detections, const InitialAccess& way_in);

}  // namespace davy::incident
