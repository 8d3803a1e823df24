// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_scalar.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "davy/base/text.h"

namespace davy::decode {
namespace {

/// Whether a number stands at `c`; moves `c` to its end.
bool skip_number(const char*& c) {
  const auto digits = [&] {
    const char* const first = c;
    while (is_ascii_digit(*c))
      ++c;
    return c != first;
  };
  if (*c == '-') ++c;
  if (*c == '0') {
    ++c;
  } else if (!digits()) {
    return false;
  }
  if (*c == '.') {
    ++c;
    if (!digits()) return false;
  }
  if ((*c | 0x20) != 'e') return true;
  ++c;
  if (*c == '+' || *c == '-') ++c;
  return digits();
}

bool is_json_scalar(const char* c) {
  const auto skip = [&](std::string_view word) {
    const bool same = std::memcmp(c, word.data(), word.size()) == 0;
    c += same ? word.size() : 0;
    return same;
  };
  if (!skip("true") && !skip("false") && !skip("null") && !skip_number(c)) return false;
  return *c == ',' || *c == '}' || *c == ']' || is_ascii_space(*c);
}

constexpr std::array<unsigned char, 256> kOther = [] {
  std::array<unsigned char, 256> table{};
  table.fill(1);
  for (const char c : {'{', '}', '[', ']', ':', ',', '"'})
    table[static_cast<unsigned char>(c)] = 0;
  return table;
}();

}  // namespace

bool are_json_tokens(const char* json, std::span<const uint32_t> tokens) {
  const auto is_other = [json](uint32_t at) {
    return kOther[static_cast<unsigned char>(json[at])];
  };
  const auto is_good = [&](uint32_t at) { return is_other(at) == 0 || is_json_scalar(json + at); };
  // Scalars are few: eight tokens at a time are asked for any.
  const uint32_t* at = tokens.data();
  const uint32_t* const end = at + tokens.size();
  for (; end - at >= 8; at += 8) {
    const int any = is_other(at[0]) | is_other(at[1]) | is_other(at[2]) | is_other(at[3]) |
                    is_other(at[4]) | is_other(at[5]) | is_other(at[6]) | is_other(at[7]);
    if (any != 0 && !std::all_of(at, at + 8, is_good)) return false;
  }
  return std::all_of(at, end, is_good);
}

}  // namespace davy::decode
