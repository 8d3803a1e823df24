// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "davy/source/file.h"
#include "davy/source/test_data.h"

namespace davy::source {
namespace {

std::vector<std::string> paths_of(const Expanded& expanded) {
  std::vector<std::string> paths;
  for (const auto& input : expanded.inputs)
    paths.push_back(input->path());
  return paths;
}

class Expand : public testing::Test {
 protected:
  Expanded run(const std::vector<std::string>& places) { return expand(places, {}, progress_); }

  Got read_one(const std::string& place) {
    const Expanded expanded = run({place});
    Got got{.path = place, .bytes = {}, .error = "no input"};
    for (const auto& input : expanded.inputs) {
      const Result<void> whole =
          input->open([&](Opened opened) { got = drain(std::move(opened)); });
      if (!whole)
        got = {.path = place,
               .bytes = {},
               .error = whole.error().message(),
               .code = whole.error().code()};
    }
    return got;
  }

  TestFolder folder_;
  Progress progress_;
};

/// Root may read everything; the tests of permissions give that up for a while.
class Unprivileged {
 public:
  Unprivileged() : was_root_(::geteuid() == 0) {
    if (was_root_ && ::seteuid(65534) != 0) std::abort();
  }
  ~Unprivileged() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool was_root_;
};

TEST_F(Expand, FolderIsReadToTheBottomSortedAndNothingIsSkippedByName) {
  for (const char* name : {"z.json", "a/b/c.log", "a/.hidden", ".git/config", "a/b/c.log.gz"}) {
    folder_.write(name, "x");
  }
  std::filesystem::create_directory(folder_ / "void");
  const Expanded expanded = run({folder_.path()});
  EXPECT_EQ(paths_of(expanded),
            (std::vector<std::string>{folder_ / ".git/config", folder_ / "a/.hidden",
                                      folder_ / "a/b/c.log", folder_ / "a/b/c.log.gz",
                                      folder_ / "z.json"}));
  EXPECT_EQ(expanded.unreadable.size(), 0u);
  EXPECT_EQ(progress_.files_total, 5u);
  EXPECT_EQ(progress_.total_bytes, 5u);
}

TEST_F(Expand, EmptyFolderHasNoInputs) {
  const Expanded expanded = run({folder_.path()});
  EXPECT_EQ(expanded.inputs.size(), 0u);
  EXPECT_EQ(expanded.unreadable.size(), 0u);
}

TEST_F(Expand, EachRealFileOnceInAnyOrderOfPlaces) {
  folder_.write("a/one", "x");
  folder_.write("a/two", "x");
  std::filesystem::create_hard_link(folder_ / "a/two", folder_ / "a/three");
  std::filesystem::create_symlink(folder_ / "a/one", folder_ / "link");
  std::vector<std::string> places = {folder_ / "a",    folder_ / "a/one", folder_ / "a/./one",
                                     folder_ / "link", folder_ / "*",     folder_ / "a/"};
  const std::vector<std::string> expected = paths_of(run(places));
  EXPECT_EQ(expected.size(), 2u);
  std::mt19937 random(7);
  for (int i = 0; i < 10; ++i) {
    std::shuffle(places.begin(), places.end(), random);
    EXPECT_EQ(paths_of(run(places)), expected);
  }
}

TEST_F(Expand, LinksAreNotFollowedOutOfAFolderAndThatIsSaid) {
  const TestFolder outside;
  outside.write("secret.log", "x");
  folder_.write("in/real.log", "x");
  std::filesystem::create_symlink(outside.path(), folder_ / "in/away");
  std::filesystem::create_symlink(folder_.path(), folder_ / "in/loop");
  std::filesystem::create_symlink("real.log", folder_ / "in/alias.log");
  std::filesystem::create_symlink("itself", folder_ / "in/itself");
  std::filesystem::create_symlink("gone", folder_ / "in/dangling");

  const Expanded expanded = run({folder_.path()});
  EXPECT_EQ(paths_of(expanded), (std::vector<std::string>{folder_ / "in/real.log"}));
  ASSERT_EQ(expanded.unreadable.size(), 3u);
  EXPECT_EQ(expanded.unreadable[0].path, folder_ / "in/away");
  EXPECT_EQ(expanded.unreadable[0].error.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(expanded.unreadable[1].path, folder_ / "in/dangling");
  EXPECT_EQ(expanded.unreadable[1].error.code(), ErrorCode::kNotFound);
  EXPECT_EQ(expanded.unreadable[2].path, folder_ / "in/itself");
  EXPECT_EQ(expanded.unreadable[2].error.code(), ErrorCode::kInvalidInput);

  EXPECT_EQ(run({folder_.path(), outside.path()}).unreadable.size(), 2u);
  EXPECT_EQ(paths_of(run({folder_ / "in/away"})),
            (std::vector<std::string>{folder_ / "in/away/secret.log"}));
}

TEST_F(Expand, MissingPlacesAreNamedWithTheirCause) {
  const Expanded expanded = run({folder_ / "none.json", folder_ / "*.gz", "", folder_ / "a/b"});
  EXPECT_EQ(expanded.inputs.size(), 0u);
  ASSERT_EQ(expanded.unreadable.size(), 4u);
  for (const Unreadable& place : expanded.unreadable) {
    EXPECT_EQ(place.error.code(), ErrorCode::kNotFound) << place.path;
  }
}

TEST_F(Expand, ExistingNameWinsOverThePatternItLooksLike) {
  folder_.write("a[1].json", "literal");
  folder_.write("a1.json", "pattern");
  EXPECT_EQ(read_one(folder_ / "a[1].json").bytes, "literal");
  EXPECT_EQ(run({folder_ / "a*.json"}).inputs.size(), 2u);
}

TEST_F(Expand, NamesThatAreNotTextAreShownEscaped) {
  folder_.write("bad\xff\x1bname", "x");
  const Expanded expanded = run({folder_.path()});
  ASSERT_EQ(expanded.inputs.size(), 1u);
  EXPECT_EQ(expanded.inputs[0]->path(), folder_ / "bad\\xff\\x1bname");
  EXPECT_EQ(read_one(folder_.path()).bytes, "x");
}

TEST_F(Expand, WhatMayNotBeReadIsReportedAndTheRestIsRead) {
  folder_.write("open.log", "x");
  folder_.write("closed/a.log", "x");
  folder_.write("secret.log", "x");
  std::filesystem::permissions(folder_.path(), std::filesystem::perms{0755});
  std::filesystem::permissions(folder_ / "closed", std::filesystem::perms{0});
  std::filesystem::permissions(folder_ / "secret.log", std::filesystem::perms{0});
  {
    const Unprivileged guard;
    const Expanded expanded = run({folder_.path()});
    EXPECT_EQ(paths_of(expanded),
              (std::vector<std::string>{folder_ / "open.log", folder_ / "secret.log"}));
    ASSERT_EQ(expanded.unreadable.size(), 1u);
    EXPECT_EQ(expanded.unreadable[0].path, folder_ / "closed");
    EXPECT_EQ(expanded.unreadable[0].error.code(), ErrorCode::kPermission);
    EXPECT_EQ(read_one(folder_ / "secret.log").code, ErrorCode::kPermission);
    EXPECT_EQ(run({folder_ / "closed/*.log"}).unreadable.at(0).error.code(),
              ErrorCode::kPermission);
  }
  std::filesystem::permissions(folder_ / "closed", std::filesystem::perms{0700});
}

TEST_F(Expand, PipesAndSocketsInAFolderAreNotReadButNamed) {
  folder_.write("real.log", "x");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  ASSERT_EQ(::mknod((folder_ / "socket").c_str(), S_IFSOCK | 0600, 0), 0);
  const Expanded expanded = run({folder_.path()});
  EXPECT_EQ(paths_of(expanded), (std::vector<std::string>{folder_ / "real.log"}));
  ASSERT_EQ(expanded.unreadable.size(), 2u);
  EXPECT_EQ(expanded.unreadable[0].path, folder_ / "pipe");
  EXPECT_EQ(expanded.unreadable[1].path, folder_ / "socket");
  for (const Unreadable& place : expanded.unreadable)
    EXPECT_EQ(place.error.code(), ErrorCode::kUnsupported);
  EXPECT_EQ(read_one(folder_ / "socket").code, ErrorCode::kUnsupported);
}

// Opening must not wait for a writer that never comes.
TEST_F(Expand, FileReplacedByAPipeIsRefused) {
  folder_.write("a.log", "x");
  const Expanded expanded = run({folder_.path()});
  std::filesystem::remove(folder_ / "a.log");
  ASSERT_EQ(::mkfifo((folder_ / "a.log").c_str(), 0600), 0);
  const Result<void> whole = expanded.inputs.at(0)->open([](Opened) { FAIL(); });
  EXPECT_EQ(whole.error().code(), ErrorCode::kUnsupported);
}

TEST_F(Expand, FileThatVanishesOrBecomesAFolderIsAnError) {
  folder_.write("gone.log", "x");
  folder_.write("turned.log", "x");
  const Expanded expanded = run({folder_.path()});
  std::filesystem::remove(folder_ / "gone.log");
  std::filesystem::remove(folder_ / "turned.log");
  std::filesystem::create_directory(folder_ / "turned.log");
  EXPECT_EQ(expanded.inputs.at(0)->open([](Opened) {}).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(expanded.inputs.at(1)->open([](Opened) {}).error().code(), ErrorCode::kInvalidInput);
  EXPECT_EQ(progress_.files_done, progress_.files_total);
  EXPECT_EQ(progress_.input_bytes, progress_.total_bytes);
}

TEST_F(Expand, NamedPipeIsRead) {
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(pipe) << "hello\n"; });
  EXPECT_EQ(read_one(pipe).bytes, "hello\n");
}

TEST_F(Expand, DevicesThatNeverEndAreRefused) {
  for (const char* device : {"/dev/zero", "/dev/urandom", "/dev/full"}) {
    EXPECT_EQ(read_one(device).code, ErrorCode::kUnsupported) << device;
  }
  EXPECT_EQ(read_one("/dev/null").bytes, "");
  EXPECT_EQ(read_one("/dev/null").error, "");
}

TEST_F(Expand, EndlessPipeIsStoppedAtTheSizeLimit) {
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(pipe) << "0123456789"; });
  auto stream = open_file(pipe, Kind::kNamed, 0, 8, progress_);
  ASSERT_TRUE(stream.has_value());
  EXPECT_EQ(drain({"", *std::move(stream)}).code, ErrorCode::kLimitExceeded);
}

TEST_F(Expand, StandardInputIsReadOnceAndItsSizeUnknown) {
  const std::string path = folder_.write("in", "piped\n");
  const int saved = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "piped\n", 6), 6);
  ::close(ends[1]);
  ::dup2(ends[0], STDIN_FILENO);
  ::close(ends[0]);
  const Expanded expanded = run({"-", "-"});
  ASSERT_EQ(expanded.inputs.size(), 1u);
  EXPECT_EQ(expanded.inputs[0]->size(), 0u);
  EXPECT_EQ(read_one("-").bytes, "piped\n");
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
}

TEST_F(Expand, ProgressReachesItsTotalsEvenForBytesNobodyRead) {
  folder_.write("a.json", sample_log(5'000));
  folder_.write("b.json.gz", gzip(sample_log(5'000)));
  folder_.write("c.zip", zip({{"x", sample_log(100)}, {"y", sample_log(100, 2)}}));
  folder_.write("d.gz", gzip(sample_log(100)).substr(0, 60));
  for (const auto& input : run({folder_.path()}).inputs) {
    const Result<void> whole = input->open([](Opened opened) {
      char byte = 0;
      EXPECT_LE(opened.stream->read(&byte, 1).value_or(0), 1u);
    });
    EXPECT_TRUE(whole.has_value());
  }
  EXPECT_EQ(progress_.input_bytes, progress_.total_bytes);
  EXPECT_EQ(progress_.files_done, 4u);
}

TEST_F(Expand, ArchiveOnDiskShowsItsMembersPaths) {
  folder_.write("logs.zip", zip({{"2024/a.json", "one\n"}, {"b", "two\n"}}));
  std::vector<std::string> paths;
  for (const auto& input : run({folder_.path()}).inputs) {
    EXPECT_TRUE(input->open([&](Opened opened) { paths.push_back(opened.path); }).has_value());
  }
  EXPECT_EQ(paths,
            (std::vector<std::string>{folder_ / "logs.zip!2024/a.json", folder_ / "logs.zip!b"}));
}

}  // namespace
}  // namespace davy::source
