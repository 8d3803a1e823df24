// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "davy/base/text.h"
#include "davy/source/decoding.h"

namespace davy::source {
namespace {

/// 128 MiB, what `zstd -d` accepts without --long and what every level up to 22 stays within.
constexpr int kMaxWindowLog = 27;

Error error_of(size_t code) {
  if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge) {
    return Error(ErrorCode::kLimitExceeded,
                 fmt::format("needs a window larger than {}; compress it again without --long",
                             human_bytes(1ULL << kMaxWindowLog)));
  }
  return Error(ErrorCode::kInvalidInput, ZSTD_getErrorName(code));
}

/// A frame, or one to be skipped (pzstd and seekable zstd begin with one).
bool begins_frame(std::string_view head) {
  if (head.starts_with("\x28\xb5\x2f\xfd")) return true;
  return head.size() >= 4 && (head[0] & 0xf0) == 0x50 && head.substr(1, 3) == "\x2a\x4d\x18";
}

/// Enough to tell how long a frame's header is.
constexpr size_t kFirstInput = 5;

/// On a damaged block zstd forgets what it wrote in that call, earlier blocks included. It is
/// therefore given one block at a time, and none before the last one is wholly written: no good
/// byte is lost, and which ones stand does not depend on the size of the reads.
class ZstdDecoder final : public Decoder {
 public:
  ~ZstdDecoder() override { ZSTD_freeDCtx(context_); }

  Result<void> begin() override {
    if (context_ == nullptr) context_ = ZSTD_createDCtx();
    if (context_ == nullptr) return Error(ErrorCode::kIo, "not enough memory");
    ZSTD_DCtx_reset(context_, ZSTD_reset_session_only);
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMaxWindowLog);
    wanted_ = kFirstInput;
    more_to_write_ = false;
    return {};
  }

  Step decode(std::string_view in, char* out, size_t capacity) override {
    if (more_to_write_) {
      Step step = call({}, out, capacity);
      if (step.produced > 0 || step.member_ended || step.failure) return step;
    }
    return call(in.substr(0, wanted_), out, capacity);
  }

 private:
  Step call(std::string_view in, char* out, size_t capacity) {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out, capacity, 0};
    const size_t code = ZSTD_decompressStream(context_, &output, &input);
    Step step{.consumed = input.pos, .produced = output.pos, .member_ended = code == 0};
    if (ZSTD_isError(code) != 0)
      step.failure = error_of(code);
    else
      wanted_ = code;
    more_to_write_ = output.pos == capacity;
    return step;
  }

  ZSTD_DCtx* context_ = nullptr;
  size_t wanted_ = kFirstInput;  // by the library, for the rest of the present block
  bool more_to_write_ = false;
};

}  // namespace

const Codec kZstd{
    .name = "zstd",
    .begins = begins_frame,
    .make = []() -> std::unique_ptr<Decoder> { return std::make_unique<ZstdDecoder>(); },
};

}  // namespace davy::source
