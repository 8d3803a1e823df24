// SPDX-License-Identifier: Apache-2.0
#include "davy/base/address.h"

#ifdef __SSSE3__
#include <tmmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstring>

#include <arpa/inet.h>

namespace davy {
namespace {

constexpr size_t kShortestIpv4 = 7;
constexpr size_t kLongestIpv4 = 15;

/// Instead of an optional, which is written in two pieces and read as one: the processor would
/// wait.
constexpr int64_t kNoIpv4 = -1;

Address from_v4(uint32_t v4) {
  return {0, 0xffff00000000ULL | v4};
}

#ifdef __SSSE3__

/// How the digits of an address whose numbers have certain lengths are moved to fixed places.
struct Digits {
  alignas(16) std::array<uint8_t, 16> from{};  ///< hundreds, tens, ones, nothing; four times
  alignas(16) std::array<int32_t, 4> least{};  ///< a smaller number has a leading zero
};

/// One row for each four lengths of 1 to 3, the last length counting fastest.
constexpr std::array<Digits, 81> kDigits = [] {
  constexpr uint8_t kNothing = 0x80;
  constexpr int32_t kLeast[] = {0, 10, 100};
  std::array<Digits, 81> rows{};
  for (unsigned row = 0; row < rows.size(); ++row) {
    const unsigned lengths[] = {row / 27 % 3 + 1, row / 9 % 3 + 1, row / 3 % 3 + 1, row % 3 + 1};
    unsigned begin = 0;
    for (unsigned number = 0; number < 4; ++number) {
      const unsigned length = lengths[number];
      for (unsigned place = 0; place < 4; ++place) {
        const bool written = place < 3 && place + length >= 3;
        rows[row].from[number * 4 + place] =
            written ? static_cast<uint8_t>(begin + place + length - 3) : kNothing;
      }
      rows[row].least[number] = kLeast[length - 1];
      begin += length + 1;
    }
  }
  return rows;
}();

template <typename T>
__m128i load(const T* from) {
  __m128i bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

/// Without a branch that depends on the digits: addresses of mixed lengths would mispredict it.
[[gnu::always_inline]] inline int64_t parse_padded_ipv4(std::string_view text) {
  const auto size = static_cast<unsigned>(text.size());
  if (text.size() < kShortestIpv4 || text.size() > kLongestIpv4) return kNoIpv4;
  const __m128i bytes = load(text.data());
  auto dots = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'))));
  dots &= (1U << size) - 1;
  if (std::popcount(dots) != 3) return kNoIpv4;
  const auto first = static_cast<unsigned>(std::countr_zero(dots));
  dots &= dots - 1;
  const auto second = static_cast<unsigned>(std::countr_zero(dots));
  dots &= dots - 1;
  const auto third = static_cast<unsigned>(std::countr_zero(dots));
  // Lengths less one; of an empty number it is huge.
  const unsigned a = first - 1;
  const unsigned b = second - first - 2;
  const unsigned c = third - second - 2;
  const unsigned d = size - third - 2;
  if ((a > 2) | (b > 2) | (c > 2) | (d > 2)) return kNoIpv4;

  const Digits& digits = kDigits[((a * 3 + b) * 3 + c) * 3 + d];
  const __m128i placed =
      _mm_shuffle_epi8(_mm_xor_si128(bytes, _mm_set1_epi8('0')), load(digits.from.data()));
  const __m128i weights = _mm_set1_epi32(0x00010a64);  // 100, 10, 1, 0
  const __m128i numbers = _mm_madd_epi16(_mm_maddubs_epi16(placed, weights), _mm_set1_epi16(1));
  const __m128i no_digit = _mm_subs_epu8(placed, _mm_set1_epi8(9));
  const __m128i wrong = _mm_or_si128(_mm_cmpgt_epi32(numbers, _mm_set1_epi32(255)),
                                     _mm_cmpgt_epi32(load(digits.least.data()), numbers));
  const __m128i clean = _mm_cmpeq_epi8(_mm_or_si128(no_digit, wrong), _mm_setzero_si128());
  if (_mm_movemask_epi8(clean) != 0xffff) return kNoIpv4;
  const __m128i packed = _mm_shuffle_epi8(numbers, _mm_set1_epi32(0x0004080c));
  return static_cast<uint32_t>(_mm_cvtsi128_si32(packed));
}

#else

int64_t parse_padded_ipv4(std::string_view text) {
  uint32_t address = 0;
  size_t at = 0;
  for (int number = 0; number < 4; ++number) {
    if (number > 0 && (at == text.size() || text[at++] != '.')) return kNoIpv4;
    const size_t begin = at;
    uint32_t value = 0;
    for (; at < text.size() && at - begin < 3 && text[at] >= '0' && text[at] <= '9'; ++at)
      value = value * 10 + static_cast<uint32_t>(text[at] - '0');
    const bool leading_zero = at - begin > 1 && text[begin] == '0';
    if (at == begin || leading_zero || value > 255) return kNoIpv4;
    address = address << 8 | value;
  }
  return at == text.size() ? int64_t{address} : kNoIpv4;
}

#endif

std::optional<Address> parse_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size() || text.find(':') == std::string_view::npos ||
      text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::memcpy(copy.data(), text.data(), text.size());
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, copy.data(), bytes.data()) != 1) return std::nullopt;
  Address address;
  for (size_t i = 0; i < 8; ++i)
    address.high = address.high << 8 | bytes[i];
  for (size_t i = 8; i < 16; ++i)
    address.low = address.low << 8 | bytes[i];
  return address;
}

}  // namespace

std::optional<uint32_t> parse_ipv4(std::string_view text) {
  if (text.size() < kShortestIpv4 || text.size() > kLongestIpv4) return std::nullopt;
  std::array<char, kAddressPadding> copy{};
  std::memcpy(copy.data(), text.data(), text.size());
  const int64_t v4 = parse_padded_ipv4({copy.data(), text.size()});
  return v4 == kNoIpv4 ? std::nullopt : std::optional(static_cast<uint32_t>(v4));
}

std::optional<Address> parse_address(std::string_view text) {
  if (const auto v4 = parse_ipv4(text)) return from_v4(*v4);
  return parse_ipv6(text);
}

bool parse_padded_address(std::string_view text, Address& address) {
  const int64_t v4 = parse_padded_ipv4(text);
  if (v4 != kNoIpv4) {
    address = from_v4(static_cast<uint32_t>(v4));
    return true;
  }
  const std::optional<Address> v6 = parse_ipv6(text);
  if (v6) address = *v6;
  return v6.has_value();
}

std::string to_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  std::array<uint8_t, 16> bytes{};
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(address.high >> (56 - 8 * i));
    bytes[i + 8] = static_cast<uint8_t>(address.low >> (56 - 8 * i));
  }
  if (address.is_v4()) {
    inet_ntop(AF_INET, bytes.data() + 12, text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  }
  return text.data();
}

}  // namespace davy
