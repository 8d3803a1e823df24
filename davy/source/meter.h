// SPDX-License-Identifier: Apache-2.0
// The account of one input: what was read from it and what each layer made of that, so that a
// decompression bomb is stopped while it unfolds, however it is nested. Not thread-safe: one input
// is read by one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "davy/source/input.h"

namespace davy::source {

class Meter {
 public:
  explicit Meter(const Limits& limits) : limits_(limits) {}

  const Limits& limits() const { return limits_; }

  void add_read(uint64_t bytes) { read_bytes_ += bytes; }

  /// Notes that the layer at `depth` (0 is the outermost) yielded `bytes`, `stream_total` so far
  /// for its present stream. All streams of a depth are added up for the ratio, so that a million
  /// small bombs in an archive are one large one.
  std::optional<Error> add_expanded(size_t depth, uint64_t bytes, uint64_t stream_total);

  /// How much of `capacity` a stream that yielded `stream_total` may fill: up to one byte past the
  /// limit, which shows that there is more, and which surplus() takes back. So the limit cuts at
  /// the same byte whatever the size of the reads.
  size_t allowed(uint64_t stream_total, size_t capacity) const;
  size_t surplus(uint64_t stream_total) const { return stream_total > limits_.max_expanded_bytes; }

  std::optional<Error> add_member();

 private:
  Limits limits_;
  uint64_t read_bytes_ = 0;
  uint64_t members_ = 0;
  std::vector<uint64_t> expanded_;  // by depth
};

/// Passes `inner` through and notes in `meter` what is read from it.
std::unique_ptr<ByteStream> count_reads(std::unique_ptr<ByteStream> inner,
                                        std::shared_ptr<Meter> meter);

}  // namespace davy::source
