// SPDX-License-Identifier: Apache-2.0
// The words of an incident: kind, title, proof, summary, blind spots. Every
// sentence is derived from evidence; what is not established is said to be not established.
#pragma once

#include <string>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/incident/build.h"
#include "davy/incident/incident.h"
#include "davy/incident/situation.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

/// Reads claim and launches.
Kind kind_of(const Incident& incident, DetectionList detections);
std::string title_of(const Incident& incident);
/// What the claim rests on; where a sure sign stands beside a low score, why.
std::string proof_of(const Incident& incident, DetectionList detections);
/// Reads the title; one or two sentences.
std::string summary_of(const Incident& incident, DetectionList detections);
std::vector<std::string> blind_spots(const Incident& incident, DetectionList detections,
                                     const Coverage& coverage);

}  // namespace davy::incident
