// SPDX-License-Identifier: Apache-2.0
#include "davy/source/unpack.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "davy/source/decoding.h"

namespace davy::source {
namespace {

/// Room at first: logs shrink to about an eighth. More is taken as bytes come, not as they promise.
constexpr size_t kUsualRatio = 8;
constexpr size_t kMostRoomAtFirst = 1 << 20;

class ViewStream final : public ByteStream {
 public:
  explicit ViewStream(std::string_view bytes) : bytes_(bytes) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    const std::string_view part = bytes_.substr(0, capacity);
    std::memcpy(buffer, part.data(), part.size());
    bytes_.remove_prefix(part.size());
    return part.size();
  }

 private:
  std::string_view bytes_;
};

/// A text of unknown length at the end of an arena.
class GrowingText {
 public:
  GrowingText(Arena& arena, size_t capacity, size_t padding)
      : arena_(arena),
        padding_(padding),
        capacity_(capacity),
        place_(arena.allocate(capacity + padding)) {}

  char* end() { return place_ + size_; }
  size_t room() const { return capacity_ - size_; }
  void add(size_t count) { size_ += count; }

  void grow(size_t capacity) {
    capacity_ = capacity;
    give_back();
    char* place = arena_.allocate(capacity_ + padding_);
    if (place != place_) std::memcpy(place, place_, size_);  // else it grew where it stands
    place_ = place;
  }

  void give_back() { arena_.trim(place_, 0); }

  std::string_view finish() {
    std::memset(end(), 0, padding_);
    arena_.trim(place_, size_ + padding_);
    return {place_, size_};
  }

 private:
  Arena& arena_;
  size_t padding_;
  size_t capacity_;
  size_t size_ = 0;
  char* place_;
};

Result<std::string_view> unpack_layer(const Codec& codec, std::string_view bytes, size_t padding,
                                      uint64_t& allowance, Arena& arena) {
  Limits limits;
  limits.max_expanded_bytes = allowance;
  auto meter = std::make_shared<Meter>(limits);
  meter->add_read(bytes.size());
  const auto stream =
      decode(codec, std::make_unique<Buffered>(std::make_unique<ViewStream>(bytes)), meter, 0);
  // One byte more than allowed, so that a stream of just that length shows its end.
  const size_t most = static_cast<size_t>(allowance) + 1;
  size_t capacity = std::min({most, bytes.size() * kUsualRatio, kMostRoomAtFirst});
  GrowingText text(arena, capacity, padding);
  for (;;) {
    const Result<size_t> got = stream->read(text.end(), text.room());
    if (!got) {
      text.give_back();
      return got.error();
    }
    if (*got == 0) return text.finish();
    text.add(*got);
    allowance -= *got;  // of a failure too: a thousand bombs in one record are one
    if (text.room() > 0) continue;
    capacity = std::min(most, capacity * 2);
    text.grow(capacity);
  }
}

}  // namespace

bool is_compressed(std::string_view bytes) {
  return codec_of(bytes) != nullptr;
}

Result<std::string_view> unpack(std::string_view bytes, size_t padding, uint64_t& allowance,
                                Arena& arena) {
  int layers = 0;
  while (const Codec* codec = codec_of(bytes)) {
    if (++layers > Limits{}.max_layers) {
      return Error(ErrorCode::kLimitExceeded, "is compressed more times over than is read");
    }
    bytes = DAVY_TRY(unpack_layer(*codec, bytes, padding, allowance, arena));
  }
  return bytes;
}

}  // namespace davy::source
