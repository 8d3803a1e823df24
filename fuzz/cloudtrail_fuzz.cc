// SPDX-License-Identifier: Apache-2.0
// CloudTrail records and lookup-events output: any bytes, any nesting, any missing field.
#include <cstddef>
#include <cstdint>

#include "fuzz/decode_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  davy::fuzz::decode_any({reinterpret_cast<const char*>(data), size}, "cloudtrail");
  return 0;
}
