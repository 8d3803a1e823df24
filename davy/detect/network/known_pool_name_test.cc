// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/known_pool_name.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/detect/test_events.h"

namespace davy::detect {
namespace {

using testing::judge;
using testing::Judged;
using testing::kMidnight;
using testing::Query;
using testing::record_of;

Judged judge_queries(const std::vector<Query>& queries) {
  const auto detector = make_known_pool_name(testing::test_intel());
  std::vector<testing::Record> records;
  for (const Query& query : queries)
    records.push_back(record_of(query));
  return judge(*detector, records);
}

TEST(KnownPoolName, NamesOfAPoolAreConfirmedAndLookAlikesAreNothing) {
  const Judged judged = judge_queries({{kMidnight, "pool.supportxmr.com"},
                                       {kMidnight + kMinute, "pool.supportxmr.com"},
                                       {kMidnight + kHour, "pool.supportxmr.com"},
                                       {kMidnight, "notsupportxmr.com"},
                                       {kMidnight, "supportxmr.com.example"}});
  ASSERT_EQ(judged.detections.size(), 1u);
  EXPECT_EQ(judged.detections[0].claim, Claim::kConfirmed);
  EXPECT_EQ(judged.detections[0].weight, 3.0);
  EXPECT_EQ(judged.detections[0].count, 3u);
}

TEST(KnownPoolName, WhatMailServersAskIsNothing) {
  std::vector<Query> queries;
  for (int i = 0; i < 5; ++i) {
    queries.push_back({kMidnight + i * kMinute, "_dmarc.supportxmr.com"});
    queries.push_back({kMidnight + i * kMinute, "s1._domainkey.supportxmr.com"});
    queries.push_back({kMidnight + i * kMinute, "supportxmr.com"});
    queries.back().type = "MX";
  }
  EXPECT_TRUE(judge_queries(queries).detections.empty());
}

TEST(KnownPoolName, OneAnswerShowsNoConnection) {
  std::vector<Query> queries;
  for (const char* id : {"A", "AAAA", "HTTPS", "again"})
    queries.push_back({kMidnight, "pool.supportxmr.com", "i-1", false, id, "NOERROR"});
  const Judged once = judge_queries(queries);
  ASSERT_EQ(once.detections.size(), 1u);
  EXPECT_EQ(once.detections[0].claim, Claim::kConsistent);
  EXPECT_EQ(once.detections[0].weight, 3.0);
}

TEST(KnownPoolName, WithoutAnAnswerItIsAnAttempt) {
  for (const char* code : {"NXDOMAIN", "SERVFAIL", "REFUSED", "nxdomain"}) {
    std::vector<Query> queries;
    for (int i = 0; i < 5; ++i)
      queries.push_back({kMidnight + i * kHour, "pool.supportxmr.com", "i-1", false, "", code});
    const Judged failed = judge_queries(queries);
    ASSERT_EQ(failed.detections.size(), 1u);
    EXPECT_EQ(failed.detections[0].claim, Claim::kAttempt) << code;
    EXPECT_EQ(failed.detections[0].detail.find("firewall"), std::string::npos);
    // The answer of one pool says nothing of another.
    queries.push_back({kMidnight, "www.hashvault.pro", "i-1", false, "", "NOERROR"});
    EXPECT_EQ(judge_queries(queries).detections[0].claim, Claim::kAttempt) << code;
    queries.push_back({kMidnight, "pool.supportxmr.com", "i-1", false, "", "NOERROR"});
    EXPECT_EQ(judge_queries(queries).detections[0].claim, Claim::kConsistent) << code;
  }
}

TEST(KnownPoolName, PagesAndInterfacesOfAPoolAreNoService) {
  std::vector<Query> queries;
  for (int i = 0; i < 300; ++i) {
    queries.push_back({kMidnight + i * kMinute, "api.supportxmr.com"});
    queries.push_back({kMidnight + i * kMinute, "Docs.supportxmr.com"});
  }
  const Judged judged = judge_queries(queries);
  ASSERT_EQ(judged.detections.size(), 1u);
  EXPECT_EQ(judged.detections[0].claim, Claim::kContext);
  EXPECT_EQ(judged.detections[0].weight, 0.5);
  queries.push_back({kMidnight, "api-eu.supportxmr.com"});
  EXPECT_EQ(judge_queries(queries).detections[0].claim, Claim::kConsistent);
}

TEST(KnownPoolName, WhatAsksForAPageFromHourToHourIsNoReader) {
  std::vector<Query> queries;
  for (int hour = 0; hour < 5; ++hour)
    queries.push_back({kMidnight + hour * kHour, "www.supportxmr.com"});
  EXPECT_EQ(judge_queries(queries).detections[0].claim, Claim::kContext);
  std::vector<Query> unanswered = queries;
  unanswered.push_back({kMidnight + 5 * kHour, "www.supportxmr.com", "i-1", false, "", "NXDOMAIN"});
  EXPECT_EQ(judge_queries(unanswered).detections[0].claim, Claim::kContext);
  queries.push_back({kMidnight + 5 * kHour, "www.supportxmr.com"});
  const Judged steady = judge_queries(queries);
  EXPECT_EQ(steady.detections[0].claim, Claim::kConfirmed);
  EXPECT_EQ(steady.detections[0].weight, 3.0);
}

TEST(KnownPoolName, OnlyTheLabelBelowTheIndicatorNamesAPage) {
  const Judged judged = judge_queries({{kMidnight, "mail.eu.supportxmr.com"}});
  ASSERT_EQ(judged.detections.size(), 1u);
  EXPECT_EQ(judged.detections[0].claim, Claim::kConsistent);
}

TEST(KnownPoolName, AllBlockedIsAnAttempt) {
  const Judged judged =
      judge_queries({{kMidnight, "pool.supportxmr.com", "i-1", true, "a"},
                     {kMidnight + kMinute, "pool.supportxmr.com", "i-1", true, "b"}});
  ASSERT_EQ(judged.detections.size(), 1u);
  EXPECT_EQ(judged.detections[0].claim, Claim::kAttempt);
}

TEST(KnownPoolName, ALookAtAWebPageIsAPerson) {
  std::vector<Query> queries = {{kMidnight, "supportxmr.com", "i-1", false, "A"},
                                {kMidnight, "supportxmr.com", "i-1", false, "AAAA"},
                                {kMidnight, "www.supportxmr.com", "i-1", false, "A"},
                                {kMidnight, "www.supportxmr.com", "i-1", false, "AAAA"}};
  const Judged page = judge_queries(queries);
  ASSERT_EQ(page.detections.size(), 1u);
  EXPECT_EQ(page.detections[0].weight, 0.5);
  EXPECT_EQ(page.detections[0].claim, Claim::kContext);
  EXPECT_EQ(page.detections[0].indicators[0].role, IndicatorRole::kRemoteHost);
  queries.push_back({kMidnight + kHour, "supportxmr.com", "i-1", false, "A"});
  EXPECT_EQ(judge_queries(queries).detections[0].weight, 3.0);
}

TEST(KnownPoolName, AFloodOfSubDomainsIsCountedAndListedInPart) {
  std::vector<Query> queries;
  for (int i = 0; i < 5000; ++i)
    queries.push_back({kMidnight + i * kSecond, fmt::format("n{}.supportxmr.com", i)});
  const Judged judged = judge_queries(queries);
  ASSERT_EQ(judged.detections.size(), 1u);
  const Detection& detection = judged.detections[0];
  EXPECT_EQ(detection.indicators.size(), 20u);
  EXPECT_LE(detection.entities.size(), 25u);
  EXPECT_NEAR(static_cast<double>(detection.count), 5000, 1250);  // four standard errors
  EXPECT_NE(detection.title.find(" more"), std::string::npos) << detection.title;
}

}  // namespace
}  // namespace davy::detect
