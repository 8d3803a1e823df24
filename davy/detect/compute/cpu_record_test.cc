// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/compute/cpu_record.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "davy/base/text.h"
#include "davy/detect/compute/cpu_plateau.h"
#include "davy/detect/compute/cpu_test_load.h"

namespace davy::detect {
namespace {

double highest(std::span<const CpuSample> samples, size_t from, size_t to) {
  const std::vector<double> scores = record_scores(samples);
  double highest = 0;
  for (size_t i = from; i < to; ++i)
    highest = std::max(highest, scores[i]);
  return highest;
}

TEST(RecordScoresTest, EmptyConstantAndShortSeriesScoreNothing) {
  EXPECT_TRUE(record_scores({}).empty());
  const auto constant = draw(0, 100, [](double) { return Load{50, 0}; });
  EXPECT_EQ(highest(constant, 0, constant.size()), 0);
  const auto brief = draw(0, 20, then_mines(quiet, 19, 98));
  EXPECT_EQ(highest(brief, 0, brief.size()), 0);
}

TEST(RecordScoresTest, WhatWasNeverSeenBreaksTheRecordAtOnce) {
  const auto samples = draw(0, 240, [](double h) { return h >= 200 ? Load{80, 3} : quiet(h); });
  EXPECT_GT(highest(samples, 200 * 12, 200 * 12 + 2), 3);
  EXPECT_LT(highest(samples, 150 * 12, 200 * 12), kRecordAlarm);
}

TEST(RecordScoresTest, WhatWasSeenYesterdayDoesNot) {
  const auto samples = draw(0, 24 * 9, training);
  EXPECT_LT(highest(samples, 24 * 12 * 3, samples.size()), kRecordAlarm);
}

TEST(RecordScoresTest, AnOpenAlarmTeachesLittle) {
  // A rise to 60 % that stays, then one to 95 %: the first has not made the second ordinary.
  const auto samples = draw(0, 210, [](double h) {
    if (h < 200) return quiet(h);
    return h < 200.5 ? Load{60, 1} : Load{95, 1};
  });
  EXPECT_GT(highest(samples, static_cast<size_t>(200.5 * 12), samples.size()), 2);
}

TEST(RecordAlarmsTest, GapsOfAnHourJoin) {
  const auto samples = draw(0, 5, idle);
  std::vector<double> scores(samples.size(), 0);
  scores[3] = 1.3;
  scores[15] = 1.9;
  scores[29] = kRecordAlarm;
  scores[50] = kRecordAlarm - 0.01;
  const auto alarms = record_alarms(samples, scores);
  ASSERT_EQ(alarms.size(), 2u);
  EXPECT_EQ(alarms[0].first, 3u);
  EXPECT_EQ(alarms[0].last, 15u);
  EXPECT_EQ(alarms[0].peak, 15u);
  EXPECT_DOUBLE_EQ(alarms[0].score, 1.9);
  EXPECT_EQ(alarms[1].first, 29u);
}

// Real servers -----------------------------------------------------------------------------------

struct Window {
  Time from;
  Time to;
};

struct Outcome {
  size_t windows = 0;
  size_t found = 0;
  size_t false_alarms = 0;
  size_t plateaus = 0;
  double days = 0;
};

class RealServersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = DAVY_SOURCE_DIR "/../shared/samples/cloudwatch/nab";
    if (!std::filesystem::is_directory(folder_)) {
      GTEST_SKIP() << "no copy of the NAB series beside the source tree";
    }
    std::ifstream file(folder_ / "dev_windows.json");
    labels_ = nlohmann::json::parse(file);
  }

  static std::vector<CpuSample> read(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::vector<CpuSample> samples;
    for (std::string line; std::getline(file, line);) {
      const auto cells = split(line, ',');
      const auto time = parse_rfc3339(cells[0]);
      if (!time) continue;  // the header
      const int64_t slot = bucket_start(*time, kCpuSlot).ns / kCpuSlot;
      const CpuSample sample{slot, parse_number(cells[1]).value()};
      if (samples.empty() || samples.back().slot < slot) samples.push_back(sample);
    }
    return samples;
  }

  /// An alarm counts for every labelled window it touches; one that touches none is false.
  static Outcome score(const std::vector<CpuSample>& samples, const std::vector<Window>& windows) {
    Outcome outcome;
    outcome.days =
        static_cast<double>(samples.back().slot - samples.front().slot) / kCpuSlotsPerDay;
    outcome.windows = windows.size();
    outcome.plateaus = find_plateaus(samples).size();
    std::vector<bool> found(windows.size());
    for (const RecordAlarm& alarm : record_alarms(samples, record_scores(samples))) {
      bool labelled = false;
      for (size_t i = 0; i < windows.size(); ++i) {
        const bool touches = start_of(samples[alarm.first]) <= windows[i].to &&
                             start_of(samples[alarm.last]) >= windows[i].from;
        if (touches) found[i] = labelled = true;
      }
      if (!labelled) ++outcome.false_alarms;
    }
    outcome.found = static_cast<size_t>(std::count(found.begin(), found.end(), true));
    return outcome;
  }

  std::filesystem::path folder_;
  nlohmann::json labels_;
};

TEST_F(RealServersTest, RecordsFindLabelledWindows) {
  Outcome all;
  for (const auto& [label, windows_json] : labels_.items()) {
    std::string name = label;
    std::replace(name.begin(), name.end(), '/', '_');
    std::vector<Window> windows;
    for (const auto& pair : windows_json) {
      windows.push_back({parse_rfc3339(pair[0].get<std::string>()).value(),
                         parse_rfc3339(pair[1].get<std::string>()).value()});
    }
    const auto samples = read(folder_ / name);
    ASSERT_GT(samples.size(), 4000u) << name;
    const Outcome one = score(samples, windows);
    std::cout << fmt::format("{:<55} windows {}/{}  false alarms {} in {:.1f} days\n", name,
                             one.found, one.windows, one.false_alarms, one.days);
    all.windows += one.windows;
    all.found += one.found;
    all.false_alarms += one.false_alarms;
    all.days += one.days;
    all.plateaus += name.find("cpu") == std::string::npos ? 0 : one.plateaus;
  }
  std::cout << fmt::format(
      "record-ratio: {}/{} windows, {:.1f} false alarms per 100 days; plateaus on the CPU series: "
      "{}\n",
      all.found, all.windows, 100.0 * static_cast<double>(all.false_alarms) / all.days,
      all.plateaus);
  EXPECT_EQ(all.windows, 4u);
  EXPECT_EQ(all.found, 4u);
  EXPECT_LE(all.false_alarms, 5u);
  EXPECT_EQ(all.plateaus, 0u);
}

TEST_F(RealServersTest, InjectedMinersAreFoundUnlessTheServerIsBusierThanThey) {
  const struct {
    double level;
    size_t at_least;  ///< of 30
  } kCases[] = {{98, 24}, {75, 20}, {52, 20}};
  for (const auto& c : kCases) {
    size_t found = 0;
    size_t tried = 0;
    for (const char* id : {"24ae8d", "77c1ca", "c6585a"}) {
      const auto real =
          read(folder_ / fmt::format("realAWSCloudwatch_ec2_cpu_utilization_{}.csv", id));
      for (size_t trial = 0; trial < 10; ++trial) {
        const size_t begin = 900 + trial * 290;  // six hours, each at another time of day
        auto samples = real;
        const auto mining =
            draw(0, 6, [&](double) { return Load{c.level, 1.4}; }, static_cast<unsigned>(trial));
        for (size_t i = 0; i < mining.size(); ++i)
          samples[begin + i].percent = mining[i].percent;
        const auto plateaus = find_plateaus(samples);
        ++tried;
        found += std::any_of(plateaus.begin(), plateaus.end(), [&](const Plateau& plateau) {
          return plateau.first <= start_of(samples[begin + 6]) &&
                 plateau.end >= start_of(samples[begin + 66]);
        });
      }
    }
    std::cout << fmt::format("plateau: a miner at {} % found in {} of {} trials\n", c.level, found,
                             tried);
    EXPECT_EQ(tried, 30u);
    EXPECT_GE(found, c.at_least) << c.level;
  }
}

}  // namespace
}  // namespace davy::detect
