// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <dirent.h>

#include "davy/base/text.h"
#include "davy/source/file.h"
#include "davy/source/glob.h"
#include "davy/source/input.h"
#include "davy/source/os_error.h"
#include "davy/source/peel.h"

namespace davy::source {
namespace {

constexpr std::string_view kStdin = "-";

std::string shown(const std::string& path) {
  return printable(path, path.size());
}

class FileInput final : public Input {
 public:
  FileInput(std::string path, Kind kind, uint64_t size, const Limits& limits, Progress& progress)
      : path_(std::move(path)),
        shown_(shown(path_)),
        kind_(kind),
        size_(size),
        limits_(limits),
        progress_(progress) {}

  const std::string& path() const override { return shown_; }
  uint64_t size() const override { return size_; }

  Result<void> open(const std::function<void(Opened)>& each) override {
    auto stream = path_ == kStdin
                      ? open_stdin(size_, progress_)
                      : open_file(path_, kind_, size_, limits_.max_expanded_bytes, progress_);
    if (!stream) {
      progress_.input_bytes.fetch_add(size_, std::memory_order_relaxed);
      progress_.files_done.fetch_add(1, std::memory_order_relaxed);
      return std::move(stream).error();
    }
    return peel({shown_, std::move(stream).value()}, limits_, each);
  }

 private:
  std::string path_;
  std::string shown_;
  Kind kind_;
  uint64_t size_;
  Limits limits_;
  Progress& progress_;
};

/// What a path really is, whatever it is called.
using Identity = std::pair<dev_t, ino_t>;

Identity identity_of(const struct stat& status) {
  return {status.st_dev, status.st_ino};
}

/// Collects files from places and folders. Everything is kept in sorted containers and judged at
/// the end, so neither the order of the words nor that of the directory entries shows.
class Collector {
 public:
  void add_place(const std::string& place) {
    struct stat status{};
    if (place == kStdin) {
      const bool regular = ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode);
      files_.insert({place, {Kind::kNamed, regular ? static_cast<uint64_t>(status.st_size) : 0}});
    } else if (::stat(place.c_str(), &status) == 0) {
      add_named(place, status);
    } else if (const int cause = errno; cause == ENOENT && has_wildcard(place)) {
      add_matches(place);
    } else {
      report(place, os_error(place.empty() ? ENOENT : cause));
    }
  }

  Expanded finish(const Limits& limits, Progress& progress) && {
    for (const auto& [path, target] : links_) {
      if (identities_.contains(target) || folders_.contains(target)) continue;
      report(path, Error(ErrorCode::kUnsupported,
                         "is a symbolic link that leads out of the folder and was not followed; "
                         "name its target to read it"));
    }
    Expanded expanded;
    for (const auto& [path, file] : files_) {
      expanded.inputs.push_back(
          std::make_unique<FileInput>(path, file.kind, file.size, limits, progress));
      progress.total_bytes.fetch_add(file.size, std::memory_order_relaxed);
      progress.files_total.fetch_add(1, std::memory_order_relaxed);
    }
    for (auto& [path, error] : unreadable_)
      expanded.unreadable.push_back({path, std::move(error)});
    return expanded;
  }

 private:
  struct File {
    Kind kind;
    uint64_t size;
  };

  void report(const std::string& path, Error error) {
    unreadable_.emplace(shown(path), std::move(error));
  }

  void add_matches(const std::string& pattern) {
    Matches matches = find_matches(pattern);
    for (Unreadable& folder : matches.unreadable) {
      unreadable_.emplace(std::move(folder.path), std::move(folder.error));
    }
    for (const std::string& path : matches.paths) {
      struct stat status{};
      if (::stat(path.c_str(), &status) == 0)
        add_named(path, status);
      else
        report(path, os_error(errno));
    }
    if (matches.paths.empty()) {
      report(pattern, Error(ErrorCode::kNotFound,
                            "matches no file; check the pattern with `ls`, and its quotes"));
    }
  }

  void add_named(const std::string& path, const struct stat& status) {
    if (S_ISDIR(status.st_mode))
      walk(path, status);
    else
      add_file(path, status, Kind::kNamed);
  }

  void add_file(const std::string& path, const struct stat& status, Kind kind) {
    if (!identities_.insert(identity_of(status)).second) return;
    const auto size = S_ISREG(status.st_mode) ? static_cast<uint64_t>(status.st_size) : 0;
    files_.insert({path, {kind, size}});
  }

  /// Iterative, since folders can be nested deeper than the stack is.
  void walk(const std::string& root, const struct stat& root_status) {
    if (!folders_.insert(identity_of(root_status)).second) return;
    std::vector<std::string> open{root};
    while (!open.empty()) {
      const std::string folder = std::move(open.back());
      open.pop_back();
      for (const std::string& path : paths_in(folder)) {
        struct stat status{};
        if (::lstat(path.c_str(), &status) != 0) {
          report(path, os_error(errno));
        } else if (S_ISDIR(status.st_mode)) {
          if (folders_.insert(identity_of(status)).second) open.push_back(path);
        } else if (S_ISREG(status.st_mode)) {
          add_file(path, status, Kind::kFound);
        } else if (S_ISLNK(status.st_mode)) {
          note_link(path);
        } else {
          report(path, Error(ErrorCode::kUnsupported, S_ISFIFO(status.st_mode)
                                                          ? "is a pipe and was not read: it may "
                                                            "never end; name it to read it"
                                                          : "is a socket or a device, which holds "
                                                            "no log; move it out of the folder"));
        }
      }
    }
  }

  /// A link's target within a walked folder is found by its own name; others are judged in
  /// finish().
  void note_link(const std::string& path) {
    struct stat target{};
    if (::stat(path.c_str(), &target) == 0) {
      links_.insert({path, identity_of(target)});
    } else {
      const int cause = errno;
      report(path, cause == ENOENT ? Error(ErrorCode::kNotFound,
                                           "is a symbolic link to what does not exist; restore "
                                           "its target or delete it")
                                   : os_error(cause));
    }
  }

  /// Sorted, so that of a file's several names the same one is always met first.
  std::vector<std::string> paths_in(const std::string& folder) {
    std::vector<std::string> paths;
    DIR* listing = ::opendir(folder.c_str());
    if (listing == nullptr) {
      report(folder, os_error(errno));
      return paths;
    }
    const std::string prefix = folder.ends_with('/') ? folder : folder + "/";
    errno = 0;
    while (const dirent* entry = ::readdir(listing)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") paths.push_back(prefix + std::string(name));
      errno = 0;
    }
    if (errno != 0) report(folder, os_error(errno));
    ::closedir(listing);
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  std::map<std::string, File> files_;
  std::set<Identity> identities_;
  std::set<Identity> folders_;
  std::map<std::string, Identity> links_;
  std::map<std::string, Error> unreadable_;
};

}  // namespace

Expanded expand(const std::vector<std::string>& places, const Limits& limits, Progress& progress) {
  Collector collector;
  for (const std::string& place : std::set<std::string>(places.begin(), places.end())) {
    collector.add_place(place);
  }
  return std::move(collector).finish(limits, progress);
}

}  // namespace davy::source
