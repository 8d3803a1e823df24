// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/fusion.h"

#include <map>
#include <string>

#include <fmt/format.h>

#include "davy/detect/instances_of.h"

namespace davy::detect {
namespace {

/// Below these the detectors themselves call it habit or a hint; nothing is fused from those.
constexpr double kMinPlateauWeight = 0.9;
constexpr double kMinSessionWeight = 0.9;

DurationNs distance(Time a, Time b) {
  return a < b ? b - a : a - b;
}

Detection fused(const Detection& load, const Detection& session, const std::string& instance) {
  Detection detection;
  detection.detector = "load_with_session";
  detection.signal = Signal::kCompute;
  detection.stage = Stage::kMining;
  detection.techniques = {"T1496.001"};
  detection.level = Level::kHigh;
  detection.claim = Claim::kConsistent;
  detection.weight = 2.6;
  detection.confidence = 0.75;
  detection.time = std::min(load.time, session.time);
  detection.end_time = std::max(load.end_time, session.end_time);
  detection.count = load.count + session.count;
  detection.entities = load.entities;
  detection.entities.insert(detection.entities.end(), session.entities.begin(),
                            session.entities.end());
  detection.entities.push_back({event::EntityType::kInstance, instance});
  detection.indicators = session.indicators;
  detection.evidence = load.evidence;
  detection.evidence.insert(detection.evidence.end(), session.evidence.begin(),
                            session.evidence.end());
  detection.title =
      fmt::format("CPU load and a mining-like session began within {} of each other on {}",
                  to_human(std::max(distance(load.time, session.time), kMinute)), instance);
  detection.detail = load.title + "; " + session.title + ".";
  finish(detection);
  return detection;
}

}  // namespace

std::vector<Detection> fuse(const std::vector<Detection>& detections,
                            const summary::EntityLinks& links) {
  std::multimap<std::string, const Detection*> loads;
  for (const Detection& detection : detections) {
    if (detection.detector != "cpu_plateau" || detection.weight < kMinPlateauWeight) continue;
    for (std::string& id : instances_of(detection, links))
      loads.emplace(std::move(id), &detection);
  }
  std::vector<Detection> found;
  for (const Detection& session : detections) {
    if (session.detector != "stratum_envelope" || session.weight < kMinSessionWeight) continue;
    for (const std::string& id : instances_of(session, links)) {
      const auto [first, last] = loads.equal_range(id);
      for (auto load = first; load != last; ++load) {
        if (distance(load->second->time, session.time) <= kTogether) {
          found.push_back(fused(*load->second, session, id));
        }
      }
    }
  }
  return found;
}

}  // namespace davy::detect
