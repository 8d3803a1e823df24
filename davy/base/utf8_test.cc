// SPDX-License-Identifier: Apache-2.0
#include "davy/base/utf8.h"

#include <gtest/gtest.h>

#include "davy/base/text.h"

namespace davy {
namespace {

TEST(Utf8, ReadsEveryLength) {
  constexpr struct {
    std::string_view text;
    uint32_t code;
  } kRows[] = {{"A", 'A'}, {"\u00e9", 0xe9}, {"\u6f22", 0x6f22}, {"\U0001f600", 0x1f600}};
  for (const auto& row : kRows) {
    const CodePoint point = next_code_point(row.text);
    EXPECT_TRUE(point.valid);
    EXPECT_EQ(point.code, row.code);
    EXPECT_EQ(point.bytes, row.text.size());
  }
}

TEST(Utf8, RefusesWhatIsNone) {
  for (const std::string_view bad :
       {"\x80", "\xc0\xaf", "\xc1\x81", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xe6\xbc", "\xe6\x41\x41"}) {
    const CodePoint point = next_code_point(bad);
    EXPECT_FALSE(point.valid) << printable(bad);
    EXPECT_EQ(point.bytes, 1u);
  }
}

TEST(Utf8, SeesWhatAPersonCannot) {
  for (const uint32_t code :
       {0x0u,    0x1bu,   0x7fu,   0x85u,   0xadu,   0x34fu,  0x61cu,   0x115fu,  0x1160u,
        0x17b4u, 0x180eu, 0x200bu, 0x2028u, 0x202eu, 0x2060u, 0x2069u,  0x206au,  0x206fu,
        0x2800u, 0x3164u, 0xfe0fu, 0xfeffu, 0xffa0u, 0xfff9u, 0x1d173u, 0xe0041u, 0xe0fffu})
    EXPECT_TRUE(is_deceptive(code)) << std::hex << code;
  for (const uint32_t code : {0x20u, 0x41u, 0xe9u, 0x300u, 0x2010u, 0x2801u, 0x6f22u, 0x1f600u})
    EXPECT_FALSE(is_deceptive(code)) << std::hex << code;
}

TEST(Utf8, PrintableShowsTheInvisible) {
  EXPECT_EQ(printable("a\u206fb\u2800c"), "a\\xe2\\x81\\xafb\\xe2\\xa0\\x80c");
}

}  // namespace
}  // namespace davy
