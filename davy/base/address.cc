// SPDX-License-Identifier: Apache-2.0
#include "davy/base/address.h"

#include <array>
#include <cstring>

#include <arpa/inet.h>

namespace davy {
namespace {

Address from_v4(uint32_t v4) {
  return {0, 0xffff00000000ULL | v4};
}

}  // namespace

std::optional<uint32_t> parse_ipv4(std::string_view text) {
  if (text.size() < 7 || text.size() > 15) return std::nullopt;
  uint32_t address = 0;
  uint32_t number = 0;
  unsigned digits = 0;
  unsigned dots = 0;
  for (const char c : text) {
    const auto digit = static_cast<uint32_t>(static_cast<unsigned char>(c) - unsigned{'0'});
    if (digit <= 9) {
      if (digits == 1 && number == 0) return std::nullopt;  // a leading zero
      number = number * 10 + digit;
      ++digits;
    } else {
      if (c != '.' || digits == 0 || number > 255) return std::nullopt;
      address = address << 8 | number;
      number = 0;
      digits = 0;
      ++dots;
    }
  }
  if (dots != 3 || digits == 0 || number > 255) return std::nullopt;
  return address << 8 | number;
}

std::optional<Address> parse_address(std::string_view text) {
  if (const auto v4 = parse_ipv4(text)) return from_v4(*v4);
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
