// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

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

class Bzip2Decoder final : public Decoder {
 public:
  ~Bzip2Decoder() override { BZ2_bzDecompressEnd(&state_); }

  Result<void> begin() override {
    BZ2_bzDecompressEnd(&state_);
    state_ = {};
    if (BZ2_bzDecompressInit(&state_, 0, 0) == BZ_OK) return {};
    return Error(ErrorCode::kIo, "not enough memory");
  }

  Step decode(std::string_view in, char* out, size_t capacity) override {
    const auto in_size = static_cast<unsigned>(std::min(in.size(), kMaxPiece));
    const auto out_size = static_cast<unsigned>(std::min(capacity, kMaxPiece));
    state_.next_in = const_cast<char*>(in.data());
    state_.avail_in = in_size;
    state_.next_out = out;
    state_.avail_out = out_size;
    const int code = BZ2_bzDecompress(&state_);
    Step step{.consumed = in_size - state_.avail_in, .produced = out_size - state_.avail_out};
    step.member_ended = code == BZ_STREAM_END;
    if (code == BZ_MEM_ERROR) {
      step.failure = Error(ErrorCode::kIo, "not enough memory");
    } else if (code < 0) {
      step.failure =
          Error(ErrorCode::kInvalidInput, "a block is not valid or its checksum differs");
    }
    return step;
  }

 private:
  bz_stream state_{};
};

}  // namespace

const Codec kBzip2{
    .name = "bzip2",
    .begins = begins_stream,
    .make = []() -> std::unique_ptr<Decoder> { return std::make_unique<Bzip2Decoder>(); },
};

}  // namespace davy::source
