// SPDX-License-Identifier: Apache-2.0
// Bytes already in memory as a ByteStream: what a request body, a test or a fuzzer feeds to peel().
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "davy/source/input.h"

namespace davy::source {

class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::string bytes) : bytes_(std::move(bytes)) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    const size_t count = std::min(capacity, bytes_.size() - offset_);
    std::memcpy(buffer, bytes_.data() + offset_, count);
    offset_ += count;
    return count;
  }

 private:
  std::string bytes_;
  size_t offset_ = 0;
};

/// A stream that cannot be read: its error is all it yields.
class FailedStream final : public ByteStream {
 public:
  explicit FailedStream(Error error) : error_(std::move(error)) {}
  Result<size_t> read(char* /*buffer*/, size_t /*capacity*/) override { return error_; }

 private:
  Error error_;
};

}  // namespace davy::source
