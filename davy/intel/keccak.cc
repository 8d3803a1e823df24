// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/keccak.h"

#include <bit>
#include <cstddef>

namespace davy::intel {
namespace {

using State = std::array<uint64_t, 25>;  // lane (x, y) is at x + 5 * y

constexpr size_t kRate = 136;  // bytes taken per permutation: (1600 - 2 * 256) / 8

constexpr std::array<uint64_t, 24> kRoundConstants = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

void mix_columns(State& a) {
  std::array<uint64_t, 5> parity{};
  for (size_t i = 0; i < 25; ++i)
    parity[i % 5] ^= a[i];
  for (size_t i = 0; i < 25; ++i) {
    a[i] ^= parity[(i + 4) % 5] ^ std::rotl(parity[(i + 1) % 5], 1);
  }
}

/// Rotates every lane and moves lane (x, y) to (y, 2x + 3y). The walk starts at (1, 0); its t-th
/// step rotates by (t + 1)(t + 2) / 2.
void rotate_and_move(State& a) {
  size_t x = 1;
  size_t y = 0;
  uint64_t carried = a[1];
  for (int t = 0; t < 24; ++t) {
    const size_t next_y = (2 * x + 3 * y) % 5;
    x = y;
    y = next_y;
    const uint64_t here = a[x + 5 * y];
    a[x + 5 * y] = std::rotl(carried, (t + 1) * (t + 2) / 2 % 64);
    carried = here;
  }
}

void mix_rows(State& a) {
  for (size_t row = 0; row < 25; row += 5) {
    const std::array<uint64_t, 5> old = {a[row], a[row + 1], a[row + 2], a[row + 3], a[row + 4]};
    for (size_t x = 0; x < 5; ++x)
      a[row + x] = old[x] ^ (~old[(x + 1) % 5] & old[(x + 2) % 5]);
  }
}

void permute(State& a) {
  for (const uint64_t constant : kRoundConstants) {
    mix_columns(a);
    rotate_and_move(a);
    mix_rows(a);
    a[0] ^= constant;
  }
}

void absorb(State& a, size_t index, uint8_t byte) {
  a[index / 8] ^= uint64_t{byte} << (8 * (index % 8));
}

}  // namespace

std::array<uint8_t, 32> keccak256(std::string_view bytes) {
  State a{};
  size_t used = 0;
  for (const char c : bytes) {
    absorb(a, used++, static_cast<uint8_t>(c));
    if (used == kRate) {
      permute(a);
      used = 0;
    }
  }
  absorb(a, used, 0x01);
  absorb(a, kRate - 1, 0x80);
  permute(a);

  std::array<uint8_t, 32> digest{};
  for (size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<uint8_t>(a[i / 8] >> (8 * (i % 8)));
  }
  return digest;
}

}  // namespace davy::intel
