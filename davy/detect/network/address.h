// SPDX-License-Identifier: Apache-2.0
// An IP address as 16 bytes, IPv4 mapped into IPv6: two texts of one address compare equal.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace davy::detect {

struct Address {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Address&) const = default;
};

/// False when `text` is no address; `address` is then unspecified.
bool parse_address(std::string_view text, Address& address);

/// Canonical text: dotted for IPv4, RFC 5952 for IPv6.
std::string to_text(const Address& address);

/// Reachable over the internet: not private, shared (100.64/10), link-local, loopback, multicast or
/// reserved.
bool is_public(const Address& address);

}  // namespace davy::detect
