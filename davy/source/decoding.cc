// SPDX-License-Identifier: Apache-2.0
#include "davy/source/decoding.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::source {
namespace {

constexpr size_t kMagicBytes = 10;

class DecodingStream final : public ByteStream {
 public:
  DecodingStream(const Codec& codec, std::unique_ptr<Buffered> input, std::shared_ptr<Meter> meter,
                 size_t depth)
      : codec_(codec),
        input_(std::move(input)),
        meter_(std::move(meter)),
        depth_(depth),
        decoder_(codec.make()) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    size_t count = 0;
    while (count < capacity && !ended_ && !failure_) {
      Result<size_t> got =
          in_member_ ? decode_some(buffer + count, capacity - count) : seek_member();
      if (!got)
        failure_ = std::move(got).error();
      else
        count += *got;
    }
    if (count == 0 && failure_) return *failure_;
    return count;
  }

 private:
  Result<size_t> decode_some(char* buffer, size_t capacity) {
    const std::string_view in = DAVY_TRY(input_->window(1));
    Decoder::Step step = decoder_->decode(in, buffer, meter_->allowed(produced_, capacity));
    consume(step.consumed);
    produced_ += step.produced;
    if (step.member_ended) in_member_ = false;
    if (step.failure) {
      failure_ = std::move(*step.failure).context(place());
    } else if (step.consumed + step.produced == 0 && !step.member_ended) {
      failure_ = in.empty() ? truncated() : damaged("the decoder makes no progress");
    }
    if (auto exceeded = meter_->add_expanded(depth_, step.produced, produced_)) {
      failure_ = std::move(exceeded);
    }
    return step.produced - meter_->surplus(produced_);
  }

  /// Moves to the start of the next member. Yields no bytes.
  Result<size_t> seek_member() {
    std::string_view in = DAVY_TRY(input_->window(1));
    const size_t zeros = std::min(in.find_first_not_of('\0'), in.size());
    consume(zeros);
    if (zeros > 0) return size_t{0};
    if (in.size() < kMagicBytes) in = DAVY_TRY(input_->window(kMagicBytes));
    if (in.empty()) {
      ended_ = true;
    } else if (codec_.begins(in)) {
      DAVY_TRY(decoder_->begin());
      in_member_ = true;
    } else {
      return foreign_tail();
    }
    return size_t{0};
  }

  /// A damaged member, or bytes that were appended: nobody can tell which, so it is never passed
  /// over.
  Error foreign_tail() const {
    return Error(
        ErrorCode::kInvalidInput,
        fmt::format("{} data is followed, from compressed byte {} on, by bytes that are no "
                    "{} data and were not read: a damaged member, or something appended",
                    codec_.name, with_thousands(consumed_), codec_.name));
  }

  void consume(size_t count) {
    input_->consume(count);
    consumed_ += count;
  }

  std::string place() const {
    return fmt::format("{} data is damaged after {} expanded bytes", codec_.name,
                       with_thousands(produced_));
  }

  Error damaged(std::string_view why) const {
    return Error(ErrorCode::kInvalidInput, std::string(why)).context(place());
  }

  Error truncated() const {
    return Error(ErrorCode::kInvalidInput,
                 fmt::format("{} data ends too early, after {} expanded bytes; the file was cut "
                             "short, fetch it again",
                             codec_.name, with_thousands(produced_)));
  }

  const Codec& codec_;
  std::unique_ptr<Buffered> input_;
  std::shared_ptr<Meter> meter_;
  size_t depth_;
  std::unique_ptr<Decoder> decoder_;
  uint64_t consumed_ = 0;
  uint64_t produced_ = 0;
  bool in_member_ = false;
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace

const Codec* codec_of(std::string_view head) {
  constexpr const Codec* kCodecs[] = {&kGzip, &kZstd, &kBzip2, &kXz};
  for (const Codec* codec : kCodecs) {
    if (codec->begins(head)) return codec;
  }
  return nullptr;
}

std::unique_ptr<ByteStream> decode(const Codec& codec, std::unique_ptr<Buffered> input,
                                   std::shared_ptr<Meter> meter, size_t depth) {
  return std::make_unique<DecodingStream>(codec, std::move(input), std::move(meter), depth);
}

}  // namespace davy::source
