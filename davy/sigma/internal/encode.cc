// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/encode.h"

#include <cstdint>

#include "davy/base/text.h"
#include "davy/base/utf8.h"

namespace davy::sigma::internal {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_word(char c) {
  return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_';
}

void append_unit(uint32_t unit, Utf16 order, std::string& out) {
  const char low = static_cast<char>(unit & 0xff);
  const char high = static_cast<char>(unit >> 8);
  out += order == Utf16::kBig ? high : low;
  out += order == Utf16::kBig ? low : high;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t block = 0;
    for (size_t k = 0; k < 3; ++k) {
      block <<= 8;
      if (i + k < bytes.size()) block |= static_cast<unsigned char>(bytes[i + k]);
    }
    const size_t digits = std::min<size_t>(bytes.size() - i, 3) + 1;
    for (size_t k = 0; k < 4; ++k) {
      text += k < digits ? kAlphabet[(block >> (18 - 6 * k)) & 63u] : '=';
    }
  }
  return text;
}

std::vector<std::string> base64_at_offsets(std::string_view bytes) {
  constexpr size_t kFirstOwnDigit[] = {0, 2, 3};
  std::vector<std::string> spellings;
  for (size_t offset = 0; offset < 3; ++offset) {
    const std::string encoded = base64(std::string(offset, ' ') + std::string(bytes));
    // The last digit before padding shares its bits with whatever follows.
    constexpr size_t kForeignDigits[] = {0, 3, 2};
    const size_t end = encoded.size() - kForeignDigits[(offset + bytes.size()) % 3];
    const size_t begin = std::min(kFirstOwnDigit[offset], end);
    spellings.push_back(encoded.substr(begin, end - begin));
  }
  return spellings;
}

std::optional<Pattern> to_utf16(const Pattern& pattern, Utf16 order) {
  Pattern encoded;
  encoded.cased = pattern.cased;
  if (order == Utf16::kLittleWithMark) encoded.add_text("\xff\xfe");
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind != Pattern::Kind::kText) {
      encoded.add(part.kind);
      continue;
    }
    std::string text;
    std::string_view rest = part.text;
    while (!rest.empty()) {
      const CodePoint point = next_code_point(rest);
      if (!point.valid) return std::nullopt;
      rest.remove_prefix(point.bytes);
      const uint32_t code = point.code;
      if (code >= 0x10000) {
        append_unit(0xd800 + ((code - 0x10000) >> 10), order, text);
        append_unit(0xdc00 + ((code - 0x10000) & 0x3ff), order, text);
      } else {
        append_unit(code, order, text);
      }
    }
    encoded.add_text(text);
  }
  return encoded;
}

Pattern with_option_dashes(const Pattern& pattern) {
  Pattern out;
  out.cased = pattern.cased;
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind != Pattern::Kind::kText) {
      out.add(part.kind);
      continue;
    }
    const std::string& text = part.text;
    for (size_t i = 0; i < text.size(); ++i) {
      const bool begins = i == 0 || !is_word(text[i - 1]);
      const bool option = i + 1 < text.size() && is_word(text[i + 1]);
      if ((text[i] == '-' || text[i] == '/') && begins && option) {
        out.add(Pattern::Kind::kDash);
      } else {
        out.add_text({&text[i], 1});
      }
    }
  }
  return out;
}

}  // namespace davy::sigma::internal
