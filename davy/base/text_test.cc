// SPDX-License-Identifier: Apache-2.0
#include "davy/base/text.h"

#include <gtest/gtest.h>

namespace davy {
namespace {

TEST(Printable, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(printable("plain \u00e4 text"), "plain \u00e4 text");
  EXPECT_EQ(printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(printable("a\u202eb"), "a\\xe2\\x80\\xaeb");
  EXPECT_EQ(printable("bad \xff utf8"), "bad \\xff utf8");
  EXPECT_EQ(printable("overlong \xc0\xaf"), "overlong \\xc0\\xaf");
  EXPECT_EQ(printable("abcdef", 3), "abc\u2026");
}

TEST(HumanNumbers, CarryUnitsAndSeparators) {
  EXPECT_EQ(human_bytes(900), "900 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(5ULL << 30), "5.0 GiB");
  EXPECT_EQ(with_thousands(7), "7");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
}

TEST(ParseInt, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_int("42"), 42);
  EXPECT_EQ(parse_int<uint16_t>("65536"), std::nullopt);
  EXPECT_EQ(parse_int("42x"), std::nullopt);
  EXPECT_EQ(parse_int(""), std::nullopt);
}

TEST(Usd, HasCentsBelowAHundredAndSeparatorsAbove) {
  EXPECT_EQ(usd(4.2), "$4.20");
  EXPECT_EQ(usd(99.999), "$100");
  EXPECT_EQ(usd(15432.004), "$15,432");
  EXPECT_EQ(usd(2098752), "$2.1 million");
}

}  // namespace
}  // namespace davy
