// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/list_confidence.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/text.h"

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

std::string family_text(const intel::IndicatorEntry& entry) {
  return entry.family.empty() ? "" : fmt::format(" ({})", printable(entry.family, 60));
}

std::string listing_text(const intel::IndicatorEntry& entry) {
  return fmt::format("Listed by {} on {} with {} confidence.", printable(entry.source, 120),
                     printable(entry.date, 20), printable(entry.confidence, 20));
}

IndicatorRole role_of_listed(const intel::IndicatorEntry& entry, Claim claim) {
  if (entry.malware) return IndicatorRole::kDownloadHost;
  return claim != Claim::kContext ? IndicatorRole::kPool : IndicatorRole::kRemoteHost;
}

}  // namespace davy::detect
