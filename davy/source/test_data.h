// SPDX-License-Identifier: Apache-2.0
// Compressed and archived bytes made on the spot by the formats' own libraries, and the reading of
// whole inputs. For this folder's tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "davy/source/peel.h"

namespace davy::source {

std::string gzip(std::string_view bytes);
std::string zstd(std::string_view bytes, int window_log = 0);
std::string bzip2(std::string_view bytes);
std::string xz(std::string_view bytes);

using Compressor = std::string (*)(std::string_view);
struct NamedCompressor {
  const char* name;
  Compressor compress;
};
extern const std::vector<NamedCompressor> kCompressors;

using Members = std::vector<std::pair<std::string, std::string>>;  // name, bytes
std::string zip(const Members& members, const char* options = "");
std::string tar(const Members& members);

/// JSON lines that compress about as well as CloudTrail does; the same for the same `seed`.
std::string sample_log(size_t lines, unsigned seed = 1);

/// What reading one stream to its end gave.
struct Got {
  std::string path;
  std::string bytes;
  std::string error;  ///< empty when the stream ended well
  ErrorCode code = ErrorCode::kInternal;
};

struct AllGot {
  std::vector<Got> streams;
  std::string error;  ///< of the whole input
  ErrorCode code = ErrorCode::kInternal;

  std::string bytes() const;  ///< of all streams, joined
  bool failed() const;
};

Got drain(Opened opened, size_t read_size = 64 * 1024);

/// peel() over `bytes` named "in".
AllGot peel_all(std::string bytes, const Limits& limits = {}, size_t read_size = 64 * 1024);

/// A fresh folder, removed with everything in it when the test is over.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }
  /// Writes a file and the folders above it; returns its path.
  std::string write(std::string_view name, std::string_view bytes) const;

 private:
  std::string path_;
};

}  // namespace davy::source
