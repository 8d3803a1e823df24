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

const Time kLaunch = *parse_rfc3339("2025-02-23T14:00:00Z");
const Time kAsOf = kLaunch + 10 * kHour;

/// A machine launched for the incident.
Machine launched(std::string id, RunState state) {
  Machine machine;
  machine.id = std::move(id);
  machine.type = "p3.2xlarge";
  machine.region = "us-east-1";
  machine.launched = kLaunch;
  machine.state = state;
  machine.launched_for_it = true;
  if (state == RunState::kEnded) machine.ended = kLaunch + kHour;
  return machine;
}

Impact impact_of(const std::vector<Machine>& machines, Impact impact = {}) {
  price({machines, kLaunch, kAsOf}, table(), impact);
  return impact;
}

std::string basis(const Impact& impact) {
  std::string text;
  for (const std::string& sentence : impact.basis)
    text += sentence + '\n';
  return text;
}

TEST(Cost, CountsHoursToTheEndOrToTheLastEventAndStopsTheMeterOfEndedMachines) {
  const Impact impact =
      impact_of({launched("i-1", RunState::kRunning), launched("i-2", RunState::kEnded)});
  EXPECT_DOUBLE_EQ(impact.resource_hours, 11);
  EXPECT_DOUBLE_EQ(impact.cost_so_far_usd.value(), 11 * 3.06);
  EXPECT_DOUBLE_EQ(impact.burn_usd_per_hour.value(), 3.06);
  // 24 February 00:00 to 1 March 00:00 is 120 h after as_of.
  EXPECT_DOUBLE_EQ(impact.projected_month_usd.value(), 11 * 3.06 + 120 * 3.06);
  EXPECT_FALSE(impact.cost_if_running_usd);
}

TEST(Cost, MachinesThatEndedHaveNoProjectionAndTheBasisNamesTheirEnd) {
  const Impact impact = impact_of({launched("i-1", RunState::kEnded)});
  EXPECT_DOUBLE_EQ(impact.burn_usd_per_hour.value(), 0);
  EXPECT_FALSE(impact.projected_month_usd);
  EXPECT_NE(basis(impact).find("2025-02-23T15:00:00Z"), std::string::npos) << basis(impact);
  EXPECT_EQ(basis(impact).find(to_rfc3339(kAsOf)), std::string::npos) << basis(impact);
}

TEST(Cost, OfUnknownEndIsCountedToItsLastTraceWithAnUpperBound) {
  Machine machine = launched("i-1", RunState::kUnknown);
  machine.last_seen = kLaunch + 2 * kHour;
  const Impact impact = impact_of({machine});
  EXPECT_DOUBLE_EQ(impact.cost_so_far_usd.value(), 2 * 3.06);
  EXPECT_DOUBLE_EQ(impact.cost_if_running_usd.value(), 10 * 3.06);
  EXPECT_FALSE(impact.burn_usd_per_hour);
  EXPECT_FALSE(impact.projected_month_usd);
}

TEST(Cost, WithoutAPriceThereIsNoFigure) {
  Machine machine = launched("i-1", RunState::kRunning);
  machine.type = "z9.mega";
  const Impact impact = impact_of({machine});
  EXPECT_FALSE(impact.cost_so_far_usd);
  EXPECT_FALSE(impact.burn_usd_per_hour);
  EXPECT_DOUBLE_EQ(impact.resource_hours, 10);
  EXPECT_NE(basis(impact).find("no price known: 1 x z9.mega"), std::string::npos) << basis(impact);
}

TEST(Cost, AHijackedMachineIsAbusedTimeNotBill) {
  Machine machine = launched("i-1", RunState::kRunning);
  machine.launched_for_it = false;
  machine.launched = {};
  const Impact impact = impact_of({machine});
  EXPECT_FALSE(impact.cost_so_far_usd);
  EXPECT_DOUBLE_EQ(impact.resource_hours, 0);
  EXPECT_DOUBLE_EQ(impact.abused_hours, 10);
  EXPECT_DOUBLE_EQ(impact.abused_usd_per_hour.value(), 3.06);
}

TEST(Cost, RefusedLaunchesAreNotTheBill) {
  Impact counts;
  counts.resources_launched = 1;
  counts.resources_requested = 350;
  const Impact impact = impact_of({launched("i-1", RunState::kRunning)}, counts);
  EXPECT_DOUBLE_EQ(impact.cost_so_far_usd.value(), 10 * 3.06);
  EXPECT_NE(basis(impact).find("349 of 350 requested"), std::string::npos) << basis(impact);
}

}  // namespace
}  // namespace davy::impact
