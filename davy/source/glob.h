// SPDX-License-Identifier: Apache-2.0
// Shell patterns over the file system: glob(3)'s `*`, `?` and `[…]` within a path component (a
// leading dot must be written out), and `**` for any number of folders, none included.
//
//   "logs/**/*.json.gz"   every such file in logs and below, hidden folders and links passed over
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "davy/source/input.h"

namespace davy::source {

bool has_wildcard(std::string_view place);

struct Matches {
  std::vector<std::string> paths;      ///< sorted, each once
  std::vector<Unreadable> unreadable;  ///< folders that could not be searched
};

Matches find_matches(std::string_view pattern);

}  // namespace davy::source
