// SPDX-License-Identifier: Apache-2.0
// Where hosts were logged in to from, and API calls from known malicious addresses: the way in. An
// ordinary login is kept as context, so that an incident on the host can name the last one before
// it; a failed login from a known address is an attempt every exposed host sees: almost no weight.
//
// **Summary: per subject, address and day a Sighting, the user, and whether one succeeded.**
#pragma once

#include <memory>

#include "davy/detect/detector.h"

namespace davy::detect {

/// `intel` outlives the detector.
std::unique_ptr<Detector> make_login_source(const intel::Intel& intel);

}  // namespace davy::detect
