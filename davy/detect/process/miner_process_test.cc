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

TEST(MinerProcess, AnAddressOfACoinThatPeoplePayWithIsNoMiner) {
  const char* const kPaid[] = {"node deploy.js --owner 0x9c99d212F7e5daA18Ab50810E0Fd255D1f04303b",
                               "bitcoin-cli sendtoaddress 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb 1"};
  const auto judge_line = [](const std::string& line) {
    const auto detector = make_miner_process(testing::test_intel());
    testing::ProcessSeen seen;
    seen.path = "/opt/app/run";
    seen.command_line = line;
    return testing::judge(*detector, {testing::record_of(seen)});
  };
  for (const char* line : kPaid) {
    for (const Detection& one : judge_line(line).detections) {
      EXPECT_EQ(one.claim, Claim::kContext) << line;
      EXPECT_LE(one.weight, 0.8) << line;
    }
  }
  const auto mines = judge_line(
      "run -o stratum+tcp://pool.example:3333 -u 0x9c99d212F7e5daA18Ab50810E0Fd255D1f04303b");
  ASSERT_EQ(mines.detections.size(), 1u);
  EXPECT_EQ(mines.detections[0].claim, Claim::kConfirmed);
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

TEST(MinerProcess, APoolIsMinedAtByWhatHasTheGrammarOfAMiner) {
  struct Row {
    const char* path;
    const char* command_line;
    Claim claim;
    const char* title;
  };
  constexpr Row kRows[] = {
      {"/opt/kworker",
       "./kworker -o pool.example:3333 -u 47mr7jYTroxQMwdKoPQuJoc9Vs9S9qCUAL6Ek4qy"
       "NFWJdqgBZRn4RYY2QjQfqEMJZVWPscupSgaqmUn1dpdUTC4fQsu3yjN -p x",
       Claim::kConfirmed, "Miner process /opt/kworker"},
      {"/opt/notify.sh", "/opt/notify.sh stratum+tcp://pool.example:3333", Claim::kConsistent,
       "Program that was given a pool: /opt/notify.sh"},
      {"/bin/sh", "sh -c \"echo stratum+tcp://pool.example:3333\"", Claim::kContext,
       "Command that mentions a pool or wallet: /bin/sh"},
      {"/usr/bin/curl", "curl -d stratum+tcp://pool.example:3333 https://hooks.example/",
       Claim::kContext, "Command that mentions a pool or wallet: /usr/bin/curl"},
  };
  for (const Row& row : kRows) {
    const Judged judged = judge_processes({{kMidnight, row.path, "", row.command_line}});
    ASSERT_EQ(judged.detections.size(), 1u) << row.command_line;
    const Detection& detection = judged.detections[0];
    EXPECT_EQ(detection.claim, row.claim) << row.command_line;
    EXPECT_EQ(detection.title, row.title);
    EXPECT_LT(detection.weight, row.claim == Claim::kContext ? 1.5 : 4.0) << row.command_line;
  }
}

TEST(MinerProcess, ARunningProgramIsNotTitledAsACommandThatHandlesFiles) {
  const auto title_of = [](const char* path, const char* command_line) {
    const Judged judged = judge_processes({{kMidnight, path, "", command_line}});
    return judged.detections.empty() ? "" : judged.detections[0].title;
  };
  EXPECT_EQ(title_of("./kswapd0", "./kswapd0"),
            "Program that calls itself a kernel thread: ./kswapd0");
  EXPECT_EQ(title_of("/tmp/.systemd/dbus-daemon", ""),
            "Running program that looks like a miner: /tmp/.systemd/dbus-daemon");
  EXPECT_EQ(title_of("/opt/app", "/opt/app --donate-level 1"),
            "Running program that looks like a miner: /opt/app");
  EXPECT_EQ(title_of("/bin/chmod", "chmod +x /tmp/.systemd/x"),
            "Command that handles miner files: /bin/chmod");
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

/// One process of a listing that tells no file.
Judged judge_listed(const std::string& command_line, const std::string& user, uint64_t resident) {
  return judge_processes(
      {{kMidnight, "", "", command_line, "web-1", user, 398, 15 * kHour, resident}});
}

TEST(MinerProcess, AKernelThreadWithMemoryOrAnotherUserIsADisguise) {
  constexpr uint64_t kDataset = 2'420'000 * 1024ULL;
  for (const char* const name :
       {"[kworker/0:0]", "kworker/0:0", "[kworker]", "[kworker/u8:1-events]", "kworker/u8:1",
        "[kswapd0]", "kswapd0", "kworker", "[kthreadd]", "[ksoftirqd/0]", "/usr/bin/kworker/u8",
        "[migration/0]", "migration/0", "[watchdogd]", "[jbd2/sda1-8]"}) {
    const Judged loud = judge_listed(name, "www-data", kDataset);
    ASSERT_EQ(loud.detections.size(), 1u) << name;
    EXPECT_EQ(loud.detections[0].claim, Claim::kConsistent) << name;
    EXPECT_NEAR(loud.detections[0].weight, 2.8, 1e-9) << name;
    EXPECT_EQ(judge_listed(name, "root", kDataset).detections.size(), 1u) << name;
    EXPECT_EQ(judge_listed(name, "165536", kDataset).detections.size(), 1u) << name;
    EXPECT_EQ(judge_listed(name, "www-data", 0).detections.size(), 1u) << name;
  }
  EXPECT_TRUE(judge_listed("[kswapd0]", "www-data", kDataset)
                  .detections[0]
                  .title.starts_with("Program that calls itself a kernel thread:"));
}

TEST(MinerProcess, ARealKernelThreadIsNone) {
  for (const char* const name :
       {"[kworker/0:1-events]", "kworker/0:1", "[kswapd0]", "[migration/0]", "kthreadd"}) {
    // Root of another user namespace is a number or "nobody"; Falco does not know it.
    for (const char* const user :
         {"root", "0", "", "165536", "nobody", "<NA>", "unset", "unknown(165536)", "?"})
      EXPECT_TRUE(judge_listed(name, user, 0).detections.empty()) << name << " of " << user;
  }
}

TEST(MinerProcess, NamesSharedWithOtherSoftwareAreNoKernelThreads) {
  for (const char* const name : {"migration up", "migrations", "migration-service", "watchdogd -n",
                                 "[migration] <defunct>", "kworkers", "jbd2x", "cpuhp-tool"}) {
    EXPECT_TRUE(judge_listed(name, "app", 1 << 30).detections.empty()) << name;
  }
}

TEST(MinerProcess, ABenchmarkWithoutAPoolIsConsistentAtMost) {
  for (const char* const line :
       {"./xmrig --bench=1M", "./xmrig --stress", "./xmrig -t 4 -a rx/wow --bench 10M --submit",
        "nice ./xmrig --randomx-1gb-pages --bench=1M"}) {
    const Judged judged = judge_processes(
        {{kMidnight, "./xmrig", "", line, "web-1", "dev", 398, 15 * kHour, 3ULL << 30}});
    ASSERT_EQ(judged.detections.size(), 1u) << line;
    EXPECT_EQ(judged.detections[0].claim, Claim::kConsistent) << line;
    EXPECT_EQ(judged.detections[0].title, "Miner benchmark ./xmrig") << line;
    EXPECT_NEAR(judged.detections[0].weight, 1.0, 1e-9) << line;
    EXPECT_NEAR(judged.detections[0].confidence, 0.4, 1e-9) << line;
  }
  const Judged shell =
      judge_processes({{kMidnight, "/bin/sh", "", R"(sh -c "./xmrig --bench=1M")"}});
  ASSERT_EQ(shell.detections.size(), 1u);
  EXPECT_EQ(shell.detections[0].claim, Claim::kConsistent);
}

TEST(MinerProcess, TheBenchmarkOptionHidesNoMiner) {
  for (const char* const line :
       {"./xmrig --bench=1M -o 145.239.77.10:443", "./xmrig --bench=1M -o145.239.77.10:443",
        "./xmrig --bench=1M -ko 145.239.77.10:443", "./xmrig --bench=1M --url=pool.example:3333",
        "./xmrig --bench=1M --ur pool.example:3333", "./xmrig --stress -c /tmp/c.json",
        "./xmrig --bench=1M --config=/tmp/c.json", "./xmrig --bench=1M -u someone",
        "./xmrig --bench=1M stratum+tcp://pool.example:3333", "./xmrig -- --bench=1M",
        "./xmrig -p --bench=1M", "./xmrig --pass --bench=1M", "./xmrig -p 'x --bench=1M'",
        "./xmrig --bench=1M; ./xmrig -B", "sh -c './xmrig --bench=1M; ./xmrig -B'",
        "./xmrig --bench=1M --user "
        "47mr7jYTroxQMwdKoPQuJoc9Vs9S9qCUAL6Ek4qyNFWJdqgBZRn4RYY2QjQfqEMJZVWPscupSgaqmUn1dpdUTC4fQ"
        "su3yjN"}) {
    const Judged judged = judge_processes({{kMidnight, "./xmrig", "", line}});
    ASSERT_EQ(judged.detections.size(), 1u) << line;
    EXPECT_EQ(judged.detections[0].claim, Claim::kConfirmed) << line;
  }
  // The same executable mines besides, whatever is read first.
  const ProcessSeen bench{kMidnight, "/opt/xmrig", "", "/opt/xmrig --bench=1M"};
  const ProcessSeen mines{kMidnight + kMinute, "/opt/xmrig", "", "/opt/xmrig -o 145.239.77.10:443"};
  for (const auto& seen : {std::vector{bench, mines}, std::vector{mines, bench}}) {
    const Judged judged = judge_processes(seen);
    ASSERT_EQ(judged.detections.size(), 1u);
    EXPECT_EQ(judged.detections[0].claim, Claim::kConfirmed);
    EXPECT_EQ(judged.detections[0].title, "Miner process /opt/xmrig");
  }
}

}  // namespace
}  // namespace davy::detect
