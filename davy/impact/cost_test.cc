// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/cost.h"

#include <gtest/gtest.h>

namespace davy::impact {
namespace {

PriceTable table() {
  Diagnostics diagnostics;
  return PriceTable::load(
      "# date: "
      "2026-07-20\ntype,vcpus,gpus,memory_gib,usd_per_hour_us_east_1\np3.2xlarge,8,1,61,3.06\n",
      "region,factor\neu-west-1,1.08\n", diagnostics);
}

TEST(PriceTable, PricesByTypeAndRegion) {
  const PriceTable prices = table();
  EXPECT_DOUBLE_EQ(prices.usd_per_hour("p3.2xlarge", "us-east-1"), 3.06);
  EXPECT_DOUBLE_EQ(prices.usd_per_hour("p3.2xlarge", "eu-west-1"), 3.06 * 1.08);
  EXPECT_DOUBLE_EQ(prices.usd_per_hour("z9.mega", "us-east-1"), 0);
  EXPECT_EQ(prices.date(), "2026-07-20");
}

TEST(PriceTable, ReportsBadRowsAndKeepsTheRest) {
  Diagnostics diagnostics;
  const PriceTable prices =
      PriceTable::load("h\na,1,0,1,free\nb,1,0,1,2\n", "h\nx,much\n", diagnostics);
  EXPECT_EQ(diagnostics.size(), 2u);
  EXPECT_EQ(diagnostics[0].line, 2);
  EXPECT_DOUBLE_EQ(prices.usd_per_hour("b", "us-east-1"), 2);
}

TEST(Cost, CountsHoursToTheEndOrToTheLastEventAndStopsTheMeterOfEndedMachines) {
  const Time launch = *parse_rfc3339("2025-02-23T14:00:00Z");
  summary::InstanceFact running;
  running.id = "i-1";
  running.region = "us-east-1";
  running.type = "p3.2xlarge";
  running.launched = launch;
  summary::InstanceFact ended = running;
  ended.ended = launch + kHour;
  Impact impact;
  price({{&running, &ended}, launch, launch + 10 * kHour}, table(), impact);
  EXPECT_DOUBLE_EQ(impact.resource_hours, 11);
  EXPECT_DOUBLE_EQ(impact.cost_so_far_usd, 11 * 3.06);
  EXPECT_DOUBLE_EQ(impact.burn_usd_per_hour, 3.06);
  // 24 February 00:00 to 1 March 00:00 is 120 h after as_of.
  EXPECT_DOUBLE_EQ(impact.projected_month_usd, 11 * 3.06 + 120 * 3.06);
}

}  // namespace
}  // namespace davy::impact
