// SPDX-License-Identifier: Apache-2.0
// Which of many CIDR blocks holds an address: the narrowest wins. Built once, then only read, from
// any thread; a look-up allocates nothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "davy/intel/address.h"

namespace davy::intel {

class AddressIndex {
 public:
  static constexpr int32_t kNone = -1;

  struct Block {
    AddressRange range;
    int32_t value = kNone;  ///< kNone cuts a hole into a wider block
  };

  AddressIndex() = default;
  explicit AddressIndex(std::vector<Block> blocks);

  /// The value of the narrowest block around the address, or kNone.
  int32_t find(std::string_view address) const;
  int32_t find(const Address& address) const;

 private:
  int32_t find_v4(uint32_t address) const;

  // The address space cut into pieces: piece i runs from starts[i] to just before starts[i + 1].
  std::vector<uint32_t> starts_v4_;
  std::vector<int32_t> values_v4_;
  std::vector<uint32_t>
      first_piece_;  // by the upper 16 bits: first piece starting at or after them
  std::vector<Address> starts_v6_;
  std::vector<int32_t> values_v6_;
};

}  // namespace davy::intel
