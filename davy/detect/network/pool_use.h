// SPDX-License-Identifier: Apache-2.0
// From when on looks at a pool, or calls of it, are use; and the periods that are counted for it.
#pragma once

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/base/time.h"

namespace davy::detect {

/// Minutes. A miner that reconnects asks and calls again and again; a person or a scanner once.
inline constexpr uint64_t kMinutesOfUse = 3;
/// Hours of the clock. A page is read for a while; what asks for its host from hour to hour is a
/// program.
inline constexpr uint64_t kHoursOfUse = 6;

/// One minute or hour as an element of a set.
inline Hash128 period_of(Time time, DurationNs length) {
  return hash128(fmt::format("{}", bucket_start(time, length).ns));
}

}  // namespace davy::detect
