// SPDX-License-Identifier: Apache-2.0
// How the intruder came in: the best-supported way with its evidence, or "unknown" and what would
// settle it.
#pragma once

#include "davy/detect/detection.h"
#include "davy/incident/build.h"
#include "davy/incident/foothold.h"
#include "davy/incident/incident.h"

namespace davy::incident {

/// Reads the severity: below `medium` no theft is claimed, nor where nothing but a launch was seen.
/// Never a credential that the incident made.
InitialAccess initial_access_of(const Incident& incident, DetectionList detections,
                                const Coverage& coverage, const Foothold& foothold);

}  // namespace davy::incident
