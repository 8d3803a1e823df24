// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "davy/source/memory.h"
#include "davy/source/test_data.h"

namespace davy::source {
namespace {

class Codecs : public testing::TestWithParam<NamedCompressor> {
 protected:
  std::string compress(std::string_view bytes) const { return GetParam().compress(bytes); }
};

INSTANTIATE_TEST_SUITE_P(All, Codecs, testing::ValuesIn(kCompressors),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_P(Codecs, GivesBackWhatWentIn) {
  const std::string log = sample_log(20'000);
  const AllGot got = peel_all(compress(log));
  EXPECT_FALSE(got.failed()) << got.streams.at(0).error;
  EXPECT_TRUE(got.bytes() == log);
}

TEST_P(Codecs, EmptyContentIsAnEmptyStream) {
  const AllGot got = peel_all(compress(""));
  ASSERT_EQ(got.streams.size(), 1u);
  EXPECT_EQ(got.streams[0].bytes, "");
  EXPECT_FALSE(got.failed());
}

TEST_P(Codecs, ReadSizeDoesNotMatter) {
  const std::string log = sample_log(700);
  const std::string input = compress(log) + compress("between\n") + compress(log);
  for (const size_t read_size : {1u, 7u, 4096u, 1u << 20}) {
    SCOPED_TRACE(read_size);
    const AllGot got = peel_all(input, {}, read_size);
    EXPECT_FALSE(got.failed());
    EXPECT_TRUE(got.bytes() == log + "between\n" + log);
  }
}

// A member that ends anywhere relative to the decoder's input window must not lose its successor.
TEST_P(Codecs, ManySmallMembersAreOneStream) {
  std::string input;
  std::string expected;
  for (unsigned i = 0; input.size() < 400'000; ++i) {
    const std::string piece = sample_log(1 + i % 3, i);
    input += compress(piece);
    expected += piece;
  }
  const AllGot got = peel_all(input);
  EXPECT_FALSE(got.failed()) << got.streams.at(0).error;
  EXPECT_TRUE(got.bytes() == expected);
}

TEST_P(Codecs, CutAnywhereGivesAPrefixAndAnError) {
  const std::string log = sample_log(30);
  const std::string input = compress(log);
  constexpr size_t kEnoughToTell = 10;
  size_t longest = 0;
  for (size_t cut = kEnoughToTell; cut < input.size(); ++cut) {
    SCOPED_TRACE(cut);
    const AllGot got = peel_all(input.substr(0, cut));
    ASSERT_EQ(got.streams.size(), 1u);
    ASSERT_EQ(got.streams[0].code, ErrorCode::kInvalidInput);
    ASSERT_NE(got.streams[0].error, "");
    ASSERT_TRUE(log.starts_with(got.streams[0].bytes));
    longest = std::max(longest, got.streams[0].bytes.size());
  }
  EXPECT_EQ(longest, log.size());
}

// A stream in blocks gives all of the blocks that arrived, not only the members.
TEST_P(Codecs, CutLateGivesMostOfTheBytes) {
  const std::string log = sample_log(40'000);
  const std::string input = compress(log);
  const AllGot got = peel_all(input.substr(0, input.size() * 9 / 10));
  EXPECT_TRUE(log.starts_with(got.bytes()));
  const bool one_block = std::string_view(GetParam().name) == "xz";
  EXPECT_GT(got.bytes().size(), one_block ? log.size() / 2 : log.size() * 7 / 10);
  EXPECT_TRUE(got.failed());
}

TEST_P(Codecs, FlippedBitsAreNoticedAndDoNotHang) {
  const std::string log = sample_log(30);
  const std::string input = compress(log);
  size_t unnoticed = 0;
  for (size_t bit = 0; bit < input.size() * 8; ++bit) {
    std::string damaged = input;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const AllGot got = peel_all(damaged);
    if (!got.failed() && got.bytes() != log && bit / 8 >= 10) ++unnoticed;
  }
  EXPECT_EQ(unnoticed, 0u);
}

TEST_P(Codecs, DamageShowsAtTheSameByteForEveryReadSize) {
  std::string input = compress(sample_log(20'000));
  for (const size_t part : {3u, 5u, 9u}) {
    std::string damaged = input;
    damaged[input.size() * part / 10] ^= 0x04;
    const Got whole = peel_all(damaged, {}, 1 << 20).streams.at(0);
    EXPECT_NE(whole.error, "");
    for (const size_t read_size : {1u, 81u, 4096u}) {
      const Got pieces = peel_all(damaged, {}, read_size).streams.at(0);
      EXPECT_TRUE(pieces.bytes == whole.bytes) << read_size;
      EXPECT_EQ(pieces.error, whole.error) << read_size;
    }
  }
}

TEST_P(Codecs, ZeroPaddingIsPassedOver) {
  const std::string input = compress("one\n") + std::string(700, '\0') + compress("two\n");
  EXPECT_EQ(peel_all(input + std::string(300'000, '\0')).bytes(), "one\ntwo\n");
  EXPECT_FALSE(peel_all(input + std::string(300'000, '\0')).failed());
}

TEST_P(Codecs, ForeignTailIsAnErrorWithItsPlace) {
  const std::string member = compress("one\n");
  for (const std::string& tail : {std::string("-----SIGNATURE-----"), std::string("x"),
                                  std::string(8, '\0') + "x", std::string(300'000, 'x')}) {
    const AllGot got = peel_all(member + tail);
    EXPECT_EQ(got.bytes(), "one\n");
    EXPECT_EQ(got.streams.at(0).code, ErrorCode::kInvalidInput);
    const size_t place = member.size() + tail.find_first_not_of('\0');
    EXPECT_NE(got.streams.at(0).error.find(std::to_string(place)), std::string::npos)
        << got.streams.at(0).error;
  }
}

// One damaged byte at a member's start must not silently lose what is behind it.
TEST_P(Codecs, MemberWithDamagedStartIsAnError) {
  for (const unsigned lines : {1u, 5'000u}) {
    std::string second = compress(sample_log(lines));
    second[0] = 'X';
    const AllGot got = peel_all(compress("one\n") + second);
    EXPECT_EQ(got.bytes(), "one\n");
    EXPECT_EQ(got.streams.at(0).code, ErrorCode::kInvalidInput);
  }
}

TEST_P(Codecs, ErrorRepeatsWhenReadAgain) {
  std::string input = compress(sample_log(100));
  input.resize(input.size() - 5);
  const Result<void> whole =
      peel({"in", std::make_unique<MemoryStream>(input)}, {}, [](Opened opened) {
        const std::string first = drain({"", std::move(opened.stream)}).error;
        EXPECT_NE(first, "");
      });
  EXPECT_TRUE(whole.has_value());
}

TEST_P(Codecs, BombIsStoppedByRatio) {
  const std::string zeros = compress(std::string(80 << 20, '\0'));
  const Limits limits{.max_ratio = 200};
  const AllGot got = peel_all(zeros, limits);
  EXPECT_EQ(got.streams.at(0).code, ErrorCode::kLimitExceeded);
  EXPECT_LT(got.bytes().size(), 66u << 20);
}

TEST_P(Codecs, SizeLimitCutsAtTheSameByteForEveryReadSize) {
  const Limits limits{.max_expanded_bytes = 100'000};
  const std::string log = sample_log(5'000);
  for (const size_t read_size : {1u, 4096u, 1u << 20}) {
    SCOPED_TRACE(read_size);
    const AllGot got = peel_all(compress(log), limits, read_size);
    EXPECT_EQ(got.streams.at(0).code, ErrorCode::kLimitExceeded);
    EXPECT_TRUE(got.bytes() == log.substr(0, 100'000));
  }
  EXPECT_FALSE(peel_all(compress(std::string(100'000, 'x')), limits).failed());
  EXPECT_TRUE(peel_all(compress(std::string(100'001, 'x')), limits).failed());
}

TEST(Gzip, BestPossibleRatioIsNotABomb) {
  const AllGot got = peel_all(gzip(std::string(80 << 20, '\0')));
  EXPECT_FALSE(got.failed()) << got.streams.at(0).error;
  EXPECT_EQ(got.bytes().size(), 80u << 20);
}

TEST(Zstd, SkippableFramesArePassedOver) {
  const std::string skippable = std::string("\x53\x2a\x4d\x18\x05\0\0\0", 8) + "extra";
  const AllGot got = peel_all(skippable + zstd("one\n") + skippable + zstd("two\n") + skippable);
  EXPECT_EQ(got.bytes(), "one\ntwo\n");
  EXPECT_FALSE(got.failed());
}

TEST(Zstd, LargestOrdinaryWindowIsReadALargerOneRefused) {
  EXPECT_EQ(peel_all(zstd("one\n", 27)).bytes(), "one\n");
  const AllGot got = peel_all(zstd("one\n", 28));
  EXPECT_EQ(got.streams.at(0).code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(got.bytes(), "");
}

}  // namespace
}  // namespace davy::source
