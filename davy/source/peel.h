// SPDX-License-Identifier: Apache-2.0
// Takes off what is wrapped around a log, told by its first bytes and never by its name: gzip,
// zstd, bzip2, xz, zip, tar, in any order up to Limits::max_layers deep, then the byte order mark.
#pragma once

#include "davy/source/input.h"

namespace davy::source {

/// Calls `each` for every stream of plain bytes in `raw`, in order. What cannot be read (Parquet, a
/// layer too many, an encrypted member) is a stream whose read() says so. An error that ends a
/// whole archive is returned.
Result<void> peel(Opened raw, const Limits& limits, const std::function<void(Opened)>& each);

}  // namespace davy::source
