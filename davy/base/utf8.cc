// SPDX-License-Identifier: Apache-2.0
#include "davy/base/utf8.h"

#include <algorithm>
#include <iterator>

namespace davy {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Sorted. Default_Ignorable_Code_Point of DerivedCoreProperties.txt, Unicode 14, joined with the C0
// and C1 controls, the line and paragraph separators (2028, 2029), the interlinear annotations
// (FFF9-FFFB) and the blank Braille pattern (2800).
constexpr Range kDeceptive[] = {
    {0x0, 0x1f},      {0x7f, 0x9f},     {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},
    {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x2800, 0x2800}, {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

}  // namespace

CodePoint next_code_point(std::string_view s) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || s.size() < length) return {};
  uint32_t code = lead & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length, true};
}

bool is_deceptive(uint32_t code) {
  const auto* after =
      std::upper_bound(std::begin(kDeceptive), std::end(kDeceptive), code,
                       [](uint32_t c, const Range& range) { return c < range.first; });
  return after != std::begin(kDeceptive) && code <= std::prev(after)->last;
}

}  // namespace davy
