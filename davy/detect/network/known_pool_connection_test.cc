// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/known_pool_connection.h"

#include <gtest/gtest.h>

#include "davy/detect/test_events.h"

namespace davy::detect {
namespace {

using testing::Connected;
using Outcome = event::Connection::Outcome;

testing::Judged judge_connections(const std::vector<Connected>& connections) {
  const auto detector = make_known_pool_connection(testing::test_intel());
  std::vector<testing::Record> records;
  for (const Connected& connected : connections)
    records.push_back(testing::record_of(connected));
  return testing::judge(*detector, records);
}

Connected named(std::string name, uint16_t port, Outcome outcome, Time time = testing::kMidnight) {
  return {time, "203.0.113.50", port, outcome, "/usr/bin/curl", std::move(name)};
}

TEST(KnownPoolConnection, OneThatStoodOnAMiningPortConfirms) {
  const auto judged = judge_connections({Connected{}});
  ASSERT_EQ(judged.detections.size(), 1u);
  const Detection& found = judged.detections[0];
  EXPECT_EQ(found.claim, Claim::kConfirmed);
  EXPECT_EQ(found.weight, 3.0);
  EXPECT_EQ(found.title, "/tmp/.x/kthread connects to known mining pool 198.51.100.7:3333 (pool)");
  EXPECT_EQ(found.indicators,
            (std::vector<Indicator>{{IndicatorType::kIp, "198.51.100.7", IndicatorRole::kPool}}));
  EXPECT_NE(std::find(found.entities.begin(), found.entities.end(),
                      event::Entity{event::EntityType::kRemoteAddress, "198.51.100.7:3333"}),
            found.entities.end());
}

TEST(KnownPoolConnection, WhatMightNotStandIsConsistentAndWhatFailedIsAnAttempt) {
  std::vector<Connected> tries;
  for (int i = 0; i < 10; ++i) {
    tries.push_back({testing::kMidnight + i * kMinute});
    tries.back().outcome = Outcome::kUnknown;
  }
  EXPECT_EQ(judge_connections(tries).detections.at(0).claim, Claim::kConsistent);
  for (Connected& one : tries)
    one.outcome = Outcome::kFailed;
  const auto failed = judge_connections(tries);
  EXPECT_EQ(failed.detections.at(0).claim, Claim::kAttempt);
  EXPECT_EQ(failed.detections[0].weight, 1.0);
  EXPECT_NE(failed.detections[0].title.find("fails to connect to"), std::string::npos);
}

TEST(KnownPoolConnection, OnAPortOfOthersItTakesSeveralMinutes) {
  std::vector<Connected> tries;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(i == 0 ? Claim::kConsistent : judge_connections(tries).detections.at(0).claim,
              Claim::kConsistent);
    tries.push_back({testing::kMidnight + i * kMinute, "198.51.100.7", 443});
  }
  EXPECT_EQ(judge_connections(tries).detections.at(0).claim, Claim::kConfirmed);
}

TEST(KnownPoolConnection, PagesOfAPoolAreLookedAt) {
  for (const char* page : {"www.supportxmr.com", "supportxmr.com"}) {
    for (Outcome outcome : {Outcome::kEstablished, Outcome::kUnknown, Outcome::kFailed}) {
      const auto judged = judge_connections({named(page, 443, outcome)});
      EXPECT_EQ(judged.detections.at(0).claim, Claim::kContext) << page;
    }
  }
  const auto pool = judge_connections({named("pool.supportxmr.com", 443, Outcome::kUnknown)});
  EXPECT_EQ(pool.detections.at(0).claim, Claim::kConsistent);
  EXPECT_NE(pool.detections[0].title.find("pool.supportxmr.com"), std::string::npos);
  // A row that is one host is what miners connect to, on whatever port.
  const auto host = judge_connections({named("donate.v2.example.org", 443, Outcome::kUnknown)});
  EXPECT_EQ(host.detections.at(0).claim, Claim::kConsistent);
}

TEST(KnownPoolConnection, WhatCallsAPageFromHourToHourIsNoReader) {
  std::vector<Connected> looks;
  for (int hour = 0; hour < 6; ++hour) {
    if (hour > 0) {
      EXPECT_EQ(judge_connections(looks).detections.at(0).claim, Claim::kContext) << hour;
    }
    looks.push_back(
        named("supportxmr.com", 443, Outcome::kEstablished, testing::kMidnight + hour * kHour));
  }
  EXPECT_EQ(judge_connections(looks).detections.at(0).claim, Claim::kConsistent);
}

TEST(KnownPoolConnection, LooksAndFailuresLendNothingToEachOther) {
  std::vector<Connected> mixed;
  for (int i = 0; i < 3; ++i)
    mixed.push_back(
        named("www.supportxmr.com", 443, Outcome::kEstablished, testing::kMidnight + i * kMinute));
  Connected refused = named("pool.supportxmr.com", 3333, Outcome::kFailed);
  refused.program = "/tmp/.x/kthread";
  mixed.push_back(refused);
  const auto judged = judge_connections(mixed);
  EXPECT_EQ(judged.detections.at(0).claim, Claim::kAttempt);
  EXPECT_EQ(judged.detections[0].title,
            "/tmp/.x/kthread fails to connect to known mining pool pool.supportxmr.com "
            "(supportxmr)");
}

TEST(KnownPoolConnection, ANameForAnAddressThatManyShareIsAGuess) {
  Connected cdn = named("pool.supportxmr.com", 3333, Outcome::kEstablished);
  cdn.ip = "104.16.1.1";
  EXPECT_TRUE(judge_connections({cdn}).detections.empty());
}

TEST(KnownPoolConnection, WhatIsNotListedIsNothing) {
  EXPECT_TRUE(judge_connections({named("notsupportxmr.com", 3333, Outcome::kEstablished),
                                 Connected{testing::kMidnight, "203.0.113.9"}})
                  .detections.empty());
}

TEST(KnownPoolConnection, HostsAndPoolsAreToldApart) {
  Connected elsewhere;
  elsewhere.host = "web-2";
  EXPECT_EQ(judge_connections(
                {Connected{}, elsewhere, named("pool.supportxmr.com", 3333, Outcome::kEstablished)})
                .detections.size(),
            3u);
}

}  // namespace
}  // namespace davy::detect
