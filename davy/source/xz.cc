// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <lzma.h>

#include "davy/base/text.h"
#include "davy/source/decoding.h"

namespace davy::source {
namespace {

/// `xz -9` needs 65 MiB to expand.
constexpr uint64_t kMaxMemory = 128ULL << 20;

Error error_of(lzma_ret code) {
  switch (code) {
    case LZMA_MEMLIMIT_ERROR:
      return Error(ErrorCode::kLimitExceeded,
                   fmt::format("needs more than {} of memory; compress it again at -9 or lower",
                               human_bytes(kMaxMemory)));
    case LZMA_MEM_ERROR: return Error(ErrorCode::kIo, "not enough memory");
    case LZMA_OPTIONS_ERROR:
      return Error(ErrorCode::kUnsupported, "uses a filter that is not supported; expand it first");
    default: return Error(ErrorCode::kInvalidInput, "a block is not valid or its checksum differs");
  }
}

class XzDecoder final : public Decoder {
 public:
  ~XzDecoder() override { lzma_end(&state_); }

  Result<void> begin() override {
    const lzma_ret code = lzma_stream_decoder(&state_, kMaxMemory, 0);
    if (code != LZMA_OK) return error_of(code);
    return {};
  }

  Step decode(std::string_view in, char* out, size_t capacity) override {
    state_.next_in = reinterpret_cast<const uint8_t*>(in.data());
    state_.avail_in = in.size();
    state_.next_out = reinterpret_cast<uint8_t*>(out);
    state_.avail_out = capacity;
    const lzma_ret code = lzma_code(&state_, LZMA_RUN);
    Step step{.consumed = in.size() - state_.avail_in, .produced = capacity - state_.avail_out};
    step.member_ended = code == LZMA_STREAM_END;
    // LZMA_BUF_ERROR is its word for "no progress", which the caller judges.
    if (code != LZMA_OK && code != LZMA_STREAM_END && code != LZMA_BUF_ERROR) {
      step.failure = error_of(code);
    }
    return step;
  }

 private:
  lzma_stream state_ = LZMA_STREAM_INIT;
};

}  // namespace

const Codec kXz{
    .name = "xz",
    .begins =
        [](std::string_view head) {
          return head.starts_with(
              std::string_view("\xfd"
                               "7zXZ\0",
                               6));
        },
    .make = []() -> std::unique_ptr<Decoder> { return std::make_unique<XzDecoder>(); },
};

}  // namespace davy::source
