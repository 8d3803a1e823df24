// SPDX-License-Identifier: Apache-2.0
// Look-ahead over a stream: the first bytes decide what it is, and decoders take their input from
// its window without a copy. Large reads go straight through.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "davy/source/input.h"

namespace davy::source {

class Buffered final : public ByteStream {
 public:
  /// Chosen by measurement (bench/decompress.cc): larger buffers fall out of the L2 cache.
  static constexpr size_t kCapacity = 128 * 1024;
  static constexpr size_t kStraightThrough = 16 * 1024;

  explicit Buffered(std::unique_ptr<ByteStream> inner) : inner_(std::move(inner)) {}

  /// The bytes not yet consumed: at least `wanted` (at most kCapacity), fewer only before the end
  /// or an error. Valid until the next call of any member but consume(). Empty means the end. An
  /// error is returned once the bytes before it are consumed, and from then on.
  Result<std::string_view> window(size_t wanted);

  void consume(size_t count) { begin_ += count; }

  Result<size_t> read(char* buffer, size_t capacity) override;

 private:
  size_t buffered() const { return end_ - begin_; }

  std::unique_ptr<ByteStream> inner_;
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace davy::source
