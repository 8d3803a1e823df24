// SPDX-License-Identifier: Apache-2.0
// Keccak-256 with the original padding (0x01), as Monero and Ethereum use it. This is not SHA3-256,
// which pads with 0x06; no packaged library offers the older form.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace davy::intel {

std::array<uint8_t, 32> keccak256(std::string_view bytes);

}  // namespace davy::intel
