// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/base64.h"

#include <gtest/gtest.h>

namespace davy::decode {
namespace {

using std::string_view_literals::operator""sv;

TEST(Base64, TheVectorsOfTheRfcAndBytesOfAllValues) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"Zg==", "f"},
                                                                 {"Zm8=", "fo"},
                                                                 {"Zm9v", "foo"},
                                                                 {"Zm9vYg==", "foob"},
                                                                 {"Zm9vYmE=", "fooba"},
                                                                 {"Zm9vYmFy", "foobar"},
                                                                 {"AP/+", "\0\xff\xfe"sv},
                                                                 {"AAAA", "\0\0\0"sv},
                                                                 {"AAA=", "\0\0"sv}};
  for (const auto& [text, bytes] : cases) {
    Arena arena;
    const auto decoded = decode_base64(text, 8, arena);
    ASSERT_TRUE(decoded.has_value()) << text;
    EXPECT_EQ(*decoded, bytes) << text;
    EXPECT_EQ(std::string_view(decoded->data() + decoded->size(), 8),
              std::string_view("\0\0\0\0\0\0\0\0", 8));
  }
}

TEST(Base64, AnythingElseIsRefused) {
  for (std::string_view text :
       {"Z"sv, "Zg"sv, "Zg="sv, "Zg==="sv, "=Zg="sv, "Z=g="sv, "Zg==Zg=="sv, "Zm9v\n"sv,
        " Zm9vYg="sv, "    Zm9v"sv, "Zm9v    "sv, "Zm9v----"sv, "Zm-_"sv, "Zm\n9"sv, "Zm9\0"sv,
        "Zm\xc3\xa9"sv, "===="sv, "Zm9v===="sv}) {
    Arena arena;
    EXPECT_FALSE(decode_base64(text, 8, arena).has_value()) << text;
  }
}

TEST(Base64, EveryLengthComesBack) {
  for (size_t size = 0; size < 300; ++size) {
    const std::string text(size, 'A');
    Arena arena;
    const auto decoded = decode_base64(text, 8, arena);
    ASSERT_EQ(decoded.has_value(), size % 4 == 0) << size;
    if (decoded) {
      EXPECT_EQ(*decoded, std::string(size / 4 * 3, '\0'));
    }
  }
}

}  // namespace
}  // namespace davy::decode
