// SPDX-License-Identifier: Apache-2.0
// The story of an incident in time: stages, and one line per thing that happened.
#pragma once

#include <span>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/incident/incident.h"

namespace davy::incident {

/// The stages that were seen, in ATT&CK order, each from its first to its last evidence. What tells
/// no stage is in none.
std::vector<StageSpan> stages_of(std::span<const detect::Detection* const> detections);

/// In time order. Many subjects of one detector and claim share a line, that of the earliest: its
/// text, time and evidence belong together.
std::vector<TimelineEntry> timeline_of(std::span<const detect::Detection* const> detections);

}  // namespace davy::incident
