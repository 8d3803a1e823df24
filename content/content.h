// SPDX-License-Identifier: Apache-2.0
// The files of content/ as embedded in the binary. Paths are relative to content/ and sorted.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace davy::content {

struct File {
  std::string_view path;  ///< "rules/aws/ec2/mass_launch.yml"
  std::string_view text;
};

std::span<const File> files();

/// The text of one file, or empty.
std::string_view find(std::string_view path);

/// (path, text) of every file below `folder` that ends in `suffix`.
std::vector<std::pair<std::string, std::string>> below(std::string_view folder,
                                                       std::string_view suffix);

}  // namespace davy::content
