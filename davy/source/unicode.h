// SPDX-License-Identifier: Apache-2.0
// Text in UTF-16 as UTF-8, so that every decoder sees one encoding.
#pragma once

#include <memory>

#include "davy/source/buffered.h"

namespace davy::source {

enum class ByteOrder { kLittle, kBig };

/// `input` stands behind the byte order mark. A lone surrogate becomes U+FFFD; half a character at
/// the end is an error.
std::unique_ptr<ByteStream> utf16_to_utf8(std::unique_ptr<Buffered> input, ByteOrder order);

}  // namespace davy::source
