// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/identity/login_source.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/detect/test_events.h"

namespace davy::detect {
namespace {

using testing::judge;
using testing::Judged;
using testing::kMidnight;
using testing::Login;
using testing::record_of;

Judged judge_logins(const std::vector<Login>& logins) {
  const auto detector = make_login_source(testing::test_intel());
  std::vector<testing::Record> records;
  for (const Login& login : logins)
    records.push_back(record_of(login));
  return judge(*detector, records);
}

TEST(LoginSource, ALoginFromAListedAddressWeighsAndAFailedOneHardly) {
  const Judged in = judge_logins({{kMidnight, "198.51.100.7"}});
  ASSERT_EQ(in.detections.size(), 1u);
  EXPECT_EQ(in.detections[0].weight, 1.4);
  EXPECT_EQ(in.detections[0].title, "Login as ubuntu from known malicious address 198.51.100.7");
  const Judged failed = judge_logins({{kMidnight, "198.51.100.7", "root", "web-1", false}});
  ASSERT_EQ(failed.detections.size(), 1u);
  EXPECT_EQ(failed.detections[0].weight, 0.2);
}

TEST(LoginSource, AnOrdinaryLoginIsContextAndAFailedOneNothing) {
  const Judged judged = judge_logins({{kMidnight, "203.0.113.9"},
                                      {kMidnight + kHour, "203.0.113.9"},
                                      {kMidnight, "203.0.113.10", "root", "web-1", false}});
  ASSERT_EQ(judged.detections.size(), 1u);
  EXPECT_EQ(judged.detections[0].weight, 0.02);
  EXPECT_EQ(judged.detections[0].count, 2u);
  EXPECT_EQ(judged.detections[0].end_time, kMidnight + kHour);
}

TEST(LoginSource, AFloodOfOrdinaryLoginsPushesNoListedAddressOut) {
  std::vector<Login> logins = {{kMidnight, "198.51.100.7"}};
  for (int i = 0; i < 21'000; ++i)
    logins.push_back({kMidnight, "203.0.113.9", "ubuntu", fmt::format("web-{}", i)});
  const Judged judged = judge_logins(logins);
  EXPECT_EQ(judged.detections.size(), 20'000u);
  EXPECT_EQ(judged.notes.size(), 1u);
  EXPECT_EQ(std::count_if(judged.detections.begin(), judged.detections.end(),
                          [](const Detection& d) { return d.weight == 1.4; }),
            1);
}

}  // namespace
}  // namespace davy::detect
