// SPDX-License-Identifier: Apache-2.0
// The table of C++ detectors. Everything a Sigma rule can say is a rule instead (content/rules).
#pragma once

#include <memory>
#include <vector>

#include "davy/detect/detector.h"

namespace davy::detect {

/// A fresh set, one per worker. `intel` outlives them.
std::vector<std::unique_ptr<Detector>> make_detectors(const intel::Intel& intel);

}  // namespace davy::detect
