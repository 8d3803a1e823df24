// SPDX-License-Identifier: Apache-2.0
// Ranges and endpoints of IP addresses (base/address.h).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/address.h"

namespace davy::intel {

using davy::Address;
using davy::parse_address;
using davy::parse_ipv4;
using davy::to_text;

/// A CIDR block, or one address when first equals last.
struct AddressRange {
  Address first;
  Address last;
  int prefix_length = 128;  ///< counted in the 128-bit form: an IPv4 /16 is 112

  bool contains(const AddressRange& other) const {
    return first <= other.first && other.last <= last;
  }
};

/// "192.0.2.7", "192.0.2.0/24", "2001:db8::/32"; host bits are cleared.
std::optional<AddressRange> parse_range(std::string_view text);

/// "192.0.2.7:3333" or "[2001:db8::1]:3333".
struct Endpoint {
  Address address;
  uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};
std::optional<Endpoint> parse_endpoint(std::string_view text);

std::string to_text(const AddressRange& range);
std::string to_text(const Endpoint& endpoint);

enum class AddressUse : uint8_t {
  kPublic,
  kDocumentation,  ///< set aside for examples
  kReserved,       ///< private, loop-back, multicast: never somebody's server
};
AddressUse use_of(const AddressRange& range);

}  // namespace davy::intel
