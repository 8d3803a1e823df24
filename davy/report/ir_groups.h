// SPDX-License-Identifier: Apache-2.0
// Detections of one kind on many machines as one line: 200 findings are one signal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "davy/report/report.h"

namespace davy::report {

struct SignalGroup {
  std::string title;  ///< that all share, or what their titles begin with
  detect::Signal signal;
  detect::Level level;  ///< the highest
  Time first;
  Time last;
  uint64_t records = 0;                       ///< distinct, of the one with the most
  std::vector<detect::VendorFinding> vendor;  ///< types of the provider's findings; sorted by type
  std::vector<std::string> names;  ///< machines, or whatever else tells them apart; sorted, unique
  std::vector<const detect::Detection*> detections;  ///< in (time, id) order
};

/// In order of first time, then title.
std::vector<SignalGroup> signal_groups(const incident::Incident& incident,
                                       const ScanReport& report);

}  // namespace davy::report
