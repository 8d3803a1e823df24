// SPDX-License-Identifier: Apache-2.0
#include "davy/source/unpack.h"

#include <gtest/gtest.h>

#include "davy/source/test_data.h"

namespace davy::source {
namespace {

constexpr size_t kPadding = 64;

struct Unpacked {
  std::string text;
  bool failed = false;
  ErrorCode code = ErrorCode::kInternal;
  uint64_t allowance = 0;
};

Unpacked unpack_all(std::string_view bytes, uint64_t allowance = 64 << 20) {
  Arena arena;
  Unpacked unpacked;
  unpacked.allowance = allowance;
  const auto text = unpack(bytes, kPadding, unpacked.allowance, arena);
  unpacked.failed = !text.has_value();
  if (!text) {
    unpacked.code = text.error().code();
    return unpacked;
  }
  unpacked.text = *text;
  EXPECT_TRUE(!is_compressed(bytes) ||
              std::string_view(text->data() + text->size(), kPadding) == std::string(kPadding, 0));
  return unpacked;
}

TEST(Unpack, EveryCodecAndSizeComesBack) {
  for (const NamedCompressor& codec : kCompressors) {
    SCOPED_TRACE(codec.name);
    for (const size_t lines : {0u, 1u, 30u, 3'000u, 20'000u}) {
      const std::string log = sample_log(lines);
      const Unpacked got = unpack_all(codec.compress(log));
      ASSERT_FALSE(got.failed);
      EXPECT_TRUE(got.text == log) << lines;
      EXPECT_EQ(got.allowance, (64u << 20) - log.size());
    }
  }
}

TEST(Unpack, PlainBytesAreLeftAlone) {
  EXPECT_EQ(unpack_all("{}").text, "{}");
  EXPECT_EQ(unpack_all("").text, "");
  EXPECT_EQ(unpack_all("\x1f").text, "\x1f");
}

TEST(Unpack, MembersAndLayers) {
  EXPECT_EQ(unpack_all(gzip("{}\n") + gzip("[]\n")).text, "{}\n[]\n");
  EXPECT_EQ(unpack_all(gzip(zstd(gzip("{}")))).text, "{}");
  EXPECT_EQ(unpack_all(gzip(gzip(gzip(gzip("{}"))))).code, ErrorCode::kLimitExceeded);
}

TEST(Unpack, DamageAndTruncationGiveNothing) {
  const std::string whole = gzip(sample_log(200));
  for (size_t size = 2; size < whole.size(); size += 97)
    EXPECT_EQ(unpack_all(whole.substr(0, size)).code, ErrorCode::kInvalidInput) << size;
  EXPECT_EQ(unpack_all("\x1f\x8b garbage, and more of it").code, ErrorCode::kInvalidInput);
  for (size_t at = 10; at < whole.size(); at += 31) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    EXPECT_TRUE(unpack_all(damaged).failed) << at;
  }
}

TEST(Unpack, StopsAtTheAllowanceToTheByte) {
  const std::string log = sample_log(1'000);
  EXPECT_EQ(unpack_all(gzip(log), log.size()).text.size(), log.size());
  EXPECT_EQ(unpack_all(gzip(log), log.size()).allowance, 0u);
  EXPECT_EQ(unpack_all(gzip(log), log.size() - 1).code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(unpack_all(gzip("x"), 0).code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(unpack_all(gzip(""), 0).text, "");
}

TEST(Unpack, EveryLayerAndEveryFailureIsPaidFor) {
  const std::string bomb = gzip(std::string(8 << 20, ' '));
  Arena arena;
  uint64_t allowance = 20 << 20;
  EXPECT_TRUE(unpack(gzip(bomb), kPadding, allowance, arena).has_value());
  EXPECT_EQ(allowance, (12u << 20) - bomb.size());
  const std::string cut = bomb.substr(0, bomb.size() - 4);
  EXPECT_FALSE(unpack(cut, kPadding, allowance, arena).has_value());
  EXPECT_LT(allowance, 5u << 20);
  EXPECT_FALSE(unpack(bomb, kPadding, allowance, arena).has_value());
  EXPECT_EQ(allowance, 0u);
  EXPECT_FALSE(unpack(gzip("{}"), kPadding, allowance, arena).has_value());
}

}  // namespace
}  // namespace davy::source
