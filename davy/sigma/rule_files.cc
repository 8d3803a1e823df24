// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "davy/sigma/rule_set.h"

namespace davy::sigma {
namespace {

namespace fs = std::filesystem;

bool is_test_file(const std::string& path) {
  return path.ends_with(".test.yml") || path.ends_with(".test.yaml");
}

bool is_rule_file(const std::string& path) {
  return (path.ends_with(".yml") || path.ends_with(".yaml")) && !is_test_file(path);
}

Result<RuleText> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kIo, fmt::format("cannot open rule file '{}'", path)};
  RuleText text{path, {}};
  std::array<char, 16 * 1024> part;
  do {
    file.read(part.data(), part.size());
    text.yaml.append(part.data(), static_cast<size_t>(file.gcount()));
  } while (file);
  if (file.bad()) return Error{ErrorCode::kIo, fmt::format("cannot read rule file '{}'", path)};
  return text;
}

/// Files named in `paths` and files below the folders named there that are `wanted`.
Result<std::vector<RuleText>> read_files(const std::vector<std::string>& paths,
                                         bool (*wanted)(const std::string&)) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end;
           entry.increment(error)) {
        const std::string name = entry->path().string();
        if (entry->is_regular_file(error) && wanted(name)) files.push_back(name);
      }
      if (error) {
        return Error{ErrorCode::kIo,
                     fmt::format("cannot list rule folder '{}': {}", path, error.message())};
      }
    } else if (fs::exists(path, error)) {
      files.push_back(path);
    } else {
      return Error{ErrorCode::kNotFound, fmt::format("no rule file or folder '{}'", path)};
    }
  }
  // The same file named twice is one file; the order of the arguments does not matter.
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  std::vector<RuleText> texts;
  for (const std::string& file : files)
    texts.push_back(DAVY_TRY(read_file(file)));
  return texts;
}

}  // namespace

Result<std::vector<RuleText>> read_rule_files(const std::vector<std::string>& paths) {
  return read_files(paths, is_rule_file);
}

Result<std::vector<RuleText>> read_rule_test_files(const std::vector<std::string>& paths) {
  std::vector<std::string> places;
  for (const std::string& path : paths) {
    // The tests of a single rule file stand beside it.
    std::error_code error;
    if (fs::is_directory(path, error) || is_test_file(path)) {
      places.push_back(path);
      continue;
    }
    const std::string beside = fs::path(path).replace_extension(".test.yml").string();
    if (fs::exists(beside, error)) places.push_back(beside);
  }
  return read_files(places, is_test_file);
}

}  // namespace davy::sigma
