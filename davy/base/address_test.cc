// SPDX-License-Identifier: Apache-2.0
#include "davy/base/address.h"

#include <array>
#include <random>

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace davy {
namespace {

/// What the C library says, which takes leading zeros for an error as we do.
std::optional<uint32_t> oracle(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

void expect_as_oracle(const std::string& text) {
  SCOPED_TRACE(text);
  const auto expected = oracle(text);
  EXPECT_EQ(parse_ipv4(text), expected);
  // What follows the text must not matter: here it would go on with digits and dots.
  for (const char* rest : {"                    ", "1.2.3.4.5.6.7.8.9.0", "00000000000000000000"}) {
    const std::string padded = text + rest;
    Address address;
    ASSERT_EQ(parse_padded_address(std::string_view(padded).substr(0, text.size()), address),
              expected.has_value());
    EXPECT_EQ(static_cast<uint32_t>(address.low), expected.value_or(0));
  }
}

TEST(Address, ReadsFourNumbersAsTheCLibraryDoes) {
  for (const char* text : {"0.0.0.0",
                           "255.255.255.255",
                           "1.2.3.4",
                           "10.0.1.20",
                           "256.1.1.1",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.00",
                           "1..3.4",
                           ".1.2.3",
                           "1.2.3.",
                           "1.2.3",
                           "1.2.3.4.",
                           "1.2.3.4.5",
                           "1.2.3.4a",
                           "1.2.3.-4",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1234.1.1.1",
                           "1.1.1.1111",
                           "",
                           "-",
                           "1.2.3./",
                           "1.2.3.:",
                           "999.999.999.999",
                           "....",
                           "1.2.3.4\n",
                           "\xff.2.3.4"}) {
    expect_as_oracle(text);
  }
}

TEST(Address, ReadsRandomTextAsTheCLibraryDoes) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same texts every time
  constexpr std::string_view kAlphabet = "0123456789.";
  for (int round = 0; round < 200'000; ++round) {
    std::string text = std::to_string(random() % 300);
    for (int i = 0; i < 3; ++i)
      text += "." + std::to_string(random() % 300);
    const size_t at = random() % text.size();
    if (round % 2 == 0) text[at] = kAlphabet[random() % kAlphabet.size()];
    ASSERT_EQ(parse_ipv4(text), oracle(text)) << text;
  }
}

TEST(Address, TakesBothVersionsForOneKindOfNumber) {
  EXPECT_EQ(parse_address("::ffff:192.0.2.1"), parse_address("192.0.2.1"));
  EXPECT_TRUE(parse_address("192.0.2.1")->is_v4());
  EXPECT_EQ(to_text(*parse_address("2001:DB8:0:0::1")), "2001:db8::1");
  for (const char* text : {"2001:db8::1::2", "2001:db8", "1:2:3:4:5:6:7:8:9", "::g"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  EXPECT_FALSE(parse_address(std::string_view("::1\0", 4)));
  EXPECT_FALSE(parse_address(std::string_view()));  // whose data() is null
}

}  // namespace
}  // namespace davy
