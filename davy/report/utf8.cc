// SPDX-License-Identifier: Apache-2.0
#include "davy/report/utf8.h"

#include <algorithm>
#include <iterator>

#include "davy/base/utf8.h"

namespace davy::report {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Sorted. Blocks whose characters are wide in Unicode's EastAsianWidth.txt (W and F), joined over
// small gaps: a gap counted wide costs a blank, a wide character counted narrow breaks a table.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23f3},
    {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267f, 0x267f},
    {0x2693, 0x2693},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},
    {0x26c4, 0x26c5},   {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},
    {0x26f2, 0x26f5},   {0x26fa, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274e},   {0x2753, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b55},   {0x2e80, 0x303e},
    {0x3041, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},
    {0x16fe0, 0x18cff}, {0x1aff0, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf},
    {0x1f18e, 0x1f19a}, {0x1f200, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f7e0, 0x1f7f0},
    {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};

// Sorted. Combining marks of Unicode's general categories Mn and Me in the scripts logs may carry.
constexpr Range kCombining[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},     {0x64b, 0x65f},
    {0x6d6, 0x6dc},   {0x900, 0x902},   {0x93c, 0x93c},   {0x941, 0x948},     {0xe31, 0xe31},
    {0xe34, 0xe3a},   {0xe47, 0xe4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},   {0x20d0, 0x20ff},
    {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe20, 0xfe2f}, {0x1d165, 0x1d169},
};

template <size_t N>
bool contains(const Range (&ranges)[N], uint32_t code) {
  const auto* after = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                       [](uint32_t c, const Range& r) { return c < r.first; });
  return after != std::begin(ranges) && code <= std::prev(after)->last;
}

size_t width_of(uint32_t code) {
  if (code < 0x300) return 1;
  if (contains(kCombining, code)) return 0;
  return contains(kWide, code) ? 2 : 1;
}

/// The longest start of `text` that takes at most `width` columns, in bytes.
size_t bytes_within(std::string_view text, size_t width) {
  size_t used = 0;
  size_t at = 0;
  while (at < text.size()) {
    const CodePoint point = next_code_point(text.substr(at));
    used += width_of(point.code);
    if (used > width) break;
    at += point.bytes;
  }
  return at;
}

std::string cut(std::string_view text, size_t width) {
  if (columns(text) <= width) return std::string(text);
  if (width == 0) return {};
  return std::string(text.substr(0, bytes_within(text, width - 1))) + "\u2026";
}

}  // namespace

std::string_view start_of(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return text.substr(0, end);
}

size_t columns(std::string_view text) {
  size_t total = 0;
  while (!text.empty()) {
    const CodePoint point = next_code_point(text);
    total += width_of(point.code);
    text.remove_prefix(point.bytes);
  }
  return total;
}

std::string fit_left(std::string_view text, size_t width) {
  std::string fitted = cut(text, width);
  return fitted.append(width - std::min(width, columns(fitted)), ' ');
}

std::string fit_right(std::string_view text, size_t width) {
  const std::string fitted = cut(text, width);
  return std::string(width - std::min(width, columns(fitted)), ' ') + fitted;
}

std::vector<std::string> wrap(std::string_view text, size_t width) {
  width = std::max<size_t>(width, 8);
  std::vector<std::string> lines(1);
  size_t used = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const size_t needed = columns(word) + (used > 0 ? 1 : 0);
    if (used > 0 && used + needed > width) {
      lines.emplace_back();
      used = 0;
    }
    if (used > 0) {
      lines.back() += ' ';
      ++used;
    }
    while (columns(word) > width) {  // only ever at the start of a line
      const size_t bytes = bytes_within(word, width);
      lines.back() += word.substr(0, bytes);
      word.remove_prefix(bytes);
      lines.emplace_back();
    }
    lines.back() += word;
    used += columns(word);
  }
  return lines;
}

}  // namespace davy::report
