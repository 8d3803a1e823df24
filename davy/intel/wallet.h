// SPDX-License-Identifier: Apache-2.0
// Where verified wallets stand in a text. parse_wallet and find_wallets are declared in intel.h.
#pragma once

#include <string_view>
#include <vector>

#include "davy/intel/intel.h"

namespace davy::intel {

struct WalletPlace {
  std::string_view text;  ///< the address inside the searched text
  Wallet wallet;
};

/// The coin whose address `text` would be if its checksum were right: a typing mistake, or a
/// forgery. Empty when it does not look like one, or is one.
std::string_view coin_of_misspelt_wallet(std::string_view text);

/// Every verified wallet of a text in order of appearance, repeats included.
std::vector<WalletPlace> locate_wallets(std::string_view text);

}  // namespace davy::intel
