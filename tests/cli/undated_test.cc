// SPDX-License-Identifier: Apache-2.0
// A process listing has no times: no report may make one up.
#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include <gtest/gtest.h>

namespace davy::tests {
namespace {

constexpr const char* kListing =
    "USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n"
    "root         1  0.0  0.1 168936 11600 ?        Ss   Nov20   0:07 /sbin/init\n"
    "www-data  3312  389  1.2 2459332 12345 ?       Ssl  03:10 812:33 ./kswapd0 "
    "-o pool.supportxmr.com:443 --donate-level 1 -p x --tls\n";

TEST(Undated, NoReportInventsATime) {
  const TestFolder folder;
  const std::string log = folder.write("ps.txt", kListing);
  for (const char* output : {"text", "json", "jsonl", "markdown", "html", "ir"}) {
    const Ran ran = run_davy({"scan", log, "-o", output});
    EXPECT_NE(ran.out.find("kswapd0"), std::string::npos) << output;
    EXPECT_EQ(ran.out.find("1970"), std::string::npos) << output;
    EXPECT_EQ(ran.out.find("00:00"), std::string::npos) << output;
  }
  const std::string report = run_davy({"scan", log, "-o", "ir"}).out;
  EXPECT_NE(report.find("  undated\n  [--:--] process: Miner"), std::string::npos) << report;
}

}  // namespace
}  // namespace davy::tests
