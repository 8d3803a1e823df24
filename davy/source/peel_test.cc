// SPDX-License-Identifier: Apache-2.0
#include "davy/source/peel.h"

#include <gtest/gtest.h>

#include "davy/source/test_data.h"

namespace davy::source {
namespace {

using std::string_literals::operator""s;

TEST(Peel, PlainBytesPassUntouched) {
  const std::string log = sample_log(3'000);
  const AllGot got = peel_all(log);
  ASSERT_EQ(got.streams.size(), 1u);
  EXPECT_EQ(got.streams[0].path, "in");
  EXPECT_TRUE(got.bytes() == log);
  EXPECT_TRUE(peel_all(log, {}, 1).bytes() == log);
}

TEST(Peel, EmptyInputIsOneEmptyStream) {
  const AllGot got = peel_all("");
  ASSERT_EQ(got.streams.size(), 1u);
  EXPECT_EQ(got.bytes(), "");
  EXPECT_FALSE(got.failed());
}

// Shorter than any mark, or beginning like one: it is text until the whole mark is there.
TEST(Peel, ShortAndAlikeTextsAreText) {
  for (const std::string text : {"B", "P", "PK", "BZh", "BZh9 is a level\n", "(", "PA"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(peel_all(text).bytes(), text);
    EXPECT_FALSE(peel_all(text).failed());
  }
}

TEST(Peel, LayersComeOffInAnyOrderUpToTheLimit) {
  const std::string log = sample_log(50);
  EXPECT_EQ(peel_all(gzip(gzip(gzip(log)))).bytes(), log);
  EXPECT_EQ(peel_all(gzip(zstd(bzip2(log)))).bytes(), log);
  EXPECT_EQ(peel_all(xz(gzip(log))).bytes(), log);

  const AllGot four = peel_all(gzip(gzip(gzip(gzip(log)))));
  ASSERT_EQ(four.streams.size(), 1u);
  EXPECT_EQ(four.streams[0].code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(four.bytes(), "");
}

TEST(Peel, PacketCapturesAreNamed) {
  for (const std::string& magic :
       {"\xd4\xc3\xb2\xa1"s, "\xa1\xb2\xc3\xd4"s, "\x4d\x3c\xb2\xa1"s, "\xa1\xb2\x3c\x4d"s,
        "\n\r\r\n\0\0\0\x1c\x4d\x3c\x2b\x1a"s, "\n\r\r\n\x1c\0\0\0\x1a\x2b\x3c\x4d"s}) {
    const AllGot got = peel_all(magic + std::string(40, '\1'));
    EXPECT_EQ(got.streams.at(0).code, ErrorCode::kUnsupported);
    EXPECT_NE(got.streams[0].error.find("packet capture"), std::string::npos);
  }
  EXPECT_EQ(peel_all("\n\r\r\n{}").bytes(), "\n\r\r\n{}");
  EXPECT_EQ(peel_all("\n\r\r\n").bytes(), "\n\r\r\n");
}

TEST(Peel, DamageInAnInnerLayerIsReported) {
  std::string inner = gzip(sample_log(500));
  inner.resize(inner.size() - 20);
  const AllGot got = peel_all(zstd(inner));
  EXPECT_GT(got.bytes().size(), 1000u);
  EXPECT_EQ(got.streams.at(0).code, ErrorCode::kInvalidInput);
}

TEST(Peel, NestedBombIsStoppedInTheLayerThatUnfolds) {
  const std::string bomb = gzip(gzip(std::string(80 << 20, '\0')));
  const AllGot got = peel_all(bomb);
  EXPECT_EQ(got.streams.at(0).code, ErrorCode::kLimitExceeded);
  EXPECT_LT(got.bytes().size(), 66u << 20);
}

// The padding yields nothing, so only the layer below it can notice.
TEST(Peel, BombOfPaddingIsStopped) {
  const AllGot got = peel_all(zstd(gzip("one\n") + std::string(80 << 20, '\0')));
  EXPECT_EQ(got.bytes(), "one\n");
  EXPECT_EQ(got.streams.at(0).code, ErrorCode::kLimitExceeded);
}

TEST(Peel, ByteOrderMarkOfUtf8IsDropped) {
  EXPECT_EQ(peel_all("\xef\xbb\xbf{}\n").bytes(), "{}\n");
  EXPECT_EQ(peel_all(gzip("\xef\xbb\xbf{}\n")).bytes(), "{}\n");
  EXPECT_EQ(peel_all("\xef\xbb").bytes(), "\xef\xbb");
}

struct Utf16Row {
  const char* name;
  std::string little_endian;
  std::string utf8;
};

std::string swapped(std::string text) {
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    std::swap(text[i], text[i + 1]);
  return text;
}

TEST(Peel, Utf16BecomesUtf8) {
  const std::vector<Utf16Row> rows = {
      {"nothing", ""s, ""},
      {"ascii", "a\0\n\0"s, "a\n"},
      {"two bytes", "\xe9\0"s, "\xc3\xa9"},
      {"three bytes", "\xac\x20"s, "\xe2\x82\xac"},
      {"a pair", "\x3c\xd8\xdf\xdf"s, "\xf0\x9f\x8f\x9f"},
      {"high alone", "\x3c\xd8\x61\0"s, "\xef\xbf\xbd\x61"},
      {"low alone", "\xdf\xdf\x61\0"s, "\xef\xbf\xbd\x61"},
      {"high at the end", "a\0\x3c\xd8"s, "a\xef\xbf\xbd"},
  };
  for (const Utf16Row& row : rows) {
    SCOPED_TRACE(row.name);
    for (const size_t read_size : {1u, 2u, 3u, 4u, 4096u}) {
      EXPECT_EQ(peel_all("\xff\xfe" + row.little_endian, {}, read_size).bytes(), row.utf8);
      EXPECT_EQ(peel_all("\xfe\xff" + swapped(row.little_endian), {}, read_size).bytes(), row.utf8);
    }
    EXPECT_FALSE(peel_all("\xff\xfe" + row.little_endian).failed());
  }
}

TEST(Peel, LongUtf16IsTheSameAtEveryReadSize) {
  std::string wide = "\xff\xfe";
  std::string expected;
  for (int i = 0; i < 60'000; ++i) {
    wide += i % 3 == 0 ? "\x3c\xd8\xdf\xdf"s : "x\0"s;
    expected += i % 3 == 0 ? "\xf0\x9f\x8f\x9f" : "x";
  }
  for (const size_t read_size : {1u, 5u, 4096u, 1u << 20}) {
    EXPECT_TRUE(peel_all(gzip(wide), {}, read_size).bytes() == expected) << read_size;
  }
}

TEST(Peel, HalfAUtf16CharacterIsAnError) {
  const AllGot got = peel_all("\xff\xfe\x61\0\x62"s);
  EXPECT_EQ(got.bytes(), "a");
  EXPECT_EQ(got.streams.at(0).code, ErrorCode::kInvalidInput);
}

TEST(Peel, WhatIsNotReadSaysWhatToDo) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"PAR1\x15\x04"s, "DuckDB"},
      {"\xff\x06\0\0sNaPpY..."s, "snzip"},
      {"\x04\x22\x4d\x18"
       "d@"s,
       "lz4"},
      {"7z\xbc\xaf\x27\x1c\0\x04"s, "7z x"},
      {"Rar!\x1a\x07\x01\0"s, "unrar"},
      {"Obj\x01\x04"s, "avro-tools"},
      {"\xff\xfe\0\0a\0\0\0"s, "iconv"},
      {"\0\0\xfe\xff\0\0\0a"s, "iconv"},
  };
  for (const auto& [bytes, advice] : rows) {
    SCOPED_TRACE(advice);
    for (const AllGot& got : {peel_all(bytes), peel_all(gzip(bytes))}) {
      ASSERT_EQ(got.streams.size(), 1u);
      EXPECT_EQ(got.streams[0].code, ErrorCode::kUnsupported);
      EXPECT_NE(got.streams[0].error.find(advice), std::string::npos) << got.streams[0].error;
      EXPECT_EQ(got.bytes(), "");
    }
  }
}

}  // namespace
}  // namespace davy::source
