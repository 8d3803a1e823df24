// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/rng.h"

#include <bit>

#include "davy/base/hash.h"

namespace davy::simulate {
namespace {

uint64_t split_mix(uint64_t& x) {
  x += 0x9e3779b97f4a7c15ULL;
  uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(uint64_t seed, std::string_view purpose) {
  uint64_t x = hash64(purpose, seed);
  for (uint64_t& word : state_)
    word = split_mix(x);
}

uint64_t Rng::exponential(uint64_t mean) {
  // -ln(u) by an integer logarithm: position of the top bit, then the mantissa taken as linear.
  const uint64_t u = (next() >> 32) | 1;
  const auto top = static_cast<uint64_t>(std::bit_width(u) - 1);
  const uint64_t mantissa = ((u << (32 - top)) & 0xffffffffULL) >> 16;
  const uint64_t minus_log2 = ((32 - top) << 16) - mantissa;  // 16 fractional bits
  // ln 2 * 65536, less the 4 % by which the linear mantissa overstates the mean.
  constexpr uint64_t kLn2 = 43691;
  return (((minus_log2 * kLn2) >> 16) * mean) >> 16;
}

uint32_t Rng::poisson(uint64_t mean_per_mille) {
  constexpr uint64_t kUnit = 1'000'000;
  const uint64_t mean_gap = mean_per_mille == 0 ? kUnit * 1000 : kUnit * 1000 / mean_per_mille;
  uint32_t count = 0;
  for (uint64_t at = exponential(mean_gap); at < kUnit; at += exponential(mean_gap) + 1)
    ++count;
  return count;
}

std::string Rng::hex(size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(digits, '0');
  uint64_t bits = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (i % 16 == 0) bits = next();
    text[i] = kDigits[bits & 15];
    bits >>= 4;
  }
  return text;
}

std::string Rng::uuid() {
  std::string text = hex(36);
  for (const size_t dash : {8U, 13U, 18U, 23U})
    text[dash] = '-';
  text[14] = '4';
  text[19] = "89ab"[below(4)];
  return text;
}

std::string Rng::capitals(size_t count) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text(count, 'A');
  for (char& c : text)
    c = kLetters[next() >> 59];
  return text;
}

}  // namespace davy::simulate
