// SPDX-License-Identifier: Apache-2.0
// The incident: what the user came for. One value, complete enough that every report is a pure
// function of it. Field names are those of `davy scan --output json` (spec PRODUCT).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "davy/base/time.h"
#include "davy/detect/detection.h"
#include "davy/event/entity.h"
#include "davy/impact/impact.h"
#include "davy/impact/machine.h"
#include "davy/impact/standing.h"
#include "davy/summary/countermeasures.h"

namespace davy::incident {

enum class Severity : uint8_t { kLow, kMedium, kHigh, kCritical };
std::string_view severity_name(Severity severity);
/// critical >= 90, high >= 70, medium >= 40, else low (spec DETECTION).
Severity severity_of(double score);

/// A score as people see it, in every report and sentence: its fraction cut, so that it stays on
/// the side of its severity.
int whole_score(double score);

enum class Kind : uint8_t {
  kCompromisedWorkload,    ///< a miner on a machine somebody else owns
  kCompromisedCredential,  ///< a key used to launch machines that mine
  kServiceAbuse,           ///< containers, functions, managed services
  kUnauthorisedUse,        ///< insider or unapproved use
  kSuspected,              ///< behaviour only
};
inline constexpr size_t kKindCount = 5;
std::string_view kind_name(Kind kind);  ///< "compromised_workload", …

/// One named contribution to the score. Points add up to the score (see incident/score.h).
struct Contribution {
  double points = 0;
  std::string text;
  std::vector<std::string> detections;  ///< detection ids
};

struct StageSpan {
  detect::Stage stage;
  Time first;
  Time last;
  std::vector<std::string> detections;
};

struct TimelineEntry {
  Time time;
  std::string text;
  detect::Stage stage;
  std::vector<detect::Evidence> evidence;
};

struct InitialAccess {
  std::string vector =
      "unknown";  ///< "leaked access key", "root access key", …; "unknown" is allowed
  std::string credential;
  std::string principal;
  std::string source_ip;
  Time time;
  double confidence = 0;  ///< 0-1
  std::vector<detect::Evidence> evidence;
  std::string would_settle;  ///< which log would settle it, when the vector is unknown or weak
};

/// What the logs show somebody doing against the intrusion: one measure by one actor.
struct ContainmentStep {
  summary::Measure measure;
  Time first;
  Time last;
  std::string text;   ///< "200 instances terminated in 8 regions (i-1, i-2 and 198 more)"
  std::string actor;  ///< ARN
  std::vector<std::string> objects;  ///< sorted, unique
  std::vector<std::string> undone;  ///< those of `objects` that are as before: a reversing call, or
                                    ///< a switched-off credential used again
  std::vector<detect::Evidence> evidence;  ///< at most detect::kMaxEvidence, earliest first
};

struct Scope {
  std::vector<std::string> accounts;
  std::vector<std::string> regions;
  std::vector<std::string> resources;
};

/// Launches for the incident; of those asked for while none is known by id.
struct Launches {
  Time first;
  Time last;
  uint64_t launched = 0;   ///< machines known by id
  uint64_t requested = 0;  ///< refused ones included; may be 0 when the calls do not say
  std::vector<std::string> regions;
  uint64_t accepted = 0;  ///< units of services, groups, fleets whose machines no record names
  uint64_t refused = 0;   ///< of those requested
  std::string accepted_as = {};  ///< "425 ECS tasks"
  std::string credential = {};   ///< access key of the heaviest launch
  std::string principal = {};    ///< ARN
  std::string source_ip = {};
  std::vector<std::string> principals = {};  ///< all that launched, sorted
};

/// What of an incident an allow-list entry covers, when other evidence keeps the incident.
struct Allowance {
  std::string by;                       ///< "eth-node (owner web3, to 2026-12-31)"
  std::vector<std::string> texts;       ///< of contributions that are covered wholly
  std::vector<std::string> detections;  ///< ids, sorted
};

using impact::Impact;

struct Incident {
  std::string id;      ///< "inc-<16 hex>", derived from content
  std::string number;  ///< "INC-2025-0223-CRYPTO"
  Kind kind = Kind::kSuspected;
  std::string title;
  std::string summary;  ///< one sentence, 3 a.m. readable
  double score = 0;     ///< 0-100
  Severity severity = Severity::kLow;
  std::string priority;  ///< P1 … P4
  detect::Claim claim = detect::Claim::kContext;
  Time first_activity;
  Time last_activity;
  Time detectable_at;  ///< when the evidence by then first scored `medium`; known last if it never
                       ///< did
  Time detected_at;    ///< first finding of the provider; not known when there is none
  std::vector<event::Entity> entities;
  std::map<std::string, double> signals;  ///< signal name -> points
  std::vector<Contribution> why;
  std::vector<StageSpan> stages;
  std::vector<TimelineEntry> timeline;
  std::vector<std::string> techniques;
  std::vector<detect::Indicator> indicators;
  InitialAccess initial_access;
  Scope scope;
  std::vector<impact::Machine> machines;   ///< by id
  std::vector<impact::Standing> standing;  ///< services, groups, fleets, by kind and id
  Launches launches;
  Impact impact;
  std::string proof;                         ///< what the claim rests on, as seen here; one clause
  std::vector<ContainmentStep> containment;  ///< in time order
  std::vector<std::string> made_key_pairs;   ///< created or imported by it, sorted
  Time contained_at;                     ///< when the last machine was ended; unknown: not all were
  std::vector<std::string> still_open;   ///< what containment has not reached, as far as seen
  std::vector<std::string> do_first;     ///< the first actions for a responder, most urgent first
  std::vector<std::string> remediation;  ///< lasting measures, once it is contained
  std::vector<std::string> blind_spots;
  std::vector<std::string> detections;  ///< ids, in time order
  std::vector<std::string> marks;  ///< what decides it: ids of detections, then of their records
  std::optional<std::string> suppressed_by;  ///< allow-list entries, with owner, end and reason
  std::vector<Allowance> allowed;            ///< of an incident that stays
  std::vector<std::string> kept_by;          ///< what no entry covers, when something is allowed
};

/// The kind for people: "Compromised workload", …
std::string_view kind_title(const Incident& incident);

}  // namespace davy::incident
