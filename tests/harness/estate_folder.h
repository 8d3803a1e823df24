// SPDX-License-Identifier: Apache-2.0
// A simulated estate on disk, written by the library once a process for each scenario.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "davy/pipeline/scan.h"
#include "davy/source/test_data.h"

namespace davy::tests {

using source::TestFolder;

/// Small background: what is planted does not depend on it.
inline constexpr double kSmallScale = 0.1;

struct EstateFolder {
  TestFolder folder;
  nlohmann::json labels;
  const std::string& path() const { return folder.path(); }
};
const EstateFolder& estate_folder(const std::string& scenario, double scale = kSmallScale);

/// The built-in rules, indicators and prices, loaded once a process.
const pipeline::Knowledge& built_in_knowledge();

}  // namespace davy::tests
