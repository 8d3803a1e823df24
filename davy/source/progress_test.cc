// SPDX-License-Identifier: Apache-2.0
#include "davy/source/progress.h"

#include <gtest/gtest.h>

namespace davy::source {
namespace {

constexpr uint64_t kMiB = 1 << 20;

TEST(ProgressText, SaysWhatFitsAndMattersMost) {
  const ProgressView half{.bytes = 50 * kMiB,
                          .total_bytes = 100 * kMiB,
                          .files_done = 3,
                          .files_total = 1200,
                          .bytes_per_second = 10.0 * kMiB};
  ProgressView start = half;
  start.bytes = 0;
  start.bytes_per_second = 0;
  ProgressView end = half;
  end.bytes = end.total_bytes;
  end.files_done = end.files_total;
  ProgressView over = half;
  over.bytes = 130 * kMiB;
  const ProgressView one_file{
      .bytes = kMiB, .total_bytes = 4 * kMiB, .files_total = 1, .bytes_per_second = 1.0 * kMiB};
  const ProgressView pipe{.bytes = 50 * kMiB, .files_total = 1, .bytes_per_second = 10.0 * kMiB};
  struct Row {
    const char* name;
    ProgressView view;
    size_t columns;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {"wide", half, 120,
       "[==============>               ]  50%  5 s left  10.0 MiB/s  50.0 MiB of 100.0 MiB  "
       "3/1,200 "
       "files"},
      {"ordinary", half, 80,
       "[=========>          ]  50%  5 s left  10.0 MiB/s  50.0 MiB of 100.0 MiB"},
      {"small", half, 60, "[======>        ]  50%  5 s left  10.0 MiB/s"},
      {"just room for a bar", half, 40, "[====>     ]  50%  5 s left  10.0 MiB/s"},
      {"no room for a bar", half, 39, " 50%  5 s left  10.0 MiB/s"},
      {"narrow", half, 20, " 50%  5 s left"},
      {"percent only", half, 4, " 50%"},
      {"nothing fits", half, 3, ""},
      {"no columns", half, 0, ""},
      {"start", start, 60, "[               ]   0%  0 B of 100.0 MiB  3/1,200 files"},
      {"end", end, 80, "[====================] 100%  10.0 MiB/s  100.0 MiB of 100.0 MiB"},
      {"more than expected", over, 60,
       "[=============> ]  99%  10.0 MiB/s  130.0 MiB of 100.0 MiB"},
      {"one file", one_file, 60, "[==>            ]  25%  3 s left  1.0 MiB/s"},
      {"pipe", pipe, 80, "50.0 MiB  10.0 MiB/s"},
      {"narrow pipe", pipe, 10, "50.0 MiB"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string line = format_progress(row.view, row.columns);
    EXPECT_EQ(line, row.expected);
    EXPECT_LE(line.size(), row.columns);
  }
}

class Line : public testing::Test {
 protected:
  Progress progress_;
  DurationNs now_ = 5 * kSecond;
  std::vector<std::string> output_;
  ProgressLine line_{progress_, [this] { return now_; },
                     [this](std::string_view text) { output_.emplace_back(text); }};
};

TEST_F(Line, RedrawsAtMostTenTimesASecond) {
  for (int i = 0; i < 1000; ++i) {
    line_.update(80);
    now_ += kSecond / 1000;
  }
  EXPECT_EQ(output_.size(), 10u);
}

TEST_F(Line, ClearsOnceWhatItDrewAndOnlyThat) {
  line_.clear();
  EXPECT_EQ(output_.size(), 0u);
  line_.update(80);
  line_.clear();
  line_.clear();
  ASSERT_EQ(output_.size(), 2u);
  EXPECT_TRUE(output_[0].starts_with("\r"));
  EXPECT_EQ(output_[1], "\r\x1b[K");
}

TEST_F(Line, RateSettlesAndSurvivesAStandstill) {
  progress_.total_bytes = 1000 * kMiB;
  for (int i = 0; i < 100; ++i) {
    now_ += kSecond / 10;
    progress_.input_bytes += 2 * kMiB;
    line_.update(80);
  }
  EXPECT_NE(output_.back().find("20.0 MiB/s"), std::string::npos) << output_.back();
  EXPECT_NE(output_.back().find("40 s left"), std::string::npos) << output_.back();
  now_ += kSecond / 10;
  line_.update(80);
  EXPECT_NE(output_.back().find("19.3 MiB/s"), std::string::npos) << output_.back();
}

TEST(ProgressText, LeavesOutATimeThatIsOverWhenItIsRead) {
  ProgressView view{.bytes = 90 * kMiB, .total_bytes = 100 * kMiB, .bytes_per_second = 10.0 * kMiB};
  EXPECT_EQ(format_progress(view, 100).find("left"), std::string::npos);
  view.bytes = 50 * kMiB;
  EXPECT_NE(format_progress(view, 100).find("5 s left"), std::string::npos);
}

}  // namespace
}  // namespace davy::source
