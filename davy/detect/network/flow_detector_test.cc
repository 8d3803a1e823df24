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

}  // namespace
}  // namespace davy::detect
