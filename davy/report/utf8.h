// SPDX-License-Identifier: Apache-2.0
// How many terminal columns UTF-8 text takes, and cutting and breaking it by them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace davy::report {

/// The longest start of `text` that has at most `max_bytes` and does not end inside a character.
std::string_view start_of(std::string_view text, size_t max_bytes);

/// Columns on a terminal: 2 for East Asian wide characters and pictographs, 0 for combining marks.
size_t columns(std::string_view text);

/// `text` with blanks up to `width` columns, or cut to it with an ellipsis.
std::string fit_left(std::string_view text, size_t width);
/// Likewise, blanks in front.
std::string fit_right(std::string_view text, size_t width);

/// Lines of at most `width` columns, broken at blanks; a word that is longer is cut where it must
/// be. At least one line.
std::vector<std::string> wrap(std::string_view text, size_t width);

}  // namespace davy::report
