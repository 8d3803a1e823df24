// SPDX-License-Identifier: Apache-2.0
// IP addresses of both versions as one kind of number: an IPv4 address is its IPv4-mapped IPv6
// address, so "::ffff:192.0.2.1" and "192.0.2.1" are the same.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace davy {

struct Address {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Address&) const = default;

  bool is_v4() const { return high == 0 && low >> 32 == 0xffff; }
};

/// Four decimal numbers without leading zeros, else nothing.
std::optional<uint32_t> parse_ipv4(std::string_view text);
std::optional<Address> parse_address(std::string_view text);
/// The same, faster: at least kAddressPadding bytes from the text's beginning can be read. False,
/// with `address` untouched, when the text is none.
inline constexpr size_t kAddressPadding = 20;
bool parse_padded_address(std::string_view text, Address& address);
std::string to_text(const Address& address);

}  // namespace davy
