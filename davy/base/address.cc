// SPDX-License-Identifier: Apache-2.0
#include "davy/base/address.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstring>

#include <arpa/inet.h>

namespace davy {
namespace {

constexpr size_t kShortestIpv4 = 7;
constexpr size_t kLongestIpv4 = 15;

Address from_v4(uint32_t v4) {
  return {0, 0xffff00000000ULL | v4};
}

/// Bit i: byte i of the 16 at `text` is a dot.
unsigned dots_of(const char* text) {
#ifdef __SSE2__
  __m128i bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'))));
#else
  unsigned dots = 0;
  for (unsigned i = 0; i < 16; ++i)
    dots |= unsigned{text[i] == '.'} << i;
  return dots;
#endif
}

/// The number that `length` digits at `text` spell, or one above 255 when it is not one of an IPv4
/// address. Reads four bytes. The digits are moved to the top of the word, so that missing leading
/// ones read as zero.
inline uint32_t read_octet(const char* text, unsigned length) {
  if (length - 1 > 2) return UINT32_MAX;
  uint32_t bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap32(bytes);
  const uint32_t word = (bytes ^ 0x30303030U) << (8 * (4 - length));
  const bool no_digit = (((word + 0x76767676U) | word) & 0x80808080U) != 0;
  const bool leading_zero = length > 1 && (bytes & 0xff) == '0';
  const uint32_t number = (word >> 8 & 0xff) * 100 + (word >> 16 & 0xff) * 10 + (word >> 24);
  return no_digit || leading_zero ? UINT32_MAX : number;
}

/// Without a branch that depends on the digits: addresses of mixed lengths would mispredict it.
std::optional<uint32_t> parse_padded_ipv4(std::string_view text) {
  const auto size = static_cast<unsigned>(text.size());
  if (text.size() < kShortestIpv4 || text.size() > kLongestIpv4) return std::nullopt;
  const char* const begin = text.data();
  unsigned dots = dots_of(begin) & ((1U << size) - 1);
  if (std::popcount(dots) != 3) return std::nullopt;
  const auto first = static_cast<unsigned>(std::countr_zero(dots));
  dots &= dots - 1;
  const auto second = static_cast<unsigned>(std::countr_zero(dots));
  dots &= dots - 1;
  const auto third = static_cast<unsigned>(std::countr_zero(dots));
  const uint32_t a = read_octet(begin, first);
  const uint32_t b = read_octet(begin + first + 1, second - first - 1);
  const uint32_t c = read_octet(begin + second + 1, third - second - 1);
  const uint32_t d = read_octet(begin + third + 1, size - third - 1);
  if ((a | b | c | d) > 255) return std::nullopt;
  return a << 24 | b << 16 | c << 8 | d;
}

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
  return parse_padded_ipv4({copy.data(), text.size()});
}

std::optional<Address> parse_address(std::string_view text) {
  if (const auto v4 = parse_ipv4(text)) return from_v4(*v4);
  return parse_ipv6(text);
}

std::optional<Address> parse_padded_address(std::string_view text) {
  if (const auto v4 = parse_padded_ipv4(text)) return from_v4(*v4);
  return parse_ipv6(text);
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
