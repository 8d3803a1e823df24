// SPDX-License-Identifier: Apache-2.0
// Which raw paths a Sigma field name means in a format.
#pragma once

#include <string>
#include <vector>

#include "davy/sigma/matcher.h"

namespace davy::sigma::internal {

/// The target's paths for the name; the name itself when it has none.
inline std::vector<std::string> field_paths(const Target& target, const std::string& field) {
  std::vector<std::string> paths;
  if (target.resolve) target.resolve(field, paths);
  if (paths.empty()) paths.push_back(field);
  return paths;
}

}  // namespace davy::sigma::internal
