// SPDX-License-Identifier: Apache-2.0
// Correlations of the shipped rules over logs that name no credential, through the whole scan.
#include <algorithm>

#include "tests/harness/estate_folder.h"
#include <gtest/gtest.h>

namespace davy::tests {
namespace {

using event::Entity;
using event::EntityType;

bool names(const std::vector<Entity>& entities, EntityType type, std::string_view id) {
  return std::count(entities.begin(), entities.end(), Entity{type, std::string(id)}) == 1;
}

/// The rule groups by interface, address and port; what joins is the address in its network, which
/// the name server's log says too.
TEST(Correlation, OverFlowsJoinsTheIncidentOfTheMachineThatAskedForAPool) {
  const TestFolder folder;
  folder.write("flows.log",
               "version account-id interface-id vpc-id srcaddr dstaddr srcport dstport protocol "
               "packets bytes start end action log-status tcp-flags\n"
               "2 111122223333 eni-0a1b2c3d4e5f60718 vpc-0a1b2c3d 10.0.1.20 8.8.4.4 41000 3333 6 9 "
               "810 1772632800 1772632860 ACCEPT OK 3\n"
               "2 111122223333 eni-0a1b2c3d4e5f60718 vpc-0a1b2c3d 10.0.1.20 8.8.8.8 41002 3333 6 "
               "12 1080 1772632920 1772632980 ACCEPT OK 3\n");
  folder.write("names.log",
               R"({"version":"1.100000","account_id":"111122223333","region":"us-east-1",)"
               R"("vpc_id":"vpc-0a1b2c3d","query_timestamp":"2026-03-04T14:00:00Z",)"
               R"("query_name":"pool.supportxmr.com.","query_type":"A","query_class":"IN",)"
               R"("rcode":"NOERROR","answers":[],"srcaddr":"10.0.1.20","srcport":"41001",)"
               R"("transport":"UDP","srcids":{"instance":"i-0a1b2c3d4e5f60718"}})"
               "\n");
  source::Progress progress;
  const report::ScanReport report =
      pipeline::scan({folder.path()}, built_in_knowledge(), {1, {}}, progress);
  const auto found =
      std::find_if(report.detections.begin(), report.detections.end(), [](const auto& detection) {
        return detection.title == "One machine talks on a mining port with two remotes";
      });
  ASSERT_NE(found, report.detections.end());
  EXPECT_TRUE(names(found->entities, EntityType::kInterface, "eni-0a1b2c3d4e5f60718"));
  EXPECT_TRUE(names(found->entities, EntityType::kAddress, "vpc-0a1b2c3d/10.0.1.20"));
  EXPECT_TRUE(names(found->entities, EntityType::kRemoteAddress, "8.8.8.8:3333"));
  ASSERT_EQ(report.incidents.size(), 1u);
  const std::vector<std::string>& members = report.incidents[0].detections;
  EXPECT_EQ(std::count(members.begin(), members.end(), found->id), 1);
}

}  // namespace
}  // namespace davy::tests
