// SPDX-License-Identifier: Apache-2.0
// One line of a comma-separated file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace davy::intel {

/// The fields of one line, trimmed; a field in double quotes may hold separators, and "" for a
/// quote.
std::vector<std::string> split_csv_line(std::string_view line, char separator = ',');

}  // namespace davy::intel
