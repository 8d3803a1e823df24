// SPDX-License-Identifier: Apache-2.0
// Compressed bytes that travel inside a message, expanded in memory by the codecs that expand
// files. The one header of this folder that decode/ may use: an envelope is met while a record is
// read, long after its stream was peeled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "davy/base/arena.h"
#include "davy/base/result.h"

namespace davy::source {

/// Whether `bytes` begin like gzip, zstd, bzip2 or xz.
bool is_compressed(std::string_view bytes);

/// `bytes` with their compression taken off, up to Limits::max_layers deep: a view into `arena`,
/// followed by `padding` zero bytes. What the layers yield is taken from `allowance`, in bytes;
/// more than that is kLimitExceeded. Damage and truncation are errors: half a message is none.
Result<std::string_view> unpack(std::string_view bytes, size_t padding, uint64_t& allowance,
                                Arena& arena);

}  // namespace davy::source
