// SPDX-License-Identifier: Apache-2.0
// CloudWatch CSV exports: any header, any rows, any quoting.
#include <cstddef>
#include <cstdint>

#include "fuzz/decode_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  davy::fuzz::decode_any({reinterpret_cast<const char*>(data), size}, "cloudwatch_csv");
  return 0;
}
