// SPDX-License-Identifier: Apache-2.0
// What an indicator list's own word for how sure it is (content/indicators/README.md) makes of a
// detection that rests on one of its rows, and how such a row is told.
#pragma once

#include <string>
#include <string_view>

#include "davy/detect/detection.h"
#include "davy/intel/intel.h"

namespace davy::detect {

/// Bounds claim, level, weight and confidence of `detection`. "medium" says mining only with
/// `something_beside` it: a mining port, or a session's shape.
void temper(std::string_view confidence, bool something_beside, Detection& detection);

/// " (supportxmr)", or empty: the pool, miner or actor behind the row.
std::string family_text(const intel::IndicatorEntry& entry);

/// "Listed by … on 2026-11-20 with high confidence."
std::string listing_text(const intel::IndicatorEntry& entry);

/// What the row's remote is to a responder, after what `claim` says was seen of it.
IndicatorRole role_of_listed(const intel::IndicatorEntry& entry, Claim claim);

}  // namespace davy::detect
