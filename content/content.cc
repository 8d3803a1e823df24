// SPDX-License-Identifier: Apache-2.0
#include "content/content.h"

#include <algorithm>

namespace davy::content {

std::string_view find(std::string_view path) {
  const auto all = files();
  const auto place =
      std::lower_bound(all.begin(), all.end(), path,
                       [](const File& file, std::string_view p) { return file.path < p; });
  return place != all.end() && place->path == path ? place->text : std::string_view{};
}

std::vector<std::pair<std::string, std::string>> below(std::string_view folder,
                                                       std::string_view suffix) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const File& file : files()) {
    if (file.path.starts_with(folder) && file.path.ends_with(suffix)) {
      found.emplace_back(file.path, file.text);
    }
  }
  return found;
}

}  // namespace davy::content
