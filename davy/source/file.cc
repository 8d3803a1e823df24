// SPDX-License-Identifier: Apache-2.0
#include "davy/source/file.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/source/os_error.h"

namespace davy::source {
namespace {

/// Larger reads no longer make a difference, and Linux cuts them at 2 GiB anyway.
constexpr size_t kMaxRead = 8u << 20;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

class FileStream final : public ByteStream {
 public:
  FileStream(Descriptor descriptor, uint64_t size, std::optional<uint64_t> max_bytes,
             Progress& progress)
      : descriptor_(std::move(descriptor)),
        size_(size),
        max_bytes_(max_bytes),
        progress_(progress) {}

  ~FileStream() override {
    if (read_ < size_) progress_.input_bytes.fetch_add(size_ - read_, std::memory_order_relaxed);
    progress_.files_done.fetch_add(1, std::memory_order_relaxed);
  }

  Result<size_t> read(char* buffer, size_t capacity) override {
    if (max_bytes_ && read_ >= *max_bytes_) {
      return Error(ErrorCode::kLimitExceeded,
                   fmt::format("gave {} without an end, the limit for one stream; the rest was not "
                               "read",
                               human_bytes(*max_bytes_)));
    }
    for (;;) {
      const ssize_t got = ::read(descriptor_.number(), buffer, std::min(capacity, kMaxRead));
      if (got >= 0) {
        const auto count = static_cast<size_t>(got);
        read_ += count;
        progress_.input_bytes.fetch_add(count, std::memory_order_relaxed);
        return count;
      }
      if (errno != EINTR) return os_error(errno);
    }
  }

 private:
  Descriptor descriptor_;
  uint64_t size_;
  std::optional<uint64_t> max_bytes_;
  uint64_t read_ = 0;
  Progress& progress_;
};

/// zero, full, random, urandom: they would be read until the disk or the patience is full.
bool is_endless_device(const struct stat& status) {
  constexpr unsigned kMemoryDevices = 1;  // Linux admin-guide/devices.txt
  constexpr unsigned kEndless[] = {5, 7, 8, 9};
  return S_ISCHR(status.st_mode) && major(status.st_rdev) == kMemoryDevices &&
         std::find(std::begin(kEndless), std::end(kEndless), minor(status.st_rdev)) !=
             std::end(kEndless);
}

std::optional<Error> refusal(const struct stat& status, Kind kind) {
  if (S_ISDIR(status.st_mode)) return os_error(EISDIR);
  if (kind == Kind::kFound && !S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kUnsupported, "is no longer a regular file; scan again");
  }
  if (is_endless_device(status)) {
    return Error(ErrorCode::kUnsupported, "is a device that never ends; name a file");
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<ByteStream>> open_file(const std::string& path, Kind kind, uint64_t size,
                                              uint64_t max_endless_bytes, Progress& progress) {
  // A file that was replaced by a pipe since it was found must not make us wait for a writer.
  const int nonblocking = kind == Kind::kFound ? O_NONBLOCK : 0;
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | nonblocking));
  struct stat status{};
  if (descriptor.number() < 0 || ::fstat(descriptor.number(), &status) != 0) return os_error(errno);
  if (auto refused = refusal(status, kind)) return *std::move(refused);
  ::posix_fadvise(descriptor.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
  std::optional<uint64_t> max_bytes;
  if (!S_ISREG(status.st_mode)) max_bytes = max_endless_bytes;
  return std::unique_ptr<ByteStream>(
      std::make_unique<FileStream>(std::move(descriptor), size, max_bytes, progress));
}

Result<std::unique_ptr<ByteStream>> open_stdin(uint64_t size, Progress& progress) {
  Descriptor descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  struct stat status{};
  if (descriptor.number() < 0 || ::fstat(descriptor.number(), &status) != 0) return os_error(errno);
  if (auto refused = refusal(status, Kind::kNamed)) return *std::move(refused);
  return std::unique_ptr<ByteStream>(
      std::make_unique<FileStream>(std::move(descriptor), size, std::nullopt, progress));
}

}  // namespace davy::source
