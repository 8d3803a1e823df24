// SPDX-License-Identifier: Apache-2.0
// Process listings: any header, any rows.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/decode_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  davy::fuzz::decode_any({reinterpret_cast<const char*>(data), size}, "ps");
  return 0;
}
