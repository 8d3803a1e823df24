// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <vector>

#include <bzlib.h>

#include "davy/source/decoding.h"

namespace davy::source {
namespace {

/// bzlib counts in 32 bits.
constexpr size_t kMaxPiece = 1u << 30;

/// "BZh", the level, then the mark of a block or of the end of an empty stream; "BZh" alone could
/// begin a text.
bool begins_stream(std::string_view head) {
  if (!head.starts_with("BZh") || head.size() < 10 || head[3] < '1' || head[3] > '9') return false;
  const std::string_view mark = head.substr(4, 6);
  return mark == "\x31\x41\x59\x26\x53\x59" || mark == "\x17\x72\x45\x38\x50\x90";
}

/// On a damaged block bzlib forgets what it wrote in that call, so the bytes that stand would
/// depend on the size of the reads; it is always given the same pieces to fill.
constexpr size_t kPieceBytes = 64 * 1024;

class Bzip2Decoder final : public Decoder {
 public:
  ~Bzip2Decoder() override { BZ2_bzDecompressEnd(&state_); }

  Result<void> begin() override {
    BZ2_bzDecompressEnd(&state_);
    state_ = {};
    if (BZ2_bzDecompressInit(&state_, 0, 0) != BZ_OK) {
      return Error(ErrorCode::kIo, "not enough memory");
    }
    code_ = BZ_OK;
    begin_ = end_ = 0;
    return {};
  }

  Step decode(std::string_view in, char* out, size_t capacity) override {
    Step step;
    if (!ready_) step.consumed = fill(in);
    ready_ = end_ == kPieceBytes || code_ != BZ_OK || in.empty();
    if (!ready_) return step;
    step.produced = std::min(capacity, end_ - begin_);
    std::memcpy(out, piece_.data() + begin_, step.produced);
    begin_ += step.produced;
    if (begin_ < end_) return step;
    begin_ = end_ = 0;
    ready_ = false;
    step.member_ended = code_ == BZ_STREAM_END;
    if (code_ == BZ_MEM_ERROR) {
      step.failure = Error(ErrorCode::kIo, "not enough memory");
    } else if (code_ < 0) {
      step.failure =
          Error(ErrorCode::kInvalidInput, "a block is not valid or its checksum differs");
    }
    return step;
  }

 private:
  /// Adds to the piece and returns how much of `in` that took.
  size_t fill(std::string_view in) {
    const auto in_size = static_cast<unsigned>(std::min(in.size(), kMaxPiece));
    const auto out_size = static_cast<unsigned>(kPieceBytes - end_);
    state_.next_in = const_cast<char*>(in.data());
    state_.avail_in = in_size;
    state_.next_out = piece_.data() + end_;
    state_.avail_out = out_size;
    code_ = BZ2_bzDecompress(&state_);
    end_ += out_size - state_.avail_out;
    return in_size - state_.avail_in;
  }

  bz_stream state_{};
  int code_ = BZ_OK;
  std::vector<char> piece_ = std::vector<char>(kPieceBytes);
  size_t begin_ = 0;    // of what is not yet delivered
  size_t end_ = 0;      // of what is decoded
  bool ready_ = false;  // the piece is complete and being delivered
};

}  // namespace

const Codec kBzip2{
    .name = "bzip2",
    .begins = begins_stream,
    .make = []() -> std::unique_ptr<Decoder> { return std::make_unique<Bzip2Decoder>(); },
};

}  // namespace davy::source
