// SPDX-License-Identifier: Apache-2.0
// Logins and API calls that come from a known malicious address: the way in. A failed login from
// one is an attempt; every exposed host has those, so they weigh almost nothing.
//
// **Summary: per subject and address, earliest and latest time, distinct count, earliest
// evidence.**
#pragma once

#include <memory>

#include "davy/detect/detector.h"

namespace davy::detect {

/// `intel` outlives the detector.
std::unique_ptr<Detector> make_known_source(const intel::Intel& intel);

}  // namespace davy::detect
