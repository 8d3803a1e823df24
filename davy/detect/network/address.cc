// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/address.h"

#include <array>

namespace davy::detect {
namespace {

struct Block {
  uint32_t prefix;
  unsigned bits;
};

/// IANA special-purpose IPv4 blocks no internet service lives in (RFC 6890 and successors).
constexpr Block kNotPublic[] = {
    {0x0A000000, 8},  {0xAC100000, 12}, {0xC0A80000, 16}, {0x64400000, 10},
    {0xA9FE0000, 16}, {0x7F000000, 8},  {0x00000000, 8},  {0xE0000000, 4},
    {0xF0000000, 4},  {0xC0000000, 24}, {0xC6120000, 15},
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

bool is_public(const Address& address) {
  if (address.is_v4()) {
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
