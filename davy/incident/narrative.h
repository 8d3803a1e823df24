// SPDX-License-Identifier: Apache-2.0
// The words of an incident: kind, title, summary, initial access, first actions, blind spots. Every
// sentence is derived from evidence; what is not established is said to be not established.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/incident/build.h"
#include "davy/incident/incident.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

using DetectionList = std::span<const detect::Detection* const>;

Kind kind_of(DetectionList detections, detect::Claim claim);
std::string title_of(const Incident& incident);
std::string summary_of(const Incident& incident);
InitialAccess initial_access_of(DetectionList detections);
std::vector<std::string> first_actions(const Incident& incident, DetectionList detections);
std::vector<std::string> blind_spots(const Incident& incident, DetectionList detections,
                                     const Coverage& coverage);

}  // namespace davy::incident
