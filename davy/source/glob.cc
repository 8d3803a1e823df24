// SPDX-License-Identifier: Apache-2.0
#include "davy/source/glob.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>

#include <dirent.h>
#include <fnmatch.h>

#include "davy/base/text.h"
#include "davy/source/os_error.h"

namespace davy::source {
namespace {

std::string joined(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.back() == '/' ? folder + name : folder + "/" + name;
}

bool is_folder(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

class Search {
 public:
  explicit Search(std::string_view pattern) {
    for (const std::string_view part : split(pattern, '/')) {
      const bool again = part == "**" && !parts_.empty() && parts_.back() == "**";
      if (!part.empty() && !again) parts_.emplace_back(part);
    }
    search(pattern.starts_with('/') ? "/" : "", 0);
  }

  Matches take() && {
    std::sort(found_.paths.begin(), found_.paths.end());
    found_.paths.erase(std::unique(found_.paths.begin(), found_.paths.end()), found_.paths.end());
    return std::move(found_);
  }

 private:
  /// Everything in `folder` that parts_[at…] match. Recursion is as deep as the folders are.
  void search(const std::string& folder, size_t at) {
    if (at == parts_.size()) {
      if (!folder.empty()) found_.paths.push_back(folder);
      return;
    }
    const std::string& part = parts_[at];
    if (!has_wildcard(part)) {
      const std::string path = joined(folder, part);
      struct stat status{};
      if (::lstat(path.c_str(), &status) == 0) search(path, at + 1);
      return;
    }
    const bool any_depth = part == "**";
    if (any_depth) search(folder, at + 1);
    for (const std::string& name : names_in(folder)) {
      const std::string path = joined(folder, name);
      if (any_depth) {
        if (name.front() != '.' && is_folder(path))
          search(path, at);
        else if (at + 1 == parts_.size() && name.front() != '.')
          found_.paths.push_back(path);
      } else if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) {
        search(path, at + 1);
      }
    }
  }

  std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    DIR* listing = ::opendir(folder.empty() ? "." : folder.c_str());
    if (listing == nullptr) {
      // A file where the pattern wants a folder is no match, not a failure.
      if (errno != ENOTDIR && errno != ENOENT) {
        found_.unreadable.push_back({printable(folder, folder.size()), os_error(errno)});
      }
      return names;
    }
    while (const dirent* entry = ::readdir(listing)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(listing);
    return names;
  }

  std::vector<std::string> parts_;
  Matches found_;
};

}  // namespace

bool has_wildcard(std::string_view place) {
  return place.find_first_of("*?[\\") != std::string_view::npos;
}

Matches find_matches(std::string_view pattern) {
  return Search(pattern).take();
}

}  // namespace davy::source
