// SPDX-License-Identifier: Apache-2.0
#include "davy/source/unicode.h"

#include <utility>

namespace davy::source {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

bool is_high_surrogate(uint32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
bool is_low_surrogate(uint32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

/// Writes `code` to `out` (4 bytes of room) and returns its length.
size_t encode_utf8(uint32_t code, char* out) {
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3f));
  };
  if (code < 0x80) {
    out[0] = static_cast<char>(code);
    return 1;
  }
  if (code < 0x800) {
    out[0] = static_cast<char>(0xc0 | (code >> 6));
    out[1] = tail(0);
    return 2;
  }
  if (code < 0x10000) {
    out[0] = static_cast<char>(0xe0 | (code >> 12));
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xf0 | (code >> 18));
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

class Utf16Stream final : public ByteStream {
 public:
  Utf16Stream(std::unique_ptr<Buffered> input, ByteOrder order)
      : input_(std::move(input)), order_(order) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    size_t count = 0;
    while (count < capacity && !failure_) {
      if (held_begin_ < held_end_) {
        buffer[count++] = held_[held_begin_++];
        continue;
      }
      Result<std::string_view> in = input_->window(4);
      if (!in) {
        failure_ = std::move(in).error();
      } else if (in->empty()) {
        break;
      } else if (in->size() == 1) {
        failure_ = Error(ErrorCode::kInvalidInput,
                         "UTF-16 text ends within a character; the file was cut short");
      } else {
        count += convert(*in, buffer + count, capacity - count);
      }
    }
    if (count == 0 && failure_) return *failure_;
    return count;
  }

 private:
  uint32_t unit_at(std::string_view in, size_t at) const {
    const auto first = static_cast<unsigned char>(in[at]);
    const auto second = static_cast<unsigned char>(in[at + 1]);
    return order_ == ByteOrder::kLittle ? first | (uint32_t{second} << 8)
                                        : second | (uint32_t{first} << 8);
  }

  /// Converts while whole characters are there and the longest fits; the one that may not fit is
  /// held for the next read.
  size_t convert(std::string_view in, char* out, size_t capacity) {
    size_t at = 0;
    size_t count = 0;
    // A high surrogate needs its partner in sight, except at the end of the text.
    while (in.size() - at >= 4 || (at == 0 && in.size() >= 2)) {
      uint32_t code = unit_at(in, at);
      size_t width = 2;
      if (is_high_surrogate(code) && in.size() - at >= 4 && is_low_surrogate(unit_at(in, at + 2))) {
        code = 0x10000 + ((code - 0xd800) << 10) + (unit_at(in, at + 2) - 0xdc00);
        width = 4;
      } else if (is_high_surrogate(code) || is_low_surrogate(code)) {
        code = kReplacement;
      }
      at += width;
      if (capacity - count < 4) {
        held_begin_ = 0;
        held_end_ = encode_utf8(code, held_);
        break;
      }
      count += encode_utf8(code, out + count);
    }
    input_->consume(at);
    return count;
  }

  std::unique_ptr<Buffered> input_;
  ByteOrder order_;
  char held_[4] = {};
  size_t held_begin_ = 0;
  size_t held_end_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

std::unique_ptr<ByteStream> utf16_to_utf8(std::unique_ptr<Buffered> input, ByteOrder order) {
  return std::make_unique<Utf16Stream>(std::move(input), order);
}

}  // namespace davy::source
