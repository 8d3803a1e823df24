// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/process/miner_process.h"

#include <gtest/gtest.h>

#include "davy/detect/test_events.h"

namespace davy::detect {
namespace {

using testing::judge;
using testing::Judged;
using testing::kMidnight;
using testing::ProcessSeen;
using testing::record_of;

Judged judge_processes(const std::vector<ProcessSeen>& seen) {
  const auto detector = make_miner_process(testing::test_intel());
  std::vector<testing::Record> records;
  for (const ProcessSeen& one : seen)
    records.push_back(record_of(one));
  return judge(*detector, records);
}

TEST(MinerProcess, ANameAloneIsReadWhateverWasReadBefore) {
  const ProcessSeen shell{kMidnight, "", "bash"};
  const ProcessSeen miner{kMidnight + kMinute, "", "xmrig"};
  for (const auto& seen : {std::vector{shell, miner}, std::vector{miner, shell}}) {
    const Judged judged = judge_processes(seen);
    ASSERT_EQ(judged.detections.size(), 1u);
    EXPECT_EQ(judged.detections[0].title, "Miner process xmrig");
    EXPECT_EQ(judged.detections[0].time, miner.time);
  }
}

TEST(MinerProcess, OneExecutableOnOneHostIsOneDetection) {
  const Judged judged = judge_processes({
      {kMidnight, "/opt/xmrig", "", "/opt/xmrig -o stratum+tcp://pool.example:3333"},
      {kMidnight + kHour, "/opt/xmrig", "", "/opt/xmrig -o stratum+tcp://pool.example:3333"},
      {kMidnight, "/opt/xmrig", "", "/opt/xmrig", "web-2"},
  });
  ASSERT_EQ(judged.detections.size(), 2u);
  EXPECT_EQ(judged.detections[0].claim, Claim::kConfirmed);
  EXPECT_EQ(judged.detections[0].count + judged.detections[1].count, 3u);
}

TEST(MinerProcess, ARecordWithoutATimeDoesNotHideTheTimeOfOthers) {
  const Judged judged = judge_processes({{Time{}, "/opt/xmrig"}, {kMidnight, "/opt/xmrig"}});
  ASSERT_EQ(judged.detections.size(), 1u);
  EXPECT_EQ(judged.detections[0].time, kMidnight);
  EXPECT_EQ(judged.detections[0].count, 2u);
}

TEST(MinerProcess, LoadAddsToADisguiseAndStaysConsistent) {
  constexpr uint64_t kGiB = 1ULL << 30;
  const auto weight_of = [](const std::string& path, double percent, DurationNs time,
                            uint64_t resident) {
    const Judged judged =
        judge_processes({{kMidnight, path, "", path, "web-1", "root", percent, time, resident}});
    EXPECT_EQ(judged.detections.size(), 1u) << path;
    EXPECT_EQ(judged.detections[0].claim, Claim::kConsistent) << path;
    return judged.detections[0].weight;
  };
  const std::string disguise = "/tmp/.systemd/dbus-daemon";
  const double bare = weight_of(disguise, -1, 0, 0);
  EXPECT_EQ(weight_of(disguise, 3, 20 * kHour, 3 * kGiB), bare);
  EXPECT_NEAR(weight_of(disguise, 398, kMinute, 0), bare + 0.5, 1e-9);
  EXPECT_NEAR(weight_of(disguise, 398, 15 * kHour, 0), bare + 0.8, 1e-9);
  EXPECT_NEAR(weight_of(disguise, 398, 15 * kHour, 2300000 * 1024ULL), bare + 1.0, 1e-9);
  // Numerical software stages programs in shared memory, and is busy.
  EXPECT_EQ(weight_of("/dev/shm/solver", 800, 20 * kHour, 30 * kGiB),
            weight_of("/dev/shm/solver", -1, 0, 0));
}

}  // namespace
}  // namespace davy::detect
