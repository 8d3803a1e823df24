// SPDX-License-Identifier: Apache-2.0
// Programs that connect to known mining pools, as their own host (Falco alerts, auditd) or
// GuardDuty saw it. A call to connect() shows the will, not an answer: only connections that stood
// in several minutes, or one on a mining port, confirm.
//
// **Summary: per workload and row of the indicator list a Sighting, some of the programs and
// remotes, and in which minutes a connection stood.**
#pragma once

#include <memory>

#include "davy/detect/detector.h"

namespace davy::detect {

/// `intel` outlives the detector.
std::unique_ptr<Detector> make_known_pool_connection(const intel::Intel& intel);

}  // namespace davy::detect
