// SPDX-License-Identifier: Apache-2.0
// Bech32 and bech32m (BIP-173, BIP-350): the coding of segregated-witness addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace davy::intel {

struct Bech32 {
  enum class Variant : uint8_t { kBech32, kBech32m };
  std::string prefix;           ///< human-readable part, lower case
  std::vector<uint8_t> values;  ///< 5-bit groups without the checksum
  Variant variant = Variant::kBech32;
};

/// A text with a valid checksum, else nothing.
std::optional<Bech32> bech32_decode(std::string_view text);

/// True when the groups are a witness version followed by a program of a legal length, and the
/// variant is the one that version must use.
bool is_segwit(const Bech32& decoded);

}  // namespace davy::intel
