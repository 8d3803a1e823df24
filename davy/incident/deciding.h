// SPDX-License-Identifier: Apache-2.0
// Which detections of an incident decide what it is: who the intruder is, what he has, how he came,
// when and where, and so its id. The others stand beside it as lines of evidence.
//
// Davy's own always decide. A rule without a `davy:` map was not written about mining: "instances
// terminated" is true of the responder as well, and were he taken for the intruder, what he did
// against him would vanish from the report.
#pragma once

#include <span>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/incident/foothold.h"
#include "davy/summary/countermeasures.h"

namespace davy::incident {

/// All but foreign context, and but the foreign matches by somebody whom nothing of Davy's own
/// names, and who ended or blocked something while they lasted. In the order they had; all where
/// that leaves none.
std::vector<const detect::Detection*> deciding_of(
    DetectionList detections, std::span<const summary::Countermeasure> measures);

}  // namespace davy::incident
