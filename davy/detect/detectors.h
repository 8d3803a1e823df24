// SPDX-License-Identifier: Apache-2.0
// The table of C++ detectors. Everything a Sigma rule can say is a rule instead (content/rules).
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "davy/detect/detector.h"

namespace davy::detect {

/// A fresh set, one per worker. `intel` outlives them.
std::vector<std::unique_ptr<Detector>> make_detectors(const intel::Intel& intel);

/// Each `Detection::detector` that is no rule's id, sorted: one detector may tell of several
/// things.
std::span<const std::string_view> detector_names();

}  // namespace davy::detect
