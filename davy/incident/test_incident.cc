// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/test_incident.h"

#include <algorithm>
#include <set>

namespace davy::incident {

detect::Detection detection_of(std::string_view detector, detect::Stage stage, double weight,
                               std::vector<event::Entity> entities) {
  detect::Detection detection;
  detection.detector = detector;
  detection.title = detector;
  detection.stage = stage;
  detection.weight = weight;
  detection.entities = std::move(entities);
  detection.time = detection.end_time = kNoon;
  detect::finish(detection);
  return detection;
}

summary::Countermeasure measure_of(summary::Measure measure, std::string_view object) {
  return {measure,
          kNoon + kHour,
          std::string(object),
          std::string(kTestAccount),
          "us-east-1",
          "arn:aws:sts::111122223333:assumed-role/SecurityResponse/anna",
          "ASIARESPONDER",
          "record-1",
          {},
          {},
          false};
}

Incident incident_of(std::initializer_list<const detect::Detection*> detections, Kind kind,
                     detect::Claim claim, double score) {
  Incident incident;
  incident.kind = kind;
  incident.claim = claim;
  incident.score = score;
  incident.severity = severity_of(score);
  incident.first_activity = kNoon;
  incident.scope.accounts = {std::string(kTestAccount)};
  std::set<event::Entity> entities;
  for (const detect::Detection* detection : detections)
    entities.insert(detection->entities.begin(), detection->entities.end());
  incident.entities.assign(entities.begin(), entities.end());
  return incident;
}

std::vector<const detect::Detection*> list_of(
    std::initializer_list<const detect::Detection*> detections) {
  return detections;
}

bool has_line(const std::vector<std::string>& lines, std::string_view piece) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(piece) != std::string::npos;
  });
}

}  // namespace davy::incident
