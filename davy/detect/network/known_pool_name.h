// SPDX-License-Identifier: Apache-2.0
// DNS queries for known mining pools, per asking workload. A blocked query still names an infected
// host: it is an attempt. One look at a pool's web page (its bare or www name) is a person reading,
// not a miner connecting, and weighs little.
//
// **Summary: per workload a Sighting; per workload and row of the indicator list a few names, how
// many there were, and whether more than a web page was asked for.**
#pragma once

#include <memory>

#include "davy/detect/detector.h"

namespace davy::detect {

/// `intel` outlives the detector.
std::unique_ptr<Detector> make_known_pool_name(const intel::Intel& intel);

}  // namespace davy::detect
