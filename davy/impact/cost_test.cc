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
      "region,factor\neu-west-1,1.08\n",
      "# date: 2026-11-20\nitem,unit,usd,note\nfargate_vcpu,hour,0.04,\n"
      "fargate_memory,gib_hour,0.004,\nsagemaker_over_ec2,factor,1.25,\n",
      diagnostics);
}

TEST(PriceTable, PricesByTypeAndRegion) {
  const PriceTable prices = table();
  EXPECT_DOUBLE_EQ(prices.usd_per_hour("p3.2xlarge", "us-east-1"), 3.06);
  EXPECT_DOUBLE_EQ(prices.usd_per_hour("p3.2xlarge", "eu-west-1"), 3.06 * 1.08);
  EXPECT_DOUBLE_EQ(prices.usd_per_hour("z9.mega", "us-east-1"), 0);
  EXPECT_EQ(prices.date(), "2026-07-20");
}

TEST(PriceTable, PricesTasksBySizeAndSageMakerByTheTypeBehindIt) {
  const PriceTable prices = table();
  EXPECT_DOUBLE_EQ(prices.fargate_usd_per_hour({16, 32}, "us-east-1"), 16 * 0.04 + 32 * 0.004);
  EXPECT_DOUBLE_EQ(prices.fargate_usd_per_hour({16, 32}, "eu-west-1"),
                   (16 * 0.04 + 32 * 0.004) * 1.08);
  EXPECT_DOUBLE_EQ(prices.fargate_usd_per_hour({16, 32, true}, "us-east-1"), 0);  // no price
  EXPECT_DOUBLE_EQ(prices.fargate_usd_per_hour({16, 0}, "us-east-1"), 0);
  EXPECT_DOUBLE_EQ(prices.usd_per_hour("ml.p3.2xlarge", "us-east-1"), 3.06 * 1.25);
  EXPECT_EQ(prices.fargate_date(), "2026-11-20");
}

TEST(PriceTable, ReportsBadRowsAndKeepsTheRest) {
  Diagnostics diagnostics;
  const PriceTable prices = PriceTable::load("h\na,1,0,1,free\nb,1,0,1,2\n", "h\nx,much\n",
                                             "h\ny,hour,dear\n", diagnostics);
  EXPECT_EQ(diagnostics.size(), 3u);
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

Impact impact_of(const std::vector<Machine>& machines, Impact impact = {},
                 const std::vector<Standing>& standing = {}) {
  price({machines, standing, kLaunch, kAsOf}, table(), impact);
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
  counts.resources_refused = 349;
  const Impact impact = impact_of({launched("i-1", RunState::kRunning)}, counts);
  EXPECT_DOUBLE_EQ(impact.cost_so_far_usd.value(), 10 * 3.06);
  EXPECT_NE(basis(impact).find("349 of 350 requested"), std::string::npos) << basis(impact);
}

TEST(Cost, OfAMachineThatWasOffForAWhileIsOfTheHoursOnAndTheTypeOfThen) {
  Machine machine = launched("i-1", RunState::kRunning);
  machine.powered_on = {{kLaunch, kLaunch + 2 * kHour, "z9.mega"},
                        {kLaunch + 8 * kHour, {}, "p3.2xlarge"}};
  const Impact impact = impact_of({machine});
  EXPECT_DOUBLE_EQ(impact.resource_hours, 4);
  EXPECT_DOUBLE_EQ(impact.cost_so_far_usd.value(), 2 * 3.06);
  EXPECT_DOUBLE_EQ(impact.burn_usd_per_hour.value(), 3.06);
  EXPECT_NE(basis(impact).find("1 x z9.mega then p3.2xlarge"), std::string::npos) << basis(impact);
  EXPECT_NE(basis(impact).find("no price known: 1 x z9.mega"), std::string::npos) << basis(impact);
}

TEST(Cost, AMachineThatAFindingAloneNamesWasAbusedAsLongAsTheFindingTells) {
  Machine machine;
  machine.id = "i-1";
  machine.type = "p3.2xlarge";
  machine.region = "us-east-1";
  EXPECT_EQ(basis(impact_of({machine})).find("1970"), std::string::npos);
  machine.last_reported = kLaunch + kHour / 2;
  EXPECT_DOUBLE_EQ(impact_of({machine}).abused_hours, 0.5);
}

Standing service(uint64_t units, double hours, uint64_t at_end) {
  Standing standing;
  standing.id = "us-east-1/c/s";
  standing.region = "us-east-1";
  standing.unit = "ECS task of 16 vCPU, 32 GiB";
  standing.accepted = kLaunch;
  standing.units = units;
  standing.unit_hours = hours;
  standing.usd_per_unit_hour = 0.768;
  standing.units_at_end = at_end;
  standing.fargate = true;
  if (at_end == 0) standing.ended = kLaunch + kHour;
  return standing;
}

TEST(Cost, OfWhatWasAcceptedRunsToItsEndOrToTheLastEvent) {
  const Impact impact = impact_of({}, {}, {service(25, 250, 25), service(10, 10, 0)});
  EXPECT_DOUBLE_EQ(impact.cost_so_far_usd.value(), 260 * 0.768);
  EXPECT_DOUBLE_EQ(impact.burn_usd_per_hour.value(), 25 * 0.768);
  EXPECT_EQ(impact.resources_accepted, 35u);
  EXPECT_EQ(impact.cost_terms, "260.0 h of ECS task of 16 vCPU, 32 GiB at $0.77/h");
  EXPECT_NE(basis(impact).find("as if all run from the call"), std::string::npos) << basis(impact);
  EXPECT_NE(basis(impact).find("10 ended"), std::string::npos) << basis(impact);
}

TEST(Cost, AGroupWhoseMachinesAreKnownIsNotCountedTwice) {
  Standing group = service(2, 20, 2);
  group.instances_seen = 2;
  const Impact impact = impact_of(
      {launched("i-1", RunState::kRunning), launched("i-2", RunState::kRunning)}, {}, {group});
  EXPECT_DOUBLE_EQ(impact.cost_so_far_usd.value(), 20 * 3.06);
  EXPECT_EQ(impact.resources_accepted, 0u);
}

TEST(Cost, TasksOnTheClustersOwnMachinesHaveNoBillOfTheirOwn) {
  Standing own = service(2, 20, 2);
  own.on_own_machines = true;
  EXPECT_FALSE(impact_of({}, {}, {own}).cost_so_far_usd);
}

}  // namespace
}  // namespace davy::impact
