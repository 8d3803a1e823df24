// SPDX-License-Identifier: Apache-2.0
// Envelopes in envelopes: any bytes, any nesting, whatever they carry.
#include <cstddef>
#include <cstdint>

#include "fuzz/decode_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  davy::fuzz::decode_any({reinterpret_cast<const char*>(data), size}, "message");
  return 0;
}
