// SPDX-License-Identifier: Apache-2.0
// GuardDuty findings: any bytes, both spellings of keys, attack sequences with anything in them.
#include <cstddef>
#include <cstdint>

#include "fuzz/decode_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  davy::fuzz::decode_any({reinterpret_cast<const char*>(data), size}, "guardduty");
  return 0;
}
