// SPDX-License-Identifier: Apache-2.0
// What the encoding modifiers do to the text of a pattern.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "davy/sigma/internal/pattern.h"

namespace davy::sigma::internal {

std::string base64(std::string_view bytes);

/// The three spellings `bytes` can have inside base64 text, depending on the offset modulo three at
/// which it begins; characters that depend on neighbouring bytes are left out.
std::vector<std::string> base64_at_offsets(std::string_view bytes);

enum class Utf16 { kLittle, kBig, kLittleWithMark };
/// Re-encodes the literal parts; nothing when one of them is not UTF-8.
std::optional<Pattern> to_utf16(const Pattern& pattern, Utf16 order);

/// Turns every `-` or `/` that begins an option (none of letter, digit, `_` before it, one after
/// it) into a dash part.
Pattern with_option_dashes(const Pattern& pattern);

}  // namespace davy::sigma::internal
