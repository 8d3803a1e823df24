// SPDX-License-Identifier: Apache-2.0
// DNS queries for known mining pools, per asking workload. A query that is blocked, or has no
// answer, still names an infected host: it is an attempt. An answer shows no connection: only names
// asked for in several minutes confirm. Looks at a pool's web page or interface (www., api., its
// bare name) are people and monitors reading, not a miner connecting, and weigh little.
//
// **Summary: per workload a Sighting; per workload and row of the indicator list a few names, how
// many there were, whether more than a web page was asked for, and in which minutes it was
// answered.**
#pragma once

#include <memory>

#include "davy/detect/detector.h"

namespace davy::detect {

/// `intel` outlives the detector.
std::unique_ptr<Detector> make_known_pool_name(const intel::Intel& intel);

}  // namespace davy::detect
