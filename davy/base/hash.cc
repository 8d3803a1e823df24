// SPDX-License-Identifier: Apache-2.0
#include "davy/base/hash.h"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace davy {

uint64_t hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

std::string to_hex(Hash128 hash) {
  return fmt::format("{:016x}{:016x}", hash.high, hash.low);
}

std::string to_hex(uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

}  // namespace davy
