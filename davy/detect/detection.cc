// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/detection.h"

#include <algorithm>

#include "davy/base/hash.h"

namespace davy::detect {
namespace {

template <typename T>
void sort_unique(std::vector<T>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

}  // namespace

std::string_view signal_name(Signal signal) {
  constexpr std::string_view kNames[kSignalCount] = {
      "cost", "compute", "network", "process", "control_plane", "identity", "host", "managed"};
  return kNames[static_cast<size_t>(signal)];
}

std::string_view stage_name(Stage stage) {
  constexpr std::string_view kNames[kStageCount] = {"initial_access",
                                                    "discovery",
                                                    "persistence",
                                                    "privilege_escalation",
                                                    "defense_evasion",
                                                    "resource_launch",
                                                    "execution",
                                                    "mining",
                                                    "cost"};
  return kNames[static_cast<size_t>(stage)];
}

std::string_view level_name(Level level) {
  constexpr std::string_view kNames[] = {"informational", "low", "medium", "high", "critical"};
  return kNames[static_cast<size_t>(level)];
}

std::string_view claim_name(Claim claim) {
  constexpr std::string_view kNames[] = {"context", "attempt", "consistent with mining",
                                         "mining confirmed"};
  return kNames[static_cast<size_t>(claim)];
}

void tell(const summary::Sighting& sighting, Detection& detection) {
  if (sighting.first != kEndOfTime) detection.time = sighting.first;
  detection.end_time = sighting.last;
  if (sighting.known != kEndOfTime) detection.known_at = sighting.known;
  detection.count = sighting.records.count();
  detection.entities = sighting.entities.items();
  detection.indicators = sighting.indicators.items();
  detection.evidence = sighting.evidence;
}

void finish(Detection& detection) {
  if (!detection.known_at.known()) detection.known_at = detection.end_time;
  sort_unique(detection.entities);
  sort_unique(detection.indicators);
  sort_unique(detection.moments);
  sort_unique(detection.techniques);
  // The same record read twice (duplicated file) is one piece of evidence: the first place counts.
  auto& evidence = detection.evidence;
  std::sort(evidence.begin(), evidence.end(), [](const Evidence& a, const Evidence& b) {
    return std::tie(a.time, a.record_id, a.ref) < std::tie(b.time, b.record_id, b.ref);
  });
  evidence.erase(std::unique(evidence.begin(), evidence.end(),
                             [](const Evidence& a, const Evidence& b) {
                               return a.record_id == b.record_id && a.time == b.time;
                             }),
                 evidence.end());
  if (evidence.size() > kMaxEvidence) evidence.resize(kMaxEvidence);

  std::string identity = detection.detector + '\n' + to_rfc3339(detection.time);
  for (const event::Entity& entity : detection.entities) {
    identity += '\n';
    identity += event::entity_type_name(entity.type);
    identity += '=' + entity.id;
  }
  detection.id = "det-" + to_hex(hash64(identity));
}

}  // namespace davy::detect
