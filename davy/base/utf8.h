// SPDX-License-Identifier: Apache-2.0
// Reading UTF-8 one character at a time: the only place that does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace davy {

struct CodePoint {
  uint32_t code = 0xfffd;
  size_t bytes = 1;  ///< 1 for an invalid byte
  bool valid = false;
};

/// The first character of a text that is not empty. Overlong forms, surrogates and what is past
/// U+10FFFF are invalid.
CodePoint next_code_point(std::string_view text);

/// Characters that move the cursor, hide text, reverse its order or cannot be seen, on a terminal
/// or a page: controls, bidirectional overrides, line separators, all that Unicode calls
/// Default_Ignorable_Code_Point, and the blank Braille pattern.
bool is_deceptive(uint32_t code);

}  // namespace davy
