// SPDX-License-Identifier: Apache-2.0
// Two weak signals that started together are one strong one.
//
// A flat CPU load alone is a batch job; a long, thin, steady session alone is a monitoring agent. A
// load that begins within minutes of such a session, on the same machine, is what a miner looks
// like when neither its pool nor its port nor its name is known (science reference, section 4.3).
#pragma once

#include <vector>

#include "davy/detect/detection.h"
#include "davy/summary/entity_links.h"

namespace davy::detect {

/// How far apart the two onsets may be; metrics come in 5-minute, flows in up to 10-minute steps.
inline constexpr DurationNs kTogether = 15 * kMinute;

/// New detections for pairs found among `detections`; in a deterministic order.
std::vector<Detection> fuse(const std::vector<Detection>& detections,
                            const summary::EntityLinks& links);

}  // namespace davy::detect
