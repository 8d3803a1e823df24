// SPDX-License-Identifier: Apache-2.0
// Content hashes (XXH3). Stable across machines and releases: record keys, detection ids and
// incident ids are made of them. Not for security decisions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace davy {

uint64_t hash64(std::string_view bytes, uint64_t seed = 0);

/// 128-bit hash, wide enough that two different records are never taken for one.
struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

Hash128 hash128(std::string_view bytes);

/// 32 lower-case hex digits.
std::string to_hex(Hash128 hash);
/// 16 lower-case hex digits.
std::string to_hex(uint64_t hash);

/// Mixes a hash into a running one (order matters).
constexpr uint64_t hash_combine(uint64_t seed, uint64_t value) {
  uint64_t x = seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2));
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ULL;
  x ^= x >> 32;
  return x;
}

/// For heterogeneous look-up in unordered containers keyed by std::string.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return hash64(text); }
};

}  // namespace davy

template <>
struct std::hash<davy::Hash128> {
  size_t operator()(const davy::Hash128& h) const noexcept { return h.low; }
};
