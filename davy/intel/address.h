// SPDX-License-Identifier: Apache-2.0
// Addresses and ranges of both IP versions as one kind of number: an IPv4 address is its
// IPv4-mapped IPv6 address, so "::ffff:192.0.2.1" and "192.0.2.1" are the same.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace davy::intel {

struct Address {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Address&) const = default;

  bool is_v4() const { return high == 0 && low >> 32 == 0xffff; }
};

/// A CIDR block, or one address when first equals last.
struct AddressRange {
  Address first;
  Address last;
  int prefix_length = 128;  ///< counted in the 128-bit form: an IPv4 /16 is 112

  bool contains(const AddressRange& other) const {
    return first <= other.first && other.last <= last;
  }
};

/// Four decimal numbers without leading zeros, else nothing.
std::optional<uint32_t> parse_ipv4(std::string_view text);
std::optional<Address> parse_address(std::string_view text);

/// "192.0.2.7", "192.0.2.0/24", "2001:db8::/32"; host bits are cleared.
std::optional<AddressRange> parse_range(std::string_view text);

/// "192.0.2.7:3333" or "[2001:db8::1]:3333".
struct Endpoint {
  Address address;
  uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};
std::optional<Endpoint> parse_endpoint(std::string_view text);

std::string to_text(const Address& address);
std::string to_text(const AddressRange& range);
std::string to_text(const Endpoint& endpoint);

enum class AddressUse : uint8_t {
  kPublic,
  kDocumentation,  ///< set aside for examples
  kReserved,       ///< private, loop-back, multicast: never somebody's server
};
AddressUse use_of(const AddressRange& range);

}  // namespace davy::intel
