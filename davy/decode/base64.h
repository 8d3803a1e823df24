// SPDX-License-Identifier: Apache-2.0
// Base64 as RFC 4648 section 4 has it: padded, no line ends, nothing else in between.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "davy/base/arena.h"

namespace davy::decode {

/// The bytes of `text` in `arena`, followed by `padding` zero bytes; nothing when it is no base64.
std::optional<std::string_view> decode_base64(std::string_view text, size_t padding, Arena& arena);

}  // namespace davy::decode
