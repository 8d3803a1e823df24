// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/control_plane/launch_weight.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/detect/test_events.h"
#include "davy/summary/entity_links.h"

namespace davy::detect {
namespace {

using testing::judge;
using testing::Judged;
using testing::kMidnight;
using testing::Launch;
using testing::Record;
using testing::record_of;

/// 200 x p3.2xlarge in eight regions within eight minutes.
void add_wave(Time start, std::vector<Record>& records) {
  for (int region = 0; region < 8; ++region) {
    records.push_back(record_of(
        Launch{start + region * kMinute, "p3.2xlarge", fmt::format("region-{}", region), 25}));
  }
}

Judged judge_records(const std::vector<Record>& records) {
  const auto detector = make_launch_weight();
  return judge(*detector, records);
}

double weight_of(const std::vector<Record>& records) {
  double weight = 0;
  for (const Detection& detection : judge_records(records).of("launch_weight"))
    weight = std::max(weight, detection.weight);
  return weight;
}

std::vector<Record> waves_at(std::initializer_list<Time> starts) {
  std::vector<Record> records;
  for (const Time start : starts)
    add_wave(start, records);
  return records;
}

double requested_in_all(const Judged& judged) {
  double sum = 0;
  for (const Detection& detection : judged.of("launch_weight"))
    sum += detection.measures.at("requested");
  return sum;
}

TEST(LaunchWeight, WeighsMoneySpreadAndNovelty) {
  // 1.2 * log10(601) + 2.0 + 0.8
  EXPECT_NEAR(weight_of(waves_at({kMidnight})), 6.13, 0.01);
}

TEST(LaunchWeight, AServiceThatActsForACallerHidesNothing) {
  const auto weight = [](std::string identity, std::string principal, std::string service,
                         std::string role = {}, std::string address = {}) {
    Launch launch{kMidnight, "p3.16xlarge", "us-east-1", 50};
    launch.type_of_identity = std::move(identity);
    launch.principal = std::move(principal);
    launch.source_service = std::move(service);
    launch.role = std::move(role);
    launch.source_ip = std::move(address);
    return weight_of({record_of(std::move(launch))});
  };
  const std::string root = "arn:aws:iam::111122223333:root";
  const std::string session = "arn:aws:sts::111122223333:assumed-role/";
  const std::string roles = "arn:aws:iam::111122223333:role/";
  EXPECT_GT(weight("Root", root, "cloudformation.amazonaws.com"), 2.5);
  EXPECT_GT(weight("Root", root, "AWS Internal"), 2.5);
  EXPECT_GT(weight("AssumedRole", session + "stacks/AWSCloudFormation",
                   "cloudformation.amazonaws.com", roles + "stacks"),
            2.5);
  const std::string batch = roles + "service-role/AWSBatchServiceRole";
  EXPECT_GT(weight("AssumedRole", session + "AWSBatchServiceRole/x", "", batch, "203.0.113.9"),
            2.5);
  EXPECT_EQ(weight("AssumedRole", session + "AWSBatchServiceRole/x", "batch.amazonaws.com", batch),
            0);
  EXPECT_EQ(weight("AssumedRole", session + "AWSServiceRoleForAutoScaling/AutoScaling",
                   "autoscaling.amazonaws.com"),
            0);
  EXPECT_EQ(weight("AssumedRole", session + "x/y", "spot.amazonaws.com",
                   roles + "aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"),
            0);
  EXPECT_EQ(weight("AWSService", "", "autoscaling.amazonaws.com"), 0);
}

TEST(LaunchWeight, ASecondWaveDoesNotExcuseTheFirst) {
  const double once = weight_of(waves_at({kMidnight}));
  for (const DurationNs later : {3 * kHour, 13 * kHour, kDay, 27 * kDay}) {
    const Judged judged = judge_records(waves_at({kMidnight, kMidnight + later}));
    EXPECT_GE(weight_of(waves_at({kMidnight, kMidnight + later})), once) << to_human(later);
    EXPECT_EQ(judged.of("launch_weight").size(), 2u) << to_human(later);
    EXPECT_EQ(requested_in_all(judged), 400) << to_human(later);
  }
}

TEST(LaunchWeight, AWaveEveryDayIsStillReportedForItsFirstDays) {
  std::vector<Record> records;
  for (int day = 0; day < 20; ++day)
    add_wave(kMidnight + day * kDay + 2 * kHour, records);
  EXPECT_GE(weight_of(records), weight_of(waves_at({kMidnight})));
  EXPECT_EQ(judge_records(records).of("launch_weight").size(), 3u);
}

TEST(LaunchWeight, AWaveOnFewerThanThreeEarlierDaysNeverLowersTheWeight) {
  EXPECT_TRUE(rc::check([](const std::vector<uint16_t>& starts, const std::vector<uint8_t>& sizes) {
    // On two days before the first wave, and on its own day.
    const auto wave = [&](size_t i) {
      const uint8_t size = i < sizes.size() ? sizes[i] : uint8_t{10};
      const DurationNs slot = starts[i] % 12 * 2 * kHour;
      constexpr DurationNs kDays[] = {0, kDay, 9 * kDay};
      const DurationNs day = kDays[starts[i] / 12 % 3];
      return record_of(Launch{kMidnight + day + slot, size % 2 == 0 ? "p3.2xlarge" : "c5.large",
                              "us-east-1", size + 1u, false, false,
                              "arn:aws:iam::111122223333:user/build", std::to_string(i)});
    };
    std::vector<Record> records = {record_of(Launch{kMidnight + 9 * kDay + kHour})};
    double weight = weight_of(records);
    for (size_t i = 0; i < std::min<size_t>(starts.size(), 12); ++i) {
      records.push_back(wave(i));
      const double with_wave = weight_of(records);
      RC_ASSERT(with_wave >= weight - 1e-9);
      weight = with_wave;
    }
  }));
}

TEST(LaunchWeight, ARoutineOfManyDaysIsAHabit) {
  std::vector<Record> records;
  for (int day = 0; day < 10; ++day)
    records.push_back(record_of(Launch{kMidnight + day * kDay, "p3.2xlarge", "us-east-1", 4}));
  const Judged judged = judge_records(records);
  ASSERT_EQ(judged.of("launch_weight").size(), 1u);
  // The first days cannot be told from a first use; alone they raise nothing.
  EXPECT_LT(judged.of("launch_weight")[0].weight, 1.5);
  EXPECT_EQ(judged.of("launch_weight")[0].claim, Claim::kContext);
  EXPECT_TRUE(judged.of("projected_burn").empty());

  // A burst far beyond it is not excused, nor does one earlier burst raise the median.
  add_wave(kMidnight + 12 * kDay, records);
  const double after_routine = weight_of(records);
  EXPECT_GT(after_routine, 3);
  add_wave(kMidnight + 8 * kDay + 7 * kHour, records);
  EXPECT_GE(weight_of(records), after_routine);
  EXPECT_EQ(judge_records(records).of("launch_weight").size(), 2u);
}

TEST(LaunchWeight, WhatWasRefusedIsPricedAndToldApartAndIsNoHabit) {
  std::vector<Record> records = {
      record_of(Launch{kMidnight, "p3.2xlarge", "us-east-1", 200}),
      record_of(Launch{kMidnight + kMinute, "p3.2xlarge", "us-east-1", 150, true})};
  const Judged judged = judge_records(records);
  ASSERT_EQ(judged.of("launch_weight").size(), 1u);
  const Detection detection = judged.of("launch_weight")[0];
  EXPECT_EQ(detection.measures.at("usd_per_hour"), 1050);
  EXPECT_NE(detection.title.find("350 x p3.2xlarge requested (150 refused) in 1 region"),
            std::string::npos)
      << detection.title;

  std::vector<Record> refused;
  for (int day = 0; day < 6; ++day) {
    refused.push_back(
        record_of(Launch{kMidnight + day * kDay, "p3.2xlarge", "us-east-1", 200, true}));
  }
  EXPECT_EQ(judge_records(refused).of("launch_weight").size(), 6u);
}

TEST(LaunchWeight, OnlyWhatWasAcceptedIsProjectedAsSpend) {
  const Launch refused{kMidnight, "p3.2xlarge", "us-east-1", 200, true};
  const Judged judged = judge_records({record_of(refused)});
  EXPECT_TRUE(judged.of("projected_burn").empty());
  EXPECT_NE(judged.of("launch_weight")[0].title.find("requested and refused"), std::string::npos)
      << judged.of("launch_weight")[0].title;
  const Judged half = judge_records(
      {record_of(refused), record_of(Launch{kMidnight + kMinute, "p3.2xlarge", "us-east-1", 100})});
  EXPECT_EQ(half.of("projected_burn")[0].measures.at("usd_per_day"), 100 * 3 * 24);
  EXPECT_NE(half.of("launch_weight")[0].title.find("$300/h for the rest"), std::string::npos)
      << half.of("launch_weight")[0].title;
}

/// An accepted CreateService of 25 tasks.
Record service_of(std::string_view launch_type) {
  return [launch_type](const testing::EventSink& sink) {
    const std::string_view names[] = {"s"};
    event::ApiCall call;
    call.operation = "CreateService";
    call.launch = event::Launch{};
    call.launch->requested = 25;
    call.standing.emplace();
    call.standing->names = names;
    call.standing->recipe = "family";
    call.standing->launch_type = launch_type;
    call.standing->units = 25;
    event::Event event;
    event.time = event.end = kMidnight + kMinute;
    event.account = "111122223333";
    event.region = "us-east-1";
    event.actor.arn = "arn:aws:iam::111122223333:user/build";
    event.api = &call;
    sink(event);
  };
}

TEST(LaunchWeight, TasksWeighWhatTheirDefinitionSaysTheyAre) {
  summary::EntityLinks links;
  const std::string_view family[] = {"family"};
  event::ApiCall registration;
  registration.recipe.emplace();
  registration.recipe->names = family;
  registration.recipe->vcpus = 16;
  registration.recipe->memory_gib = 32;
  registration.recipe->image = "evil/ka:si";
  event::Event event;
  event.time = event.end = kMidnight;
  event.account = "111122223333";
  event.region = "us-east-1";
  event.api = &registration;
  links.observe(event);
  const auto launch = [&](std::string_view launch_type) {
    const auto detector = make_launch_weight();
    service_of(launch_type)([&](const event::Event& e) { detector->observe(e); });
    std::vector<std::string> notes;
    std::vector<Detection> found;
    detector->judge({testing::test_intel(), links, testing::test_prices(), notes}, found);
    return found.back();
  };
  const Detection fargate = launch("FARGATE");
  EXPECT_NEAR(fargate.measures.at("usd_per_hour"), 25 * (16 * 0.04 + 32 * 0.004), 1e-9);
  EXPECT_NE(fargate.title.find("25 x ECS task of 16 vCPU, 32 GiB requested and accepted"),
            std::string::npos)
      << fargate.title;
  EXPECT_TRUE(std::count(fargate.entities.begin(), fargate.entities.end(),
                         event::Entity{event::EntityType::kImage, "evil/ka:si"}));
  EXPECT_EQ(launch("EC2").measures.at("usd_per_hour"), 0);
}

TEST(LaunchWeight, DryRunsCostNothingAndCountAsProbing) {
  const Launch probe{kMidnight, "p3.2xlarge", "us-east-1", 200, false, true};
  EXPECT_TRUE(judge_records({record_of(probe)}).detections.empty());
  const Launch real{kMidnight + kMinute, "p3.2xlarge", "us-east-1", 200};
  EXPECT_NEAR(weight_of({record_of(probe), record_of(real)}) - weight_of({record_of(real)}), 0.4,
              1e-9);
}

TEST(LaunchWeight, HugeCountsDoNotWrap) {
  constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
  const Judged judged =
      judge_records({record_of(Launch{kMidnight, "c5.large", "us-east-1", kMost, true}),
                     record_of(Launch{kMidnight + 1, "c5.large", "us-east-1", kMost, true})});
  ASSERT_EQ(judged.of("launch_weight").size(), 1u);
  EXPECT_EQ(judged.of("launch_weight")[0].measures.at("requested"), 2.0 * kMost);
  EXPECT_NE(judged.of("launch_weight")[0].title.find("8589934590 x c5.large"), std::string::npos);
}

TEST(LaunchWeight, OfVeryManyWavesTheHeaviestAreReportedAndThatIsSaid) {
  std::vector<Record> records;
  for (int wave = 0; wave < 20'000; ++wave) {
    Launch launch{kMidnight + wave * 2 * kHour, "p3.2xlarge", "us-east-1", 10};
    launch.principal = "arn:aws:iam::111122223333:root";
    if (wave == 15'000) launch.requested = 50;
    records.push_back(record_of(launch));
  }
  const Judged judged = judge_records(records);
  const auto waves = judged.of("launch_weight");
  EXPECT_EQ(waves.size(), 100u);
  EXPECT_EQ(judged.notes.size(), 1u);
  EXPECT_TRUE(std::any_of(waves.begin(), waves.end(), [](const Detection& wave) {
    return wave.measures.at("requested") == 50;
  }));
}

TEST(LaunchWeight, TellsOfASampleOnlyWhenThereWasMoreThanTheBound) {
  const auto detector = make_launch_weight();
  for (int i = 0; i < 20'000; ++i) {
    Launch launch{kMidnight + i * kSecond, "c5.large", "us-east-1", 1};
    record_of(launch)([&](const event::Event& event) { detector->observe(event); });
  }
  EXPECT_TRUE(judge(*detector).notes.empty());
  EXPECT_EQ(judge(*detector, {record_of(Launch{})}).notes.size(), 1u);
}

TEST(LaunchWeight, OfRootAKeyWeighsMostAndASessionByItsSizeAndSecondFactor) {
  const auto weight = [](std::string_view key, bool mfa, uint32_t count) {
    Launch launch{kMidnight, "c5.4xlarge", "us-east-1", count};
    launch.principal = "arn:aws:iam::111122223333:root";
    return weight_of({[=](const auto& look) {
      record_of(launch)([&](const event::Event& seen) {
        event::Event event = seen;
        event.actor.access_key = key;
        event.actor.mfa = mfa;
        look(event);
      });
    }});
  };
  EXPECT_GT(weight("AKIA1", false, 10), 4.4);
  EXPECT_GT(weight("AKIA1", false, 1), 3.5);
  EXPECT_LT(weight("ASIA1", true, 1), 0.5);
  EXPECT_LT(weight("ASIA1", true, 10), weight("ASIA1", false, 10));
  EXPECT_LT(weight("ASIA1", false, 10), weight("AKIA1", false, 10));
}

TEST(LaunchWeight, TheTimeItTookIsThatOfTheLaunchesNotOfTheDryRunBefore) {
  Launch probe{kMidnight, "c5.large", "us-east-1", 10};
  probe.dry_run = true;
  const Launch first{kMidnight + 20 * kSecond, "c5.large", "us-east-1", 10};
  const Launch last{kMidnight + 49 * kSecond, "c5.large", "us-east-1", 10};
  const auto title = [](const std::vector<Record>& records) {
    return judge_records(records).of("launch_weight")[0].title;
  };
  EXPECT_NE(title({record_of(probe), record_of(first), record_of(last)}).find("within 29 s"),
            std::string::npos);
  EXPECT_EQ(title({record_of(first)}).find("within"), std::string::npos);
}

}  // namespace
}  // namespace davy::detect
