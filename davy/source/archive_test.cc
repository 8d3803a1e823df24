// SPDX-License-Identifier: Apache-2.0
#include "davy/source/archive.h"

#include <gtest/gtest.h>

#include "davy/source/memory.h"
#include "davy/source/test_data.h"

namespace davy::source {
namespace {

const Members kLogs = {
    {"logs/", ""},
    {"logs/a.json", sample_log(40, 1)},
    {"logs/b.json.gz", gzip(sample_log(40, 2))},
    {"empty", ""},
    {"logs/c.json", sample_log(9'000, 3)},
};

struct Archiver {
  const char* name;
  std::string (*make)(const Members&);
};

class Archives : public testing::TestWithParam<Archiver> {
 protected:
  std::string make(const Members& members) const { return GetParam().make(members); }
};

INSTANTIATE_TEST_SUITE_P(
    All, Archives,
    testing::Values(Archiver{"zip", [](const Members& m) { return zip(m); }},
                    Archiver{"zip_stored",
                             [](const Members& m) { return zip(m, "zip:compression=store"); }},
                    Archiver{"tar", tar},
                    Archiver{"tar_gz", [](const Members& m) { return gzip(tar(m)); }},
                    Archiver{"tar_zst", [](const Members& m) { return zstd(tar(m)); }}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_P(Archives, EveryFileIsAStreamOfItsPlainBytes) {
  for (const size_t read_size : {1u, 4096u, 1u << 20}) {
    SCOPED_TRACE(read_size);
    const AllGot got = peel_all(make(kLogs), {}, read_size);
    EXPECT_FALSE(got.failed()) << got.error;
    ASSERT_EQ(got.streams.size(), 4u);
    EXPECT_EQ(got.streams[0].path, "in!logs/a.json");
    EXPECT_EQ(got.streams[1].path, "in!logs/b.json.gz");
    EXPECT_EQ(got.streams[2].path, "in!empty");
    EXPECT_TRUE(got.streams[0].bytes == sample_log(40, 1));
    EXPECT_TRUE(got.streams[1].bytes == sample_log(40, 2));
    EXPECT_EQ(got.streams[2].bytes, "");
    EXPECT_TRUE(got.streams[3].bytes == sample_log(9'000, 3));
  }
}

TEST_P(Archives, UnreadMembersDoNotDisturbTheNext) {
  std::vector<std::string> paths;
  std::string last;
  const Result<void> whole =
      peel({"in", std::make_unique<MemoryStream>(make(kLogs))}, {}, [&](Opened opened) {
        paths.push_back(opened.path);
        if (paths.size() == 4) last = drain(std::move(opened)).bytes;
      });
  EXPECT_TRUE(whole.has_value());
  EXPECT_EQ(paths.size(), 4u);
  EXPECT_TRUE(last == sample_log(9'000, 3));
}

TEST_P(Archives, MemberReadAfterItsTurnFails) {
  std::unique_ptr<ByteStream> kept;
  const Result<void> whole =
      peel({"in", std::make_unique<MemoryStream>(make({{"a", sample_log(9'000)}, {"b", "b"}}))}, {},
           [&](Opened opened) {
             if (!kept) kept = std::move(opened.stream);
           });
  EXPECT_TRUE(whole.has_value());
  EXPECT_EQ(drain({"", std::move(kept)}).code, ErrorCode::kInternal);
}

TEST_P(Archives, CutAnywhereGivesPrefixesAndNeverTooMuch) {
  const Members small = {{"a", sample_log(3, 1)}, {"b", sample_log(3, 2)}};
  const std::string input = make(small);
  const std::string expected = small[0].second + small[1].second;
  const bool compressed = input.starts_with("\x1f\x8b") || input.starts_with("\x28\xb5");
  for (size_t cut = 0; cut < input.size(); ++cut) {
    SCOPED_TRACE(cut);
    const AllGot got = peel_all(input.substr(0, cut));
    const bool in_archive = !got.streams.empty() && got.streams[0].path == "in!a";
    if (in_archive) {
      ASSERT_TRUE(expected.starts_with(got.bytes()));
    }
    if (in_archive && got.bytes() != expected) {
      ASSERT_TRUE(got.failed());
    }
    if (compressed && cut >= 10) {
      ASSERT_TRUE(got.failed());
    }
  }
}

TEST_P(Archives, FlippedBitsNeverHang) {
  const std::string input = make({{"a", sample_log(3, 1)}, {"b", sample_log(3, 2)}});
  for (size_t at = 0; at < std::min<size_t>(input.size(), 3000); ++at) {
    std::string damaged = input;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    const AllGot got = peel_all(damaged);
    EXPECT_LE(got.bytes().size(), 2 * input.size() + 100'000);
  }
}

TEST_P(Archives, HostileNamesAreMadeVisible) {
  const AllGot got = peel_all(make({{"../../etc/\x1b[31mpasswd", "x"}, {"caf\xc3\xa9.json", "y"}}));
  ASSERT_EQ(got.streams.size(), 2u);
  EXPECT_EQ(got.streams[0].path, "in!../../etc/\\x1b[31mpasswd");
  EXPECT_EQ(got.streams[1].path, "in!caf\xc3\xa9.json");
  EXPECT_EQ(got.bytes(), "xy");
}

TEST_P(Archives, TooManyMembersAreALimit) {
  Members many;
  for (int i = 0; i < 12; ++i)
    many.push_back({"m" + std::to_string(i), "x"});
  EXPECT_FALSE(peel_all(make(many), {.max_members = 12}).failed());
  const AllGot got = peel_all(make(many), {.max_members = 11});
  EXPECT_EQ(got.code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(got.bytes(), std::string(11, 'x'));
}

TEST(Archive, SizeLimitIsPerMemberAndExact) {
  const std::string log = sample_log(5'000);
  const std::string input = zip({{"a", log}, {"b", "two\n"}});
  for (const size_t read_size : {1u, 4096u, 1u << 20}) {
    const AllGot got = peel_all(input, {.max_expanded_bytes = 100'000}, read_size);
    ASSERT_EQ(got.streams.size(), 2u);
    EXPECT_EQ(got.streams[0].code, ErrorCode::kLimitExceeded);
    EXPECT_TRUE(got.streams[0].bytes == log.substr(0, 100'000));
    EXPECT_EQ(got.streams[1].bytes, "two\n");
  }
}

TEST(Archive, ArchivesNestUpToTheLayerLimit) {
  const std::string inner = zip({{"log.json", "one\n"}});
  const AllGot got = peel_all(gzip(tar({{"inner.zip", inner}, {"log.gz", gzip("two\n")}})));
  EXPECT_FALSE(got.failed());
  ASSERT_EQ(got.streams.size(), 2u);
  EXPECT_EQ(got.streams[0].path, "in!inner.zip!log.json");
  EXPECT_EQ(got.bytes(), "one\ntwo\n");

  const AllGot deep = peel_all(zip({{"1", zip({{"2", zip({{"3", zip({{"4", "x"}})}})}})}}));
  ASSERT_EQ(deep.streams.size(), 1u);
  EXPECT_EQ(deep.streams[0].path, "in!1!2!3");
  EXPECT_EQ(deep.streams[0].code, ErrorCode::kLimitExceeded);
}

TEST(Archive, OneDamagedMemberDoesNotSpoilTheOthers) {
  std::string damaged = gzip(sample_log(200));
  damaged[damaged.size() / 2] ^= 0x10;
  const AllGot got = peel_all(tar({{"a", "one\n"}, {"b.gz", damaged}, {"c", "two\n"}}));
  ASSERT_EQ(got.streams.size(), 3u);
  EXPECT_EQ(got.streams[0].bytes, "one\n");
  EXPECT_EQ(got.streams[1].code, ErrorCode::kInvalidInput);
  EXPECT_EQ(got.streams[2].bytes, "two\n");
  EXPECT_EQ(got.error, "");
}

TEST(Archive, EncryptedMemberSaysSo) {
  const AllGot got = peel_all(zip({{"a.json", "one\n"}}, "zip:encryption=zipcrypt"));
  ASSERT_EQ(got.streams.size(), 1u);
  EXPECT_EQ(got.streams[0].code, ErrorCode::kUnsupported);
  EXPECT_NE(got.streams[0].error.find("encrypted"), std::string::npos);
}

TEST(Archive, EmptyArchivesHaveNoStreams) {
  EXPECT_EQ(peel_all(zip({})).streams.size(), 0u);
  EXPECT_FALSE(peel_all(zip({})).failed());
}

TEST(Archive, TarsOneAfterAnotherAreOneInput) {
  const AllGot got = peel_all(tar({{"a", "one\n"}}) + tar({{"b", "two\n"}}));
  EXPECT_EQ(got.bytes(), "one\ntwo\n");
  EXPECT_FALSE(got.failed());
}

// The member behind the damaged header is lost; that must be said.
TEST(Archive, DamagedTarHeaderIsReported) {
  std::string input = tar({{"a", "one\n"}, {"b", "two\n"}, {"c", "three\n"}});
  input[1024 + 1] ^= 0x20;
  const AllGot got = peel_all(input);
  EXPECT_EQ(got.streams.at(0).bytes, "one\n");
  EXPECT_EQ(got.code, ErrorCode::kInvalidInput);
  EXPECT_NE(got.error, "");
}

TEST(Archive, ManySmallBombsAreOneLargeOne) {
  const std::string bomb = zstd(std::string(20 << 20, '\0'));
  Members members;
  for (int i = 0; i < 5; ++i)
    members.push_back({std::to_string(i), bomb});
  const AllGot got = peel_all(tar(members));
  EXPECT_TRUE(got.failed());
  EXPECT_EQ(got.streams.back().code, ErrorCode::kLimitExceeded);
  EXPECT_LT(got.bytes().size(), 66u << 20);
}

TEST(Archive, ZipBombIsStoppedByRatio) {
  const AllGot got = peel_all(zip({{"zeros", std::string(80 << 20, '\0')}}), {.max_ratio = 300});
  EXPECT_EQ(got.streams.at(0).code, ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace davy::source
