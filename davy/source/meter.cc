// SPDX-License-Identifier: Apache-2.0
#include "davy/source/meter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::source {
namespace {

/// A short run of zeros compresses without bound under zstd and bzip2 and harms nobody.
constexpr uint64_t kRatioJudgedPast = 64ULL << 20;

class CountedStream final : public ByteStream {
 public:
  CountedStream(std::unique_ptr<ByteStream> inner, std::shared_ptr<Meter> meter)
      : inner_(std::move(inner)), meter_(std::move(meter)) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    Result<size_t> got = inner_->read(buffer, capacity);
    if (got) meter_->add_read(*got);
    return got;
  }

 private:
  std::unique_ptr<ByteStream> inner_;
  std::shared_ptr<Meter> meter_;
};

}  // namespace

std::optional<Error> Meter::add_expanded(size_t depth, uint64_t bytes, uint64_t stream_total) {
  if (expanded_.size() <= depth) expanded_.resize(depth + 1);
  const uint64_t total = expanded_[depth] += bytes;
  if (stream_total > limits_.max_expanded_bytes) {
    return Error(ErrorCode::kLimitExceeded,
                 fmt::format("expands to more than {}, the limit for one stream; the rest was not "
                             "read; split the file or raise the limit",
                             human_bytes(limits_.max_expanded_bytes)));
  }
  // Divided, not multiplied: max_ratio may be set to "no limit".
  if (total > kRatioJudgedPast && total / std::max<uint64_t>(limits_.max_ratio, 1) > read_bytes_) {
    return Error(ErrorCode::kLimitExceeded,
                 fmt::format("{} of compressed data became {}, more than {} times as much, as a "
                             "decompression bomb does; the rest was not read; if the file is "
                             "genuine, expand it first and name the result",
                             human_bytes(read_bytes_), human_bytes(total), limits_.max_ratio));
  }
  return std::nullopt;
}

size_t Meter::allowed(uint64_t stream_total, size_t capacity) const {
  const uint64_t left = limits_.max_expanded_bytes - stream_total;
  return left >= capacity ? capacity : left + 1;
}

std::optional<Error> Meter::add_member() {
  if (++members_ <= limits_.max_members) return std::nullopt;
  return Error(ErrorCode::kLimitExceeded,
               fmt::format("holds more than {} members, the limit for one archive; the rest was "
                           "not read; unpack it and name the folder",
                           with_thousands(limits_.max_members)));
}

std::unique_ptr<ByteStream> count_reads(std::unique_ptr<ByteStream> inner,
                                        std::shared_ptr<Meter> meter) {
  return std::make_unique<CountedStream>(std::move(inner), std::move(meter));
}

}  // namespace davy::source
