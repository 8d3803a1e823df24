// SPDX-License-Identifier: Apache-2.0
// Detections for the tests of this folder, and an incident with just enough set to ask about it.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "davy/incident/build.h"
#include "davy/incident/situation.h"

namespace davy::incident {

inline constexpr Time kNoon{1'740'312'000 * kSecond};  // 2025-02-23T12:00:00Z
inline constexpr std::string_view kTestAccount = "111122223333";

/// A detection of one detector at noon that names these entities.
detect::Detection detection_of(std::string_view detector, detect::Stage stage, double weight,
                               std::vector<event::Entity> entities);

/// A successful call against an object, an hour after noon, by the security team.
summary::Countermeasure measure_of(summary::Measure measure, std::string_view object);

/// Entities of all detections, account and first activity, and everything told from them.
Incident incident_of(std::initializer_list<const detect::Detection*> detections, Kind kind,
                     detect::Claim claim, double score);

std::vector<const detect::Detection*> list_of(
    std::initializer_list<const detect::Detection*> detections);

bool has_line(const std::vector<std::string>& lines, std::string_view piece);

}  // namespace davy::incident
