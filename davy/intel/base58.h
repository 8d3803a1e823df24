// SPDX-License-Identifier: Apache-2.0
// The two base58 codings of wallets. Bitcoin's reads the whole text as one number; CryptoNote's
// (Monero) reads blocks of 11 characters as 8 bytes each. Neither checks a checksum here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace davy::intel {

/// Bytes of a Bitcoin-style base58 text of at most 64 characters.
std::optional<std::string> base58_decode(std::string_view text);

/// Bytes of a CryptoNote base58 text of at most 256 characters.
std::optional<std::string> cryptonote_base58_decode(std::string_view text);

}  // namespace davy::intel
