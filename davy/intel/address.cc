// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/address.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>

#include "davy/base/text.h"

namespace davy::intel {
namespace {

constexpr int kMappedBits = 96;  // bits before the IPv4 part of an IPv4-mapped address

/// The low `count` bits of a 64-bit number set.
uint64_t low_bits(int count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

AddressRange range_of(Address address, int prefix_length) {
  const int host_bits = 128 - prefix_length;
  const uint64_t low_mask = low_bits(host_bits);
  const uint64_t high_mask = host_bits > 64 ? low_bits(host_bits - 64) : 0;
  return {{address.high & ~high_mask, address.low & ~low_mask},
          {address.high | high_mask, address.low | low_mask},
          prefix_length};
}

struct SpecialBlock {
  std::string_view block;
  AddressUse use;
};

// IANA special-purpose registries, RFC 6890 and successors.
constexpr SpecialBlock kSpecialBlocks[] = {
    {"0.0.0.0/8", AddressUse::kReserved},
    {"10.0.0.0/8", AddressUse::kReserved},
    {"100.64.0.0/10", AddressUse::kReserved},
    {"127.0.0.0/8", AddressUse::kReserved},
    {"169.254.0.0/16", AddressUse::kReserved},
    {"172.16.0.0/12", AddressUse::kReserved},
    {"192.0.0.0/24", AddressUse::kReserved},
    {"192.168.0.0/16", AddressUse::kReserved},
    {"198.18.0.0/15", AddressUse::kReserved},
    {"224.0.0.0/4", AddressUse::kReserved},
    {"240.0.0.0/4", AddressUse::kReserved},
    {"::/127", AddressUse::kReserved},
    {"fc00::/7", AddressUse::kReserved},
    {"fe80::/10", AddressUse::kReserved},
    {"ff00::/8", AddressUse::kReserved},
    {"192.0.2.0/24", AddressUse::kDocumentation},
    {"198.51.100.0/24", AddressUse::kDocumentation},
    {"203.0.113.0/24", AddressUse::kDocumentation},
    {"2001:db8::/32", AddressUse::kDocumentation},
};

}  // namespace

std::optional<AddressRange> parse_range(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return range_of(*address, 128);
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  const auto length = parse_int<int>(text.substr(slash + 1));
  if (!length || *length < 0 || *length > (v4 ? 32 : 128)) return std::nullopt;
  return range_of(*address, v4 ? *length + kMappedBits : *length);
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_int<uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find(':') != std::string_view::npos) return std::nullopt;
  const auto address = parse_address(host);
  if (!address || !port || *port == 0) return std::nullopt;
  return Endpoint{*address, *port};
}

std::string to_text(const AddressRange& range) {
  std::string text = to_text(range.first);
  const int length = range.prefix_length - (range.first.is_v4() ? kMappedBits : 0);
  return range.first == range.last ? text : text + "/" + std::to_string(length);
}

std::string to_text(const Endpoint& endpoint) {
  const std::string address = to_text(endpoint.address);
  const std::string port = ":" + std::to_string(endpoint.port);
  return endpoint.address.is_v4() ? address + port : "[" + address + "]" + port;
}

AddressUse use_of(const AddressRange& range) {
  for (const auto& special : kSpecialBlocks) {
    const auto block = parse_range(special.block);
    if (block && (block->contains(range) || range.contains(*block))) return special.use;
  }
  return AddressUse::kPublic;
}

}  // namespace davy::intel
