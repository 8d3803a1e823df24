// SPDX-License-Identifier: Apache-2.0
// Chance that is the same everywhere: xoshiro256** with integer-only distributions. The standard
// library's distributions may differ between implementations, floating point between machines.
//
// One generator a purpose: Rng(seed, "background/dns") draws the same numbers whatever else is
// simulated, so planting an incident does not change one byte of the background. Never draw twice
// in one argument list or expression: the order of evaluation there is the compiler's choice.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace davy::simulate {

class Rng {
 public:
  Rng(uint64_t seed, std::string_view purpose);

  uint64_t next() {
    const uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// 0 … bound-1; bound below 2^32. The bias of the multiplication is below 2^-32 * bound.
  uint64_t below(uint64_t bound) { return ((next() >> 32) * bound) >> 32; }

  /// lowest … highest, both possible.
  int64_t between(int64_t lowest, int64_t highest) {
    return lowest + static_cast<int64_t>(below(static_cast<uint64_t>(highest - lowest + 1)));
  }

  bool chance(uint32_t per_mille) { return below(1000) < per_mille; }

  /// Bell-shaped, mean `center`, never farther than `reach` from it.
  int64_t around(int64_t center, int64_t reach) {
    return center + (between(-reach, reach) + between(-reach, reach) + between(-reach, reach)) / 3;
  }

  /// Gaps of a Poisson process: exponential, its mean within 1 % of `mean`.
  uint64_t exponential(uint64_t mean);

  /// Events of a Poisson process in one unit of time; `mean_per_mille` 1200 is 1.2 on average.
  uint32_t poisson(uint64_t mean_per_mille);

  template <typename List>
  const auto& pick(const List& list) {
    return list[below(std::size(list))];
  }

  std::string hex(size_t digits);
  /// Version 4.
  std::string uuid();
  /// Capital letters and digits, as in request and access-key ids.
  std::string capitals(size_t count);

 private:
  static constexpr uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

  std::array<uint64_t, 4> state_;
};

}  // namespace davy::simulate
