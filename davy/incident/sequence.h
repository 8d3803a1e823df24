// SPDX-License-Identifier: Apache-2.0
// The sequence: stages of an attack that one chain of credentials went through in the order of
// ATT&CK, ending in a launch. Each may be ordinary work; in that order, by one hand, they seldom
// are.
//
// A chain of credentials is what shares an access key, a user or root, or a user that a call of it
// gave something to act with. docs/decisions/0011-sequence.md says why these constants.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "davy/detect/detection.h"

namespace davy::incident {

inline constexpr size_t kLeastStages = 3;        ///< the launch is one of them
inline constexpr double kPerStage = 0.5;         ///< log-odds for each stage after the first
inline constexpr double kMostForSequence = 2.0;  ///< log-odds

struct Sequence {
  double weight = 0;  ///< log-odds; 0: no sequence
  std::string text;   ///< "Stages in order: persistence, privilege escalation, resource launch"
  std::vector<std::string> detections;  ///< ids, one a stage
};

/// The longest; among equals the one of the first detections. More detections never shorten it.
Sequence sequence_of(std::span<const detect::Detection* const> detections);

}  // namespace davy::incident
