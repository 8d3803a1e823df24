// SPDX-License-Identifier: Apache-2.0
// Lays out what a world has recorded as AWS delivers it: folders, batches, gzip. Batches are an
// hour of CloudTrail and four hours of flows, where AWS cuts every five minutes, to keep the number
// of files small. A few CloudTrail records are delivered twice, as happens.
#pragma once

#include <string>
#include <string_view>

#include "davy/base/result.h"
#include "davy/simulate/simulate.h"
#include "davy/simulate/world.h"

namespace davy::simulate {

/// Writes every file but labels.json; sorts the world's records. Fills the counts of `summary`.
Result<void> deliver(World& world, const WriteFile& write_file, Summary& summary);

enum class Compression : int { kFast = 1, kUsual = 6 };

/// A gzip member whose header names no time, name or system.
Result<std::string> gzip(std::string_view bytes, Compression compression);

}  // namespace davy::simulate
