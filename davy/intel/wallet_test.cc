// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/wallet.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <rapidcheck.h>

#include "davy/intel/base58.h"
#include "davy/intel/bech32.h"
#include "davy/intel/keccak.h"

namespace davy::intel {
namespace {

std::string hex(std::string_view input) {
  std::string text;
  for (const uint8_t byte : keccak256(input)) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

/// The inverse of cryptonote_base58_decode, written independently of it.
std::string cryptonote_encode(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  constexpr size_t kLength[] = {0, 2, 3, 5, 6, 7, 9, 10, 11};
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 8) {
    const std::string_view block = bytes.substr(i, 8);
    uint64_t number = 0;
    for (const char c : block)
      number = number << 8 | static_cast<uint8_t>(c);
    std::string digits(kLength[block.size()], '1');
    for (size_t d = digits.size(); d-- > 0; number /= 58)
      digits[d] = kAlphabet[number % 58];
    text += digits;
  }
  return text;
}

std::string with_checksum(std::string body) {
  const auto digest = keccak256(body);
  for (size_t i = 0; i < 4; ++i)
    body += static_cast<char>(digest[i]);
  return body;
}

TEST(Keccak, KnownDigests) {
  EXPECT_EQ(hex(""), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  EXPECT_EQ(hex("abc"), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  // One byte short of a block, a full block and one more, where padding goes wrong.
  EXPECT_NE(hex(std::string(135, 'a')), hex(std::string(136, 'a')));
  EXPECT_NE(hex(std::string(136, 'a')), hex(std::string(137, 'a')));
}

struct WalletCase {
  std::string_view text;
  std::string_view coin;
  std::string_view form;
};

constexpr std::string_view kScarleteel =
    "43Lfq18TycJHVR3AMews5C9f6SEfenZoQMcrsEeFXZTWcFW9jW7VeCySDm1L9n4d2JEoHjcDpWZFq6QzqN4QGHYZVaALj3"
    "U";

TEST(Wallet, KnownAddresses) {
  constexpr WalletCase kCases[] = {
      {"47mr7jYTroxQMwdKoPQuJoc9Vs9S9qCUAL6Ek4qyNFWJdqgBZRn4RYY2QjQfqEMJZVWPscupSgaqmUn1dpdUTC4fQsu"
       "3yj"
       "N",
       "XMR", "main"},
      {"46WNbmwXpYxiBpkbHjAgjC65cyzAxtaaBQjcGpAZquhBKw2r8NtPQniEgMJcwFMCZzSBrEJtmPsTR54MoGBDbjTi2W1"
       "Xmg"
       "M",
       "XMR", "main"},
      {"48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGU"
       "ico"
       "D",
       "XMR", "main"},
      {kScarleteel, "XMR", "main"},
      {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "BTC", "p2pkh"},
      {"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "BTC", "p2sh"},
      {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BTC", "bech32"},
      {"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "BTC", "bech32"},
      {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "BTC", "bech32m"},
      {"0x9c99d212F7e5daA18Ab50810E0Fd255D1f04303b", "ETH", "eip55"},
      {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "ETH", "eip55"},
      {"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "ETH", "eip55"},
      {"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "ETH", "eip55"},
      {"0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb", "ETH", "eip55"},
  };
  for (const auto& c : kCases) {
    const auto wallet = parse_wallet(c.text);
    ASSERT_TRUE(wallet) << c.text;
    EXPECT_EQ(wallet->coin, c.coin) << c.text;
    EXPECT_EQ(wallet->form, c.form) << c.text;
  }
}

TEST(Wallet, RefusesWhatHasNoValidChecksum) {
  constexpr std::string_view kCases[] = {
      "",
      "1",
      "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
      "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
      "bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",                      // mixed case
      "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",  // v1 with bech32 checksum
      "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",                      // test network
      "0x9c99d212f7e5daa18ab50810e0fd255d1f04303b",                      // unverifiable
      "0x9C99D212F7E5DAA18AB50810E0FD255D1F04303B",
      "0x9C99d212F7e5daA18Ab50810E0Fd255D1f04303b",
      "0x52908400098527886E0F7030069857D2E4169EE7",  // EIP-55's all-caps example
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  };
  for (const auto text : kCases)
    EXPECT_FALSE(parse_wallet(text)) << text;
}

TEST(Wallet, AnyChangedCharacterIsNoticed) {
  for (size_t i = 0; i < kScarleteel.size(); ++i) {
    std::string damaged(kScarleteel);
    damaged[i] = damaged[i] == '5' ? '6' : '5';
    EXPECT_FALSE(parse_wallet(damaged)) << i;
  }
}

TEST(Wallet, LoginSuffixesAndPrefixes) {
  const std::string address(kScarleteel);
  for (const std::string& text :
       {address + ".worker-7", address + "+120000", address + "/ops@example.org",
        "XMR:" + address + ".rig#abcd-1234", "monero:" + address, address + ".a+5000/b"}) {
    const auto wallet = parse_wallet(text);
    ASSERT_TRUE(wallet) << text;
    EXPECT_EQ(wallet->address, address);
  }
  for (const std::string& text : {address + " x", " " + address, address + "_x", "x" + address,
                                  address + ".w\n", "a b:" + address}) {
    EXPECT_FALSE(parse_wallet(text)) << text;
  }
}

TEST(Wallet, EveryCryptoNotePrefix) {
  const auto make = [](uint64_t prefix, size_t payload) {
    std::string body;
    for (; prefix >= 0x80; prefix >>= 7)
      body += static_cast<char>(prefix | 0x80);
    body += static_cast<char>(prefix);
    for (size_t i = 0; i < payload; ++i)
      body += static_cast<char>(i * 7 + 1);
    return cryptonote_encode(with_checksum(body));
  };
  const auto form = [&](uint64_t prefix, size_t payload) {
    const auto wallet = parse_wallet(make(prefix, payload));
    return wallet ? wallet->coin + " " + wallet->form : "none";
  };
  EXPECT_EQ(form(18, 64), "XMR main");
  EXPECT_EQ(form(42, 64), "XMR subaddress");
  EXPECT_EQ(form(19, 72), "XMR integrated");
  EXPECT_EQ(make(42, 64).front(), '8');
  EXPECT_EQ(make(19, 72).size(), 106u);
  EXPECT_EQ(form(18, 72), "none");
  EXPECT_EQ(form(19, 64), "none");
  EXPECT_EQ(form(18, 63), "none");
  EXPECT_EQ(form(3914525, 64), "TRTL main");  // TurtleCoin's published prefix
  EXPECT_EQ(form(1u << 20, 64), "CryptoNote main");
}

/// base58 of a version, twenty bytes and a double SHA-256, written independently of the decoder.
std::string base58check_encode(std::string bytes) {
  std::array<uint8_t, 32> digest{};
  const std::vector<uint8_t> body(bytes.begin(), bytes.end());
  SHA256(body.data(), body.size(), digest.data());
  const auto once = digest;
  SHA256(once.data(), once.size(), digest.data());
  for (size_t i = 0; i < 4; ++i)
    bytes += static_cast<char>(digest[i]);

  std::string text;
  std::vector<unsigned> number(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i)
    number[i] = static_cast<uint8_t>(bytes[i]);
  while (std::any_of(number.begin(), number.end(), [](unsigned byte) { return byte != 0; })) {
    unsigned remainder = 0;
    for (unsigned& byte : number) {
      const unsigned value = remainder * 256 + byte;
      byte = value / 58;
      remainder = value % 58;
    }
    text += "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[remainder];
  }
  for (size_t i = 0; bytes[i] == 0; ++i)
    text += '1';
  std::reverse(text.begin(), text.end());
  return text;
}

TEST(Wallet, EveryBase58CheckVersion) {
  struct Case {
    std::string version;
    std::string start;
    std::string expected;
  };
  const Case cases[] = {
      {std::string(1, '\0'), "1", "BTC p2pkh"},
      {"\x05", "3", "BTC p2sh"},
      {"\x30", "L", "LTC p2pkh"},
      {"\x32", "M", "LTC p2sh"},
      {"\x1e", "D", "DOGE p2pkh"},
      {"\x16", "", "DOGE p2sh"},
      {"\x4c", "X", "DASH p2pkh"},
      {"\x10", "7", "DASH p2sh"},
      {"\x3c", "R", "RVN p2pkh"},
      {"\x7a", "r", "RVN p2sh"},
      {"\x1c\xb8", "t1", "ZEC p2pkh"},
      {"\x1c\xbd", "t3", "ZEC p2sh"},
      {"\x6f", "", "none"},  // Bitcoin's test network
  };
  for (const auto& c : cases) {
    const std::string text = base58check_encode(c.version + "abcdefghijklmnopqrst");
    const auto wallet = parse_wallet(text);
    EXPECT_EQ(wallet ? wallet->coin + " " + wallet->form : "none", c.expected) << text;
    EXPECT_TRUE(text.starts_with(c.start)) << text;
  }
}

TEST(FindWallets, InsideAnyText) {
  const std::string address(kScarleteel);
  const std::string text = R"({"user":")" + address + R"(.w1","pass":"x"} -u XMR:)" + address +
                           " 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy;end";
  const auto places = locate_wallets(text);
  ASSERT_EQ(places.size(), 3u);
  for (const auto& place : places) {
    EXPECT_GE(place.text.data(), text.data());
    EXPECT_EQ(place.text, place.wallet.address);
  }
  const auto wallets = find_wallets(text);
  ASSERT_EQ(wallets.size(), 2u);
  EXPECT_EQ(wallets[0].address, address);
  EXPECT_EQ(wallets[1].coin, "BTC");
  EXPECT_TRUE(find_wallets(address + "x").empty());
  EXPECT_TRUE(find_wallets(std::string(100000, 'a')).empty());
}

TEST(FindWallets, AtEveryOffset) {
  EXPECT_TRUE(rc::check("an address is found wherever it stands between separators", [] {
    const auto before =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab1 -\"=")));
    const auto after =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab1 -\"=")));
    const std::string text = before + " " + std::string(kScarleteel) + "." + after;
    const auto wallets = find_wallets(text);
    RC_ASSERT(wallets.size() == 1u);
    RC_ASSERT(wallets[0].address == kScarleteel);
  }));
}

TEST(Base58, LeadingOnesAreZeroBytes) {
  EXPECT_EQ(base58_decode("11"), std::string(2, '\0'));
  EXPECT_EQ(base58_decode("2g"), std::string("a"));
  EXPECT_FALSE(base58_decode("0"));
  EXPECT_FALSE(base58_decode(""));
}

TEST(Base58, CryptoNoteBlocks) {
  EXPECT_TRUE(rc::check("decoding undoes encoding", [](const std::string& bytes) {
    RC_PRE(!bytes.empty() && bytes.size() < 150);
    RC_ASSERT(cryptonote_base58_decode(cryptonote_encode(bytes)) == bytes);
  }));
  EXPECT_FALSE(cryptonote_base58_decode("1"));            // no block is one character long
  EXPECT_FALSE(cryptonote_base58_decode("zz"));           // more than one byte can hold
  EXPECT_FALSE(cryptonote_base58_decode("zzzzzzzzzzz"));  // more than eight bytes can hold
}

TEST(Bech32, PublishedVectors) {
  for (const auto text : {"A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
                          "?1ezyfcl", "A1LQFN3A", "?1v759aa"}) {
    EXPECT_TRUE(bech32_decode(text)) << text;
  }
  for (const auto text : {"pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8",
                          "10a06t8", "1qzzfhee", "M1VUXWEZ", "16plkw9", "in1muywd"}) {
    EXPECT_FALSE(bech32_decode(text)) << text;
  }
}

TEST(Bech32, SegwitVersionsAndLengths) {
  struct Case {
    std::string_view text;
    bool segwit;
  };
  constexpr Case kCases[] = {
      {"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", true},
      {"tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7", true},
      {"bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y", true},
      {"BC1SW50QGDZ25J", true},
      {"bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", true},
      {"bc1pw5dgrnzv", false},                          // one byte
      {"BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", false},  // version 0 of sixteen bytes
      {"bc1gmk9yu", false},                             // nothing
  };
  for (const auto& c : kCases) {
    const auto decoded = bech32_decode(c.text);
    ASSERT_TRUE(decoded) << c.text;
    EXPECT_EQ(is_segwit(*decoded), c.segwit) << c.text;
  }
}

}  // namespace
}  // namespace davy::intel
