// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/bech32.h"

#include <algorithm>
#include <array>

#include "davy/base/text.h"

namespace davy::intel {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr uint32_t kBech32Remainder = 1;
constexpr uint32_t kBech32mRemainder = 0x2bc830a3;  // BIP-350
constexpr size_t kChecksumLength = 6;
constexpr size_t kLongestText = 90;

uint32_t step(uint32_t remainder, uint32_t value) {
  constexpr std::array<uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                  0x2a1462b3};
  const uint32_t top = remainder >> 25;
  remainder = ((remainder & 0x1ffffff) << 5) ^ value;
  for (size_t i = 0; i < kGenerator.size(); ++i) {
    if (((top >> i) & 1) != 0) remainder ^= kGenerator[i];
  }
  return remainder;
}

uint32_t remainder_of(std::string_view prefix, const std::vector<uint8_t>& values) {
  uint32_t remainder = 1;
  for (const char c : prefix)
    remainder = step(remainder, static_cast<uint8_t>(c) >> 5);
  remainder = step(remainder, 0);
  for (const char c : prefix)
    remainder = step(remainder, static_cast<uint8_t>(c) & 31);
  for (const uint8_t value : values)
    remainder = step(remainder, value);
  return remainder;
}

bool is_mixed_case(std::string_view text) {
  const bool lower =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const bool upper =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return lower && upper;
}

}  // namespace

std::optional<Bech32> bech32_decode(std::string_view text) {
  if (text.size() > kLongestText || is_mixed_case(text)) return std::nullopt;
  const std::string lower = to_lower(text);
  const size_t separator = lower.rfind('1');
  if (separator == std::string::npos || separator == 0 ||
      separator + 1 + kChecksumLength > lower.size()) {
    return std::nullopt;
  }
  Bech32 decoded;
  decoded.prefix = lower.substr(0, separator);
  if (!std::all_of(decoded.prefix.begin(), decoded.prefix.end(),
                   [](char c) { return c > 0x20 && c < 0x7f; })) {
    return std::nullopt;
  }
  for (const char c : std::string_view(lower).substr(separator + 1)) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    decoded.values.push_back(static_cast<uint8_t>(value));
  }
  const uint32_t remainder = remainder_of(decoded.prefix, decoded.values);
  if (remainder != kBech32Remainder && remainder != kBech32mRemainder) return std::nullopt;
  decoded.variant =
      remainder == kBech32Remainder ? Bech32::Variant::kBech32 : Bech32::Variant::kBech32m;
  decoded.values.resize(decoded.values.size() - kChecksumLength);
  return decoded;
}

bool is_segwit(const Bech32& decoded) {
  if (decoded.values.empty()) return false;
  const unsigned version = decoded.values.front();
  const auto required = version == 0 ? Bech32::Variant::kBech32 : Bech32::Variant::kBech32m;
  if (version > 16 || decoded.variant != required) return false;

  const size_t groups = decoded.values.size() - 1;
  const size_t bytes = groups * 5 / 8;
  const size_t padding_bits = groups * 5 % 8;
  if (padding_bits > 4) return false;
  const unsigned padding = decoded.values.back() & ((1u << padding_bits) - 1);
  if (padding != 0) return false;
  return version == 0 ? bytes == 20 || bytes == 32 : bytes >= 2 && bytes <= 40;
}

}  // namespace davy::intel
