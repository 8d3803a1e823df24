// SPDX-License-Identifier: Apache-2.0
// Where bytes come from: files, folders, globs, archives, stdin; compression peeled by content,
// never by name. Yields streams of plain bytes; knows nothing about what they mean.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "davy/base/result.h"

namespace davy::source {

/// Bounds that keep a hostile input from exhausting the machine.
struct Limits {
  uint64_t max_expanded_bytes = 1ULL << 40;  ///< of one stream after decompression
  uint64_t max_ratio =
      1100;  ///< expanded : compressed, judged past 64 MiB expanded (zlib's ceiling is 1032)
  int max_layers = 3;                ///< gzip in gzip in gzip
  uint64_t max_members = 1'000'000;  ///< of one archive
};

/// One stream of plain bytes. Not thread-safe; the owner serialises.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Reads up to `capacity` bytes; 0 means the end. An error (truncated gzip, bomb limit, I/O) ends
  /// the stream; the bytes read before it stand.
  virtual Result<size_t> read(char* buffer, size_t capacity) = 0;
};

/// What opening one input yields: a file gives one stream, an archive one per member.
struct Opened {
  std::string path;  ///< as shown: "logs/a.json.gz", "logs.zip!2024/a.json"
  std::unique_ptr<ByteStream> stream;
};

/// Progress shared with the terminal; updated with relaxed atomics.
struct Progress {
  std::atomic<uint64_t> input_bytes{0};  ///< read from disk or pipe, before decompression
  std::atomic<uint64_t> total_bytes{0};  ///< sum of file sizes; 0 when unknown (stdin)
  std::atomic<uint64_t> files_done{0};
  std::atomic<uint64_t> files_total{0};
};

/// One place to read, found by expand(). Opening is lazy.
class Input {
 public:
  virtual ~Input() = default;
  virtual const std::string& path() const = 0;
  /// Bytes on disk; 0 when unknown.
  virtual uint64_t size() const = 0;
  /// Calls `each` for every stream in it, in order. An archive opens its members one after another;
  /// `each` must finish with a stream before it returns. An error that stops the whole input is
  /// returned; one member's error is that member's read() error.
  virtual Result<void> open(const std::function<void(Opened)>& each) = 0;
};

struct Unreadable {
  std::string path;
  Error error;
};

struct Expanded {
  std::vector<std::unique_ptr<Input>> inputs;  ///< sorted by path, each place once
  std::vector<Unreadable> unreadable;          ///< missing, no permission, a glob without matches
};

/// Turns the user's words into inputs: a file, a folder (recursively, following no symbolic link
/// out of it, skipping nothing by name), a glob, "-" for stdin. Devices, sockets and FIFOs found
/// inside a folder are skipped; named on the command line they are read.
Expanded expand(const std::vector<std::string>& places, const Limits& limits, Progress& progress);

}  // namespace davy::source
