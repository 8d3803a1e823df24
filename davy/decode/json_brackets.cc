// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_brackets.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace davy::decode {
namespace {

/// One 64-byte block as bit masks, bit i for byte i.
struct BlockMasks {
  uint64_t quote = 0;
  uint64_t backslash = 0;
  uint64_t open = 0;   ///< '{' or '['
  uint64_t close = 0;  ///< '}' or ']'
};

#if defined(__SSE2__)
BlockMasks read_block(const char* p) {
  BlockMasks masks;
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  // '[' | 0x20 == '{' and ']' | 0x20 == '}': one compare finds both brackets.
  const __m128i lower = _mm_set1_epi8(0x20);
  const __m128i open = _mm_set1_epi8('{');
  const __m128i close = _mm_set1_epi8('}');
  for (unsigned i = 0; i < 4; ++i) {
    __m128i bytes;
    std::memcpy(&bytes, p + 16 * i, sizeof bytes);
    const __m128i folded = _mm_or_si128(bytes, lower);
    const auto mask = [&](__m128i a, __m128i b) {
      return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b))))
             << (16 * i);
    };
    masks.quote |= mask(bytes, quote);
    masks.backslash |= mask(bytes, backslash);
    masks.open |= mask(folded, open);
    masks.close |= mask(folded, close);
  }
  return masks;
}
#else
BlockMasks read_block(const char* p) {
  BlockMasks masks;
  for (unsigned i = 0; i < 64; ++i) {
    const uint64_t bit = uint64_t{1} << i;
    switch (p[i]) {
      case '"': masks.quote |= bit; break;
      case '\\': masks.backslash |= bit; break;
      case '{':
      case '[': masks.open |= bit; break;
      case '}':
      case ']': masks.close |= bit; break;
      default: break;
    }
  }
  return masks;
}
#endif

/// How many '{' and '[' there are, in strings or not.
size_t count_opening(std::string_view data) {
  size_t count = 0;
  size_t at = 0;
#if defined(__SSE2__)
  const __m128i lower = _mm_set1_epi8(0x20);
  const __m128i open = _mm_set1_epi8('{');
  while (data.size() - at >= 16) {
    __m128i counts = _mm_setzero_si128();  // one counter a byte lane, good for 255 steps
    for (int step = 0; step < 255 && data.size() - at >= 16; ++step, at += 16) {
      __m128i bytes;
      std::memcpy(&bytes, data.data() + at, sizeof bytes);
      counts = _mm_sub_epi8(counts, _mm_cmpeq_epi8(_mm_or_si128(bytes, lower), open));
    }
    const __m128i sums = _mm_sad_epu8(counts, _mm_setzero_si128());
    count += static_cast<size_t>(_mm_cvtsi128_si64(sums)) +
             static_cast<size_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
  }
#endif
  for (; at < data.size(); ++at)
    count += (data[at] | 0x20) == '{' ? 1u : 0u;
  return count;
}

/// The 64 bytes of `data` at `base`; past the end they are blanks in `padded`.
const char* whole_block(std::string_view data, size_t base, char (&padded)[64]) {
  if (data.size() - base >= sizeof padded) return data.data() + base;
  std::memset(padded, ' ', sizeof padded);
  std::memcpy(padded, data.data() + base, data.size() - base);
  return padded;
}

/// Follows strings and escapes across blocks.
class StringTracker {
 public:
  /// Bits that lie inside a string, opening quote included.
  uint64_t inside(const BlockMasks& masks) {
    const uint64_t quotes = masks.quote & ~escaped(masks.backslash);
    uint64_t inside = quotes;  // prefix XOR: every bit after an odd number of quotes
    for (unsigned shift = 1; shift < 64; shift *= 2)
      inside ^= inside << shift;
    inside ^= carried_string_;
    carried_string_ = (inside >> 63) != 0 ? ~uint64_t{0} : 0;
    return inside;
  }

 private:
  /// Bits that follow an odd run of backslashes.
  uint64_t escaped(uint64_t backslash) {
    if (backslash == 0 && !carried_escape_) return 0;
    uint64_t result = 0;
    bool escape = carried_escape_;
    if (escape) result = 1;
    uint64_t rest = escape ? backslash & ~uint64_t{1} : backslash;
    escape = false;
    while (rest != 0) {
      const int at = std::countr_zero(rest);
      if (at == 63) {
        escape = true;
        break;
      }
      result |= uint64_t{2} << at;
      rest &= ~(uint64_t{3} << at);
    }
    carried_escape_ = escape;
    return result;
  }

  uint64_t carried_string_ = 0;
  bool carried_escape_ = false;
};

}  // namespace

size_t find_value_end(std::string_view data, int depth) {
  StringTracker strings;
  alignas(16) char padded[64];
  for (size_t base = 0; base < data.size(); base += 64) {
    const BlockMasks masks = read_block(whole_block(data, base, padded));
    const uint64_t outside = ~strings.inside(masks);
    const uint64_t open = masks.open & outside;
    const uint64_t close = masks.close & outside;
    const int closes = std::popcount(close);
    if (depth > closes) {  // cannot end here, whatever the order
      depth += std::popcount(open) - closes;
      continue;
    }
    for (uint64_t both = open | close; both != 0; both &= both - 1) {
      const int at = std::countr_zero(both);
      depth += (open >> at & 1) != 0 ? 1 : -1;
      if (depth == 0) return base + static_cast<size_t>(at) + 1;
    }
  }
  return std::string_view::npos;
}

bool nested_deeper_than(std::string_view json, int limit) {
  // Most records have too few brackets, wherever they stand.
  if (json.size() <= static_cast<size_t>(limit)) return false;
  if (count_opening(json) <= static_cast<size_t>(limit)) return false;
  StringTracker strings;
  alignas(16) char padded[64];
  int depth = 0;
  for (size_t base = 0; base < json.size(); base += 64) {
    const BlockMasks masks = read_block(whole_block(json, base, padded));
    const uint64_t outside = ~strings.inside(masks);
    const uint64_t open = masks.open & outside;
    for (uint64_t both = open | (masks.close & outside); both != 0; both &= both - 1) {
      depth += (open >> std::countr_zero(both) & 1) != 0 ? 1 : -1;
      if (depth > limit) return true;
    }
  }
  return false;
}

}  // namespace davy::decode
