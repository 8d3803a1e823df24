// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/address.h"

#include <array>
#include <bit>
#include <cstring>

#include <arpa/inet.h>

#include "davy/base/text.h"

namespace davy::detect {
namespace {

constexpr uint64_t kMappedPrefix = 0xFFFF'0000'0000ULL;  // ::ffff:0:0/96

bool is_ipv4(const Address& address) {
  return address.high == 0 && address.low >> 32 == 0xFFFF;
}

uint64_t big_endian(const unsigned char* bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i)
    value = value << 8 | bytes[i];
  return value;
}

bool parse_ipv6(std::string_view text, Address& address) {
  char terminated[INET6_ADDRSTRLEN] = {};
  in6_addr parsed{};
  if (text.size() >= sizeof terminated) return false;
  text.copy(terminated, text.size());
  if (inet_pton(AF_INET6, terminated, &parsed) != 1) return false;
  address = {big_endian(parsed.s6_addr), big_endian(parsed.s6_addr + 8)};
  return true;
}

struct Block {
  uint32_t prefix;
  unsigned bits;
};

/// IANA special-purpose IPv4 blocks no internet service lives in. The documentation blocks are left
/// out: logs that were anonymised use them for public hosts.
constexpr Block kNotPublic[] = {
    {0x0A000000, 8}, {0xAC100000, 12}, {0xC0A80000, 16}, {0x64400000, 10}, {0xA9FE0000, 16},
    {0x7F000000, 8}, {0x00000000, 8},  {0xE0000000, 4},  {0xF0000000, 4},
};

/// By first octet, whether any block above begins there: most addresses are settled by it.
constexpr std::array<bool, 256> kHasNotPublic = [] {
  std::array<bool, 256> has{};
  for (const Block& block : kNotPublic) {
    const uint32_t octets = block.bits < 8 ? 1U << (8 - block.bits) : 1U;
    for (uint32_t i = 0; i < octets; ++i)
      has[(block.prefix >> 24) + i] = true;
  }
  return has;
}();

}  // namespace

bool parse_address(std::string_view text, Address& address) {
  uint32_t value = 0;
  unsigned octet = 0;
  unsigned digits = 0;
  unsigned dots = 0;
  for (const char c : text) {
    if (is_ascii_digit(c)) {
      octet = octet * 10 + static_cast<unsigned>(c - '0');
      if (++digits > 3) return parse_ipv6(text, address);
    } else if (c == '.' && digits != 0 && octet <= 255) {
      value = value << 8 | octet;
      octet = digits = 0;
      ++dots;
    } else {
      return parse_ipv6(text, address);
    }
  }
  if (dots != 3 || digits == 0 || octet > 255) return false;
  address = {0, kMappedPrefix | (value << 8 | octet)};
  return true;
}

std::string to_text(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  std::array<unsigned char, 16> bytes;
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(address.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<unsigned char>(address.low >> (56 - 8 * i));
  }
  if (is_ipv4(address)) {
    inet_ntop(AF_INET, bytes.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  }
  return text;
}

bool is_public(const Address& address) {
  if (is_ipv4(address)) {
    const auto value = static_cast<uint32_t>(address.low);
    if (!kHasNotPublic[value >> 24]) return true;
    for (const Block& block : kNotPublic) {
      if (value >> (32 - block.bits) == block.prefix >> (32 - block.bits)) return false;
    }
    return true;
  }
  const uint64_t first = address.high >> 56;
  const bool link_local = address.high >> 54 == 0x3FA;  // fe80::/10
  const bool loopback_or_none = address.high == 0 && address.low <= 1;
  return (first & 0xFE) != 0xFC && !link_local && first != 0xFF && !loopback_or_none;
}

}  // namespace davy::detect
