// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_detector.h"

#include "davy/detect/network/flow_test_records.h"
#include "davy/impact/price_table.h"
#include "davy/summary/entity_links.h"

namespace davy::detect {
namespace {

TEST(FlowDetectorTest, ReadsPortsAndAddressesFromTheIndicatorLists) {
  const std::vector<std::pair<std::string, std::string>> lists = {
      {"pools.csv",
       "kind,value,family,confidence,source,date\n"
       "ip,45.76.1.2,examplepool,high,test,2026-11-01\n"
       "ip-port,45.76.1.3:443,tlspool,high,test,2026-11-01\n"
       "port,3333,stratum,low,test,2026-11-01\n"}};
  Diagnostics diagnostics;
  const intel::Intel intel = intel::Intel::load(lists, diagnostics);
  ASSERT_FALSE(has_errors(diagnostics)) << to_text(diagnostics[0]);

  FlowDetector first(intel);
  FlowDetector second(intel);
  const auto feed = [](FlowDetector& detector, std::string remote, uint16_t port) {
    FlowRecord like;
    like.remote = std::move(remote);
    like.remote_port = port;
    for (const FlowRecord& record : session({{400, 4, 900, 4}}, like))
      observe(detector, record);
  };
  feed(first, "45.76.1.2", 8443);
  feed(second, "45.76.1.3", 443);
  feed(second, "45.76.1.3", 80);
  feed(second, "45.76.1.4", 3333);
  first.merge(second);

  std::vector<std::string> notes;
  std::vector<Detection> detections;
  Diagnostics ignored;
  const auto prices = impact::PriceTable::load("", "", "", ignored);
  const summary::EntityLinks links;
  first.judge({intel, links, prices, notes}, detections);
  std::vector<std::string> found;
  for (const Detection& d : detections) {
    found.push_back(d.detector + ' ' + std::string(claim_name(d.claim)));
  }
  EXPECT_EQ(found, (std::vector<std::string>{"known_pool_address mining confirmed",
                                             "known_pool_address mining confirmed",
                                             "mining_port context"}));
  EXPECT_TRUE(notes.empty());
}

// An intruder launches many at once; were they a crowd, the pool would pass for infrastructure.
TEST(FlowDetectorTest, MachinesOfOneLaunchAreNoCrowd) {
  FlowSummary summary(test_interest());
  for (int host = 1; host <= 10; ++host) {
    FlowRecord like;
    like.remote_port = 443;
    like.local = "10.0.0." + std::to_string(host);
    like.instance = "i-" + std::to_string(host);
    for (const FlowRecord& record : session(mining_minutes(60, static_cast<unsigned>(host)), like))
      observe(summary, record);
  }
  const auto sessions = [&](const std::string& launch) {
    FlowLookups lookups = test_lookups();
    lookups.launch = [&](const FlowService&) { return launch; };
    Judged judged;
    judge_flows(summary, test_interest(), lookups, judged.notes, judged.detections);
    return judged.of("stratum_envelope").size();
  };
  EXPECT_EQ(sessions("event-1"), 10u);
  EXPECT_EQ(sessions(""), 0u);
}

}  // namespace
}  // namespace davy::detect
