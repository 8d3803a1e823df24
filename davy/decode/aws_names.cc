// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/aws_names.h"

#include <algorithm>

#include "davy/base/text.h"

namespace davy::decode {
namespace {

constexpr size_t kShortestId = 8;
constexpr size_t kLongestId = 17;
constexpr size_t kAccessKeyLength = 20;

bool is_lower_hex(char c) {
  return is_ascii_digit(c) || (c >= 'a' && c <= 'f');
}

bool is_word(char c) {
  return is_ascii_digit(c) || is_ascii_alpha(c);
}

}  // namespace

std::string_view find_instance_id(std::string_view text) {
  for (size_t at = text.find("i-"); at != std::string_view::npos; at = text.find("i-", at + 1)) {
    if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '-')) continue;  // "ami-…"
    size_t end = at + 2;
    while (end < text.size() && is_lower_hex(text[end]))
      ++end;
    const size_t digits = end - at - 2;
    const bool whole = end == text.size() || !is_word(text[end]);
    if (whole && digits >= kShortestId && digits <= kLongestId) return text.substr(at, end - at);
  }
  return {};
}

bool is_access_key_id(std::string_view text) {
  return text.size() == kAccessKeyLength &&
         (text.starts_with("AKIA") || text.starts_with("ASIA")) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_ascii_digit(c) || (c >= 'A' && c <= 'Z'); });
}

}  // namespace davy::decode
