// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_scalar.h"

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

}  // namespace

bool is_json_scalar(const char* c) {
  const auto skip = [&](std::string_view word) {
    const bool same = std::memcmp(c, word.data(), word.size()) == 0;
    c += same ? word.size() : 0;
    return same;
  };
  if (!skip("true") && !skip("false") && !skip("null") && !skip_number(c)) return false;
  return *c == ',' || *c == '}' || *c == ']' || is_ascii_space(*c);
}

}  // namespace davy::decode
