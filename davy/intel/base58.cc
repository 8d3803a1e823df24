// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/base58.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace davy::intel {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

constexpr std::array<int8_t, 256> kDigits = [] {
  std::array<int8_t, 256> digits{};
  digits.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  }
  return digits;
}();

int digit_of(char c) {
  return kDigits[static_cast<unsigned char>(c)];
}

/// Bytes that a CryptoNote block of so many characters holds; -1: no block has that length.
constexpr std::array<int, 12> kBlockBytes = {0, -1, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8};

bool append_block(std::string_view block, std::string& bytes) {
  const int size = kBlockBytes[block.size()];
  if (size < 0) return false;
  uint64_t number = 0;
  for (const char c : block) {
    const int digit = digit_of(c);
    uint64_t scaled = 0;
    if (digit < 0 || __builtin_mul_overflow(number, uint64_t{58}, &scaled) ||
        __builtin_add_overflow(scaled, static_cast<uint64_t>(digit), &number)) {
      return false;
    }
  }
  if (size < 8 && (number >> (8 * size)) != 0) return false;
  for (int i = size - 1; i >= 0; --i)
    bytes.push_back(static_cast<char>(number >> (8 * i)));
  return true;
}

}  // namespace

std::optional<std::string> base58_decode(std::string_view text) {
  if (text.empty() || text.size() > 64) return std::nullopt;
  std::string little_endian;
  for (const char c : text) {
    int carry = digit_of(c);
    if (carry < 0) return std::nullopt;
    for (char& byte : little_endian) {
      carry += 58 * static_cast<unsigned char>(byte);
      byte = static_cast<char>(carry & 0xff);
      carry >>= 8;
    }
    if (carry > 0) little_endian.push_back(static_cast<char>(carry));
  }
  const size_t zeros = std::min(text.find_first_not_of('1'), text.size());
  little_endian.append(zeros, '\0');
  std::reverse(little_endian.begin(), little_endian.end());
  return little_endian;
}

std::optional<std::string> cryptonote_base58_decode(std::string_view text) {
  if (text.empty() || text.size() > 256) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const std::string_view block = text.substr(0, 11);
    if (!append_block(block, bytes)) return std::nullopt;
    text.remove_prefix(block.size());
  }
  return bytes;
}

}  // namespace davy::intel
