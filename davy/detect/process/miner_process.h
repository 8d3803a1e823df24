// SPDX-License-Identifier: Apache-2.0
// Processes that mine: by executable name, command line (pool URL, wallet, options), known paths
// and masquerade. The reading of a command line is intel's; this file weighs it per workload and
// executable.
//
// **Summary: per workload and executable a Sighting, what was found, and the highest load.** Load
// adds to a disguise or a miner's place, never to a proof, and makes none.
#pragma once

#include <memory>

#include "davy/detect/detector.h"

namespace davy::detect {

/// `intel` outlives the detector.
std::unique_ptr<Detector> make_miner_process(const intel::Intel& intel);

}  // namespace davy::detect
