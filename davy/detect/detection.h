// SPDX-License-Identifier: Apache-2.0
// What a detector or rule says it found. Detections are values: everything is owned.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/time.h"
#include "davy/detect/vendor_finding.h"
#include "davy/event/entity.h"
#include "davy/event/event.h"
#include "davy/summary/sighting.h"

namespace davy::detect {

/// The eight signal categories of the spec; within one category evidence is not independent.
enum class Signal : uint8_t {
  kCost,
  kCompute,
  kNetwork,
  kProcess,
  kControlPlane,
  kIdentity,
  kHost,
  kManaged
};
inline constexpr size_t kSignalCount = 8;
std::string_view signal_name(Signal signal);

/// ATT&CK order, as incidents tell their story.
enum class Stage : uint8_t {
  kInitialAccess,
  kDiscovery,
  kPersistence,
  kPrivilegeEscalation,
  kDefenseEvasion,
  kResourceLaunch,
  kExecution,
  kMining,
  kCost,
};
inline constexpr size_t kStageCount = 9;
std::string_view stage_name(Stage stage);

enum class Level : uint8_t { kInformational, kLow, kMedium, kHigh, kCritical };
std::string_view level_name(Level level);

/// The evidence ladder: what this observation alone entitles one to say.
enum class Claim : uint8_t {
  kContext,     ///< true of attacks and of ordinary work alike
  kAttempt,     ///< somebody tried (denied launch, rejected flow)
  kConsistent,  ///< consistent with mining (envelope, plateau)
  kConfirmed,   ///< mining itself was seen (known pool, miner process, wallet, vendor finding)
};
std::string_view claim_name(Claim claim);

using summary::Evidence;
using summary::Indicator;
using summary::indicator_role_name;
using summary::indicator_type_name;
using summary::IndicatorRole;
using summary::IndicatorType;
using summary::is_remote;
using summary::keep_earliest;
using summary::kMaxEvidence;

/// One line for the timeline besides the detection's own.
struct Moment {
  Time time;
  std::string text;
  auto operator<=>(const Moment&) const = default;
};

struct Detection {
  std::string id;        ///< derived from content: detector, entities, first time
  std::string detector;  ///< rule id or detector name
  std::string title;     ///< one line, for a person
  std::string detail;    ///< expected, observed, odds; one or two sentences
  Level level = Level::kMedium;
  double confidence = 0.5;  ///< 0-1: how often this observation means what it says
  double weight =
      0;  ///< evidence in log-odds points towards unauthorised mining; see incident/score.h
  Signal signal = Signal::kControlPlane;
  Stage stage = Stage::kExecution;
  bool stage_told = true;  ///< false: nothing tells the stage, and `stage` is a mere place to stand
  bool foreign = false;    ///< of a rule without a `davy:` map, which was not written about mining
  Claim claim = Claim::kContext;
  Time time;
  Time end_time;
  Time known_at;       ///< when its evidence first sufficed; finish() takes end_time where
                       ///< the detector does not say
  uint64_t count = 1;  ///< distinct records behind it; of flows, minutes with traffic
  std::vector<std::string> techniques;  ///< "T1496.001"
  std::vector<event::Entity> entities;  ///< sorted, unique
  std::vector<Evidence> evidence;       ///< at most kMaxEvidence, earliest first
  std::vector<Indicator> indicators;    ///< sorted, unique
  std::vector<Moment> moments;          ///< extra timeline lines
  std::vector<VendorFinding> vendor;    ///< types of findings behind it, sorted by type
  std::map<std::string, double>
      measures;  ///< named numbers with units in the name: "cpu_percent", "usd_per_hour"
};

/// Takes over when, how often, who and what: time, count, entities, indicators, evidence.
void tell(const summary::Sighting& sighting, Detection& detection);

/// Sorts and dedupes the lists, then sets `id` from detector, entities and first time.
void finish(Detection& detection);

}  // namespace davy::detect
