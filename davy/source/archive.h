// SPDX-License-Identifier: Apache-2.0
// Members of zip and tar archives, streamed one after another: nothing is written to disk and no
// directory of the archive is held in memory.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "davy/source/buffered.h"
#include "davy/source/meter.h"

namespace davy::source {

/// Calls `each` with the name (as stored, hostile) and bytes of every file in the archive; folders
/// and links are passed over. A member's stream fails once the archive has moved on.
Result<void> read_archive(std::unique_ptr<Buffered> input, std::shared_ptr<Meter> meter,
                          size_t depth, const std::function<Result<void>(Opened)>& each);

}  // namespace davy::source
