// SPDX-License-Identifier: Apache-2.0
// Keys of JSON objects as they are written. Part of json_walker.cc, which reads one for every
// member.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace davy::decode {

/// A key as written, up to its closing quote.
struct RawKey {
  std::string_view text;
  bool escaped = false;
  bool dotted = false;
};

/// The key that begins at `begin`, behind its opening quote; it lies in a padded record.
inline RawKey raw_key(const char* begin) {
  RawKey raw;
  size_t size = 0;
#ifdef __SSE2__
  // Blocks without a quote or an escape, then what stands before the first of them.
  for (;; size += 16) {
    __m128i block;  // keys lie in padded records
    std::memcpy(&block, begin + size, sizeof block);
    const auto bits_of = [block](char c) {
      return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(c))));
    };
    const unsigned ends = bits_of('"') | bits_of('\\');
    const unsigned dots = bits_of('.');
    const int before = ends == 0 ? 16 : std::countr_zero(ends);
    raw.dotted |= (dots & ((1U << before) - 1)) != 0;
    if (ends == 0) continue;
    size += static_cast<size_t>(before);
    break;
  }
#endif
  for (; begin[size] != '"'; size += begin[size] == '\\' ? 2 : 1) {
    raw.escaped |= begin[size] == '\\';
    raw.dotted |= begin[size] == '.';
  }
  raw.text = {begin, size};
  return raw;
}

}  // namespace davy::decode
