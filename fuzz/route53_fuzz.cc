// SPDX-License-Identifier: Apache-2.0
// Route 53 Resolver query logs: any bytes, any form of names and answers.
#include <cstddef>
#include <cstdint>

#include "fuzz/decode_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  davy::fuzz::decode_any({reinterpret_cast<const char*>(data), size}, "route53");
  return 0;
}
