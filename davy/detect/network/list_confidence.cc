// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/list_confidence.h"

#include <algorithm>

namespace davy::detect {

void temper(std::string_view confidence, bool something_beside, Detection& detection) {
  if (confidence == "high" || (confidence == "medium" && something_beside)) return;
  const bool low = confidence != "medium";
  detection.weight *= low ? 0.25 : 0.8;
  detection.confidence *= low ? 0.4 : 0.8;
  detection.level = std::min(detection.level, low ? Level::kLow : Level::kMedium);
  if (detection.claim == Claim::kConfirmed) detection.claim = Claim::kConsistent;
  if (low && detection.claim == Claim::kConsistent) detection.claim = Claim::kContext;
}

}  // namespace davy::detect
