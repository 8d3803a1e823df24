// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <isa-l/igzip_lib.h>

#include "davy/source/decoding.h"

namespace davy::source {
namespace {

/// isal counts in 32 bits.
constexpr size_t kMaxPiece = 1u << 30;

std::string_view reason_of(int code) {
  switch (code) {
    case ISAL_INCORRECT_CHECKSUM:
      return "the checksum does not match, bytes before it may be wrong";
    case ISAL_INVALID_WRAPPER: return "a member's header is not gzip";
    case ISAL_UNSUPPORTED_METHOD: return "a member is compressed by a method other than deflate";
    default: return "a compressed block is not valid";
  }
}

class GzipDecoder final : public Decoder {
 public:
  Result<void> begin() override {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    return {};
  }

  Step decode(std::string_view in, char* out, size_t capacity) override {
    const auto in_size = static_cast<uint32_t>(std::min(in.size(), kMaxPiece));
    const auto out_size = static_cast<uint32_t>(std::min(capacity, kMaxPiece));
    state_.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(in.data()));
    state_.avail_in = in_size;
    state_.next_out = reinterpret_cast<uint8_t*>(out);
    state_.avail_out = out_size;
    const int code = isal_inflate(&state_);
    Step step{.consumed = in_size - state_.avail_in, .produced = out_size - state_.avail_out};
    if (code < 0) {
      step.failure = Error(ErrorCode::kInvalidInput, std::string(reason_of(code)));
    }
    step.member_ended = code == ISAL_DECOMP_OK && state_.block_state == ISAL_BLOCK_FINISH;
    return step;
  }

 private:
  inflate_state state_;
};

}  // namespace

const Codec kGzip{
    .name = "gzip",
    .begins = [](std::string_view head) { return head.starts_with("\x1f\x8b"); },
    .make = []() -> std::unique_ptr<Decoder> { return std::make_unique<GzipDecoder>(); },
};

}  // namespace davy::source
