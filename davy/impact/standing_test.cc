// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/standing.h"

#include <gtest/gtest.h>

namespace davy::impact {
namespace {

using summary::StandingKind;

constexpr Time kStart{1'700'000'000 * kSecond};

PriceTable prices() {
  Diagnostics diagnostics;
  return PriceTable::load("type,v,g,m,usd\ng5.12xlarge,48,4,192,5\n", "region,factor\n",
                          "item,unit,usd,note\nfargate_vcpu,hour,0.04,\n"
                          "fargate_memory,gib_hour,0.004,\n",
                          diagnostics);
}

/// Successful calls, as the logs would tell them.
class Logs {
 public:
  Logs() { name_[0] = "s"; }

  Logs& call(Time time, std::string_view key, event::Standing standing) {
    event::ApiCall call;
    call.standing = standing;
    call.standing->names = name_;
    call.standing->cluster = "c";
    return tell(time, key, call);
  }
  Logs& sized(Time time, std::string_view key, uint32_t units) {
    event::Standing standing;
    standing.units = units;
    standing.recipe = "task";
    return call(time, key, standing);
  }
  Logs& registered(Time time, double vcpus, double memory_gib) {
    const std::string_view names[] = {"task"};
    event::ApiCall call;
    call.recipe.emplace();
    call.recipe->names = names;
    call.recipe->vcpus = vcpus;
    call.recipe->memory_gib = memory_gib;
    call.recipe->image = "evil/miner:1";
    return tell(time, "AKIA1", call);
  }
  Logs& end(Time time) {
    event::Event event;
    event.time = event.end = time;
    links_.observe(event);
    links_.index();
    return *this;
  }

  std::vector<Standing> standing() const {
    const std::set<std::string> keys = {"AKIA1"};
    return standing_of({keys, kStart - kHour, links_}, prices());
  }

 private:
  Logs& tell(Time time, std::string_view key, const event::ApiCall& call) {
    event::Event event;
    event.account = "111122223333";
    event.region = "us-east-1";
    event.time = event.end = time;
    event.actor.access_key = key;
    event.api = &call;
    links_.observe(event);
    return *this;
  }

  std::string_view name_[1];
  summary::EntityLinks links_;
};

TEST(Standing, RunsFromTheCallToTheLastEventAtThePriceOfItsTaskDefinition) {
  const auto all = Logs()
                       .registered(kStart, 16, 32)
                       .sized(kStart, "AKIA1", 25)
                       .end(kStart + 4 * kHour)
                       .standing();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].id, "us-east-1/c/s");
  EXPECT_EQ(all[0].units, 25u);
  EXPECT_EQ(all[0].units_at_end, 25u);
  EXPECT_DOUBLE_EQ(all[0].unit_hours, 100);
  EXPECT_NEAR(all[0].usd_per_unit_hour, 16 * 0.04 + 32 * 0.004, 1e-9);
  EXPECT_EQ(all[0].unit, "ECS task of 16 vCPU, 32 GiB");
  EXPECT_EQ(all[0].image, "evil/miner:1");
  EXPECT_FALSE(all[0].ended.known());
}

TEST(Standing, EndsWhenARecordSetsItToZeroWhoeverDoes) {
  const auto all = Logs()
                       .sized(kStart, "AKIA1", 10)
                       .sized(kStart + kHour, "AKIA1", 30)
                       .sized(kStart + 2 * kHour, "AKIADEFENDER", 0)
                       .end(kStart + 9 * kHour)
                       .standing();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_DOUBLE_EQ(all[0].unit_hours, 40);
  EXPECT_EQ(all[0].units, 30u);
  EXPECT_EQ(all[0].units_at_end, 0u);
  EXPECT_EQ(all[0].ended, kStart + 2 * kHour);
  EXPECT_DOUBLE_EQ(all[0].usd_per_unit_hour, 0);  // no record says what its tasks are
  EXPECT_EQ(all[0].unit, "ECS task");
}

TEST(Standing, AJobRunsForADayUnlessItIsStopped) {
  event::Standing job;
  job.kind = event::StandingKind::kTrainingJob;
  job.instance_type = "ml.c5.4xlarge";
  job.units = 2;
  const auto over = Logs().call(kStart, "AKIA1", job).end(kStart + 20 * kDay).standing();
  ASSERT_EQ(over.size(), 1u);
  EXPECT_DOUBLE_EQ(over[0].unit_hours, 2 * 24);
  EXPECT_EQ(over[0].units_at_end, 0u);
  EXPECT_EQ(over[0].ended, kStart + kDay);
  const auto running = Logs().call(kStart, "AKIA1", job).end(kStart + 5 * kHour).standing();
  ASSERT_EQ(running.size(), 1u);
  EXPECT_DOUBLE_EQ(running[0].unit_hours, 2 * 5);
  EXPECT_EQ(running[0].units_at_end, 2u);
  event::Standing stop = job;
  stop.units = 0;
  const auto stopped = Logs()
                           .call(kStart, "AKIA1", job)
                           .call(kStart + kHour, "AKIADEFENDER", stop)
                           .end(kStart + 20 * kDay)
                           .standing();
  ASSERT_EQ(stopped.size(), 1u);
  EXPECT_DOUBLE_EQ(stopped[0].unit_hours, 2);
  EXPECT_EQ(stopped[0].ended, kStart + kHour);
}

TEST(Standing, WhatRanBeforeIsNotTheIncidents) {
  const auto all = Logs()
                       .sized(kStart - kDay, "AKIAOWNER", 4)
                       .sized(kStart, "AKIA1", 10)
                       .sized(kStart + kHour, "AKIAOWNER", 4)
                       .end(kStart + 9 * kHour)
                       .standing();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].units, 6u);
  EXPECT_DOUBLE_EQ(all[0].unit_hours, 6);
  EXPECT_EQ(all[0].units_at_end, 0u);
  EXPECT_TRUE(Logs().sized(kStart, "AKIAOWNER", 4).end(kStart + kHour).standing().empty());
  EXPECT_TRUE(Logs().sized(kStart - kDay, "AKIA1", 4).end(kStart + kHour).standing().empty());
}

TEST(Standing, WhatOthersAddIsTheirs) {
  Logs logs;
  logs.sized(kStart, "AKIA1", 4).sized(kStart + kHour, "AKIA2", 80).end(kStart + 2 * kHour);
  const auto standing = logs.standing();
  ASSERT_EQ(standing.size(), 1u);
  EXPECT_EQ(standing[0].units, 4u);
  EXPECT_EQ(standing[0].units_at_end, 4u);
}

TEST(Standing, EarlierCallsSayWhatAResizedUnitIsAndHowManyThereWere) {
  summary::StandingFact fact;
  summary::StandingChange made;
  made.time = kStart;
  made.units = 4;
  made.type = "g5.12xlarge";
  summary::StandingChange raised;
  raised.time = kStart + kHour;
  raised.units = 80;
  fact.changes = {made, raised};
  EXPECT_FALSE(before_call(fact, kStart).has_value());
  const auto before = before_call(fact, raised.time);
  ASSERT_TRUE(before.has_value());
  EXPECT_EQ(before->units, 4u);
  EXPECT_EQ(before->unit.type, "g5.12xlarge");
}

TEST(Standing, OfAGroupThatNamesNoSizeTheMinimumRunsAndTheMaximumIsToldApart) {
  event::Standing group;
  group.kind = StandingKind::kGroup;
  group.least = 20;
  group.most = 999;
  group.instance_type = "g5.12xlarge";
  const auto all = Logs().call(kStart, "AKIA1", group).end(kStart + kHour).standing();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].units, 20u);
  EXPECT_EQ(all[0].most, 999u);
  EXPECT_DOUBLE_EQ(all[0].usd_per_unit_hour, 5);
  EXPECT_EQ(all[0].id, "us-east-1/s");
}

TEST(Standing, TasksOnMachinesOfTheClusterHaveNoPrice) {
  event::Standing service;
  service.units = 5;
  service.recipe = "task";
  service.launch_type = "EC2";
  const auto all = Logs()
                       .registered(kStart, 16, 32)
                       .call(kStart, "AKIA1", service)
                       .end(kStart + kHour)
                       .standing();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].on_own_machines);
  EXPECT_DOUBLE_EQ(all[0].usd_per_unit_hour, 0);
}

}  // namespace
}  // namespace davy::impact
