// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/reading.h"

#include <filesystem>
#include <fstream>
#include <new>

#include <gtest/gtest.h>

namespace davy::pipeline {
namespace {

/// Runs out of memory at its `limit`-th batch.
class Failing final : public BatchConsumer {
 public:
  explicit Failing(int limit) : limit_(limit) {}
  void consume(const Batch&) override {
    if (--limit_ == 0) throw std::bad_alloc();
  }

 private:
  int limit_;
};

/// Counts records and remembers the reasons of rejections.
class Counting final : public BatchConsumer {
 public:
  void consume(const Batch& batch) override {
    records += batch.records.size();
    for (const BatchReject& reject : batch.rejects)
      rejected.emplace_back(reject.reason);
  }
  size_t records = 0;
  std::vector<std::string> rejected;
};

class ReadingTest : public ::testing::Test {
 protected:
  ReadingTest() : folder_(std::filesystem::path(::testing::TempDir()) / "davy_reading_test") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~ReadingTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  void read(const std::vector<BatchConsumer*>& consumers) {
    const decode::Catalog catalog(decode::PlainJson::kAccept);
    source::Progress progress;
    Reading reading(source::expand({folder_.string()}, {}, progress), catalog);
    reading.run(consumers);
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(ReadingTest, ThrowsWhatAThreadThrewWhenAllHaveEnded) {
  std::string large;
  while (large.size() < 8 * kBlockBytes)
    large += "{\"a\":1}\n";
  for (const char* name : {"a", "b", "c", "d"})
    write(name, large);
  for (int limit : {1, 2, 5}) {
    Failing failing(limit);
    Counting first;
    Counting second;
    EXPECT_THROW(read({&failing, &first, &second}), std::bad_alloc);
  }
  Failing only(3);
  EXPECT_THROW(read({&only}), std::bad_alloc);
}

TEST_F(ReadingTest, LeadingBlanksHideNothing) {
  write("a", std::string(100'000, ' ') + "[{\"a\":1}]");
  write("b", std::string(3 * kBlockBytes, '\n') + "{\"a\":1}\n");
  write("c", std::string(5'000, '\n'));
  Counting counting;
  read({&counting});
  EXPECT_EQ(counting.records, 2u);
  EXPECT_TRUE(counting.rejected.empty());
}

TEST_F(ReadingTest, NulsBeforeTheFirstRecordArePadding) {
  write("a", std::string(3 * kBlockBytes, '\0') + "{\"a\":1}\n");
  write("b",
        std::string(100, '\0') + "type=LOGIN msg=audit(1364481363.243:24287): pid=1 uid=0 res=1\n");
  Counting counting;
  read({&counting});
  EXPECT_EQ(counting.records, 2u);
  EXPECT_TRUE(counting.rejected.empty());
}

TEST_F(ReadingTest, AfterAnOverlongRecordTheListGoesOn) {
  std::string text = "{\"Records\":[{\"a\":\"" + std::string(kMaxRecordBytes + 10, 'x') + "\"}";
  for (int i = 0; i < 100; ++i)
    text += ",{\"a\":\"short\"}";
  write("a", text + "]}");
  Counting counting;
  read({&counting});
  EXPECT_EQ(counting.records, 100u);
  EXPECT_EQ(counting.rejected.size(), 1u);
}

}  // namespace
}  // namespace davy::pipeline
