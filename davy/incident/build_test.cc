// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/build.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Signal;
using detect::Stage;
using event::Entity;
using event::EntityType;

const Time kStart = *parse_rfc3339("2025-02-23T18:00:00Z");

Detection detection(std::string detector, std::vector<Entity> entities, Time first, Time last) {
  Detection detection;
  detection.title = detector + " title";
  detection.detector = std::move(detector);
  detection.claim = Claim::kConfirmed;
  detection.stage = Stage::kMining;
  detection.signal = Signal::kNetwork;
  detection.weight = 3;
  detection.time = first;
  detection.end_time = last;
  detection.entities = std::move(entities);
  if (first.known()) detection.evidence = {{{}, "at " + to_rfc3339(first), first}};
  return detection;
}

impact::PriceTable prices() {
  Diagnostics diagnostics;
  return impact::PriceTable::load("type,v,g,m,usd\nc5.4xlarge,16,0,32,0.68\n", "region,factor\n",
                                  "item,unit,usd,note\nfargate_vcpu,hour,0.04,\n"
                                  "fargate_memory,gib_hour,0.004,\n"
                                  "sagemaker_over_ec2,factor,1.25,\nemr_over_ec2,factor,1.25,\n",
                                  diagnostics);
}

std::vector<Incident> built(std::vector<Detection> detections,
                            const summary::EntityLinks& links = {}) {
  for (Detection& one : detections)
    finish(one);
  return build(detections, links, {}, prices(), {});
}

/// `call` outlives the event.
event::Event call_by(std::string_view key, Time when, const event::ApiCall& call) {
  event::Event event;
  event.account = "1";
  event.region = "us-east-1";
  event.actor.access_key = key;
  event.time = event.end = when;
  event.api = &call;
  return event;
}

/// The last event of the logs is at `as_of`.
void end_at(summary::EntityLinks& links, Time as_of) {
  event::Event last;
  last.time = last.end = as_of;
  links.observe(last);
  links.index();
}

/// Links that saw the launch of `ids` by `key`, and as the last event something at `as_of`.
summary::EntityLinks launch(const std::vector<std::string_view>& ids, std::string_view key,
                            std::string_view type, Time when, Time as_of) {
  event::ApiCall call;
  call.operation = "RunInstances";
  call.instance_ids = ids;
  call.launch = event::Launch{};
  call.launch->instance_ids = ids;
  call.launch->instance_type = type;
  summary::EntityLinks links;
  links.observe(call_by(key, when, call));
  end_at(links, as_of);
  return links;
}

Detection launching(std::string_view key, double requested) {
  Detection launch = detection("launch_weight",
                               {{EntityType::kAccessKey, std::string(key)},
                                {EntityType::kAccount, "1"},
                                {EntityType::kRegion, "us-east-1"}},
                               kStart, kStart + kMinute);
  launch.stage = Stage::kResourceLaunch;
  launch.signal = Signal::kControlPlane;
  launch.claim = Claim::kAttempt;
  launch.measures["requested"] = requested;
  return launch;
}

bool says(const std::vector<std::string>& texts, std::string_view words) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
    return text.find(words) != std::string::npos;
  });
}

TEST(Build, NobodySaysAMachineHasEndedWithoutARecordOfIt) {
  const auto incidents =
      built({detection("dns", {{EntityType::kInstance, "i-1"}}, kStart, kStart + kHour)});
  ASSERT_EQ(incidents.size(), 1u);
  ASSERT_EQ(incidents[0].machines.size(), 1u);
  EXPECT_NE(incidents[0].machines[0].state, impact::RunState::kEnded);
  EXPECT_FALSE(says(incidents[0].do_first, "the logs show the end"));
}

TEST(Build, WhatWasLaunchedIsPricedWhetherOrNotItHasAPriceDecidesNothing) {
  for (const std::string_view type : {"c5.4xlarge", "z9.mega"}) {
    const auto links = launch({"i-1"}, "AKIA1", type, kStart, kStart + 6 * kHour);
    const auto incidents = built({launching("AKIA1", 1)}, links);
    ASSERT_EQ(incidents.size(), 1u);
    ASSERT_EQ(incidents[0].machines.size(), 1u);
    EXPECT_EQ(incidents[0].machines[0].state, impact::RunState::kRunning) << type;
    EXPECT_TRUE(incidents[0].machines[0].launched_for_it);
    EXPECT_EQ(incidents[0].impact.cost_so_far_usd.has_value(), type == "c5.4xlarge");
  }
}

/// Links that saw a group of `size` set up with the key at the start, instances launched for it,
/// and as the last event something at `as_of`.
summary::EntityLinks group(std::string_view key, uint32_t size, size_t instances,
                           std::string_view tag, Time as_of) {
  const std::string_view names[] = {"g"};
  event::ApiCall create;
  create.operation = "CreateAutoScalingGroup";
  create.standing.emplace();
  create.standing->kind = event::StandingKind::kGroup;
  create.standing->names = names;
  create.standing->units = size;
  create.standing->most = 999;
  create.standing->instance_type = "c5.4xlarge";
  event::Event event = call_by(key, kStart, create);
  summary::EntityLinks links;
  links.observe(event);
  for (size_t i = 0; i < instances; ++i) {
    const std::string id = "i-" + std::to_string(i);
    const std::string_view ids[] = {id};
    event::ApiCall run;
    run.operation = "RunInstances";
    run.instance_ids = ids;
    run.launch = event::Launch{};
    run.launch->instance_ids = ids;
    run.launch->instance_type = "c5.4xlarge";
    run.launch->owner = tag;
    event.actor = {};
    event.actor.source_service = "autoscaling.amazonaws.com";
    event.api = &run;
    links.observe(event);
  }
  end_at(links, as_of);
  return links;
}

/// Links that saw `size` machines of "g" asked for with the key AKIA1 at the start, and as the last
/// event something at `as_of`.
summary::EntityLinks managed(event::StandingKind kind, std::string_view type, uint32_t size,
                             Time as_of) {
  const std::string_view names[] = {"g"};
  event::ApiCall create;
  create.standing.emplace();
  create.standing->kind = kind;
  create.standing->names = names;
  create.standing->units = size;
  create.standing->instance_type = type;
  summary::EntityLinks links;
  links.observe(call_by("AKIA1", kStart, create));
  end_at(links, as_of);
  return links;
}

/// A launch of which more is known than that it was dear.
Detection mining_launch(std::string_view key, double requested) {
  Detection launch = launching(key, requested);
  launch.claim = Claim::kConsistent;
  return launch;
}

TEST(Build, WhatWasAcceptedIsPricedNamedAndEndedFirst) {
  const auto links = group("AKIA1", 20, 0, "", kStart + 2 * kHour);
  const auto incidents = built({mining_launch("AKIA1", 20)}, links);
  ASSERT_EQ(incidents.size(), 1u);
  const Incident& incident = incidents[0];
  EXPECT_NEAR(incident.impact.cost_so_far_usd.value(), 20 * 2 * 0.68, 1e-9);
  EXPECT_NEAR(incident.impact.burn_usd_per_hour.value(), 20 * 0.68, 1e-9);
  EXPECT_EQ(incident.launches.accepted, 20u);
  EXPECT_EQ(incident.scope.resources, (std::vector<std::string>{"us-east-1/g"}));
  EXPECT_TRUE(says(incident.do_first, "Set group us-east-1/g to a size of 0"));
  EXPECT_TRUE(says(incident.still_open, "1 group not seen ended"));
  EXPECT_TRUE(says(incident.impact.basis, "may grow to 999"));
  EXPECT_FALSE(incident.contained_at.known());
  EXPECT_EQ(incident.proof.find("nothing shows that it succeeded"), std::string::npos);
}

TEST(Build, ManagedComputeIsPricedNamedAndEndedFirst) {
  struct Row {
    event::StandingKind kind;
    std::string_view type;
    double usd_per_hour;  ///< with what the service takes on top
    std::string_view resource;
    std::string_view first;
    std::string_view open;
  };
  constexpr double kOver = 1.25;
  const Row rows[] = {
      {event::StandingKind::kTrainingJob, "ml.c5.4xlarge", 0.68 * kOver, "us-east-1/g",
       "Stop SageMaker job us-east-1/g", "1 SageMaker job not seen ended"},
      {event::StandingKind::kProcessingJob, "ml.c5.4xlarge", 0.68 * kOver, "us-east-1/g",
       "Stop SageMaker job us-east-1/g", "1 SageMaker job not seen ended"},
      {event::StandingKind::kEmrCluster, "c5.4xlarge", 0.68 * kOver, "g",
       "Terminate EMR cluster g once", "1 EMR cluster not seen ended"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.resource);
    const auto links = managed(row.kind, row.type, 20, kStart + 2 * kHour);
    const auto incidents = built({mining_launch("AKIA1", 20)}, links);
    ASSERT_EQ(incidents.size(), 1u);
    const Incident& incident = incidents[0];
    EXPECT_NEAR(incident.impact.burn_usd_per_hour.value(), 20 * row.usd_per_hour, 1e-9);
    EXPECT_NEAR(incident.impact.cost_so_far_usd.value(), 20 * 2 * row.usd_per_hour, 1e-9);
    EXPECT_EQ(incident.scope.resources, (std::vector<std::string>{std::string(row.resource)}));
    EXPECT_TRUE(says(incident.do_first, row.first));
    EXPECT_TRUE(says(incident.still_open, row.open));
  }
}

TEST(Build, MachinesOfAGroupAreCountedInItsSteadWhereTheLogsNameThem) {
  const auto tagged =
      built({mining_launch("AKIA1", 20)}, group("AKIA1", 20, 3, "g", kStart + 2 * kHour));
  EXPECT_EQ(tagged[0].impact.resources_launched, 3u);
  EXPECT_EQ(tagged[0].impact.resources_accepted, 0u);
  EXPECT_NEAR(tagged[0].impact.cost_so_far_usd.value(), 3 * 2 * 0.68, 1e-9);
  EXPECT_TRUE(says(tagged[0].do_first, "Set group us-east-1/g to a size of 0"));

  // No record says which group i-0 is of, and it was seen mining.
  const auto untagged =
      built({launching("AKIA1", 20),
             detection("dns", {{EntityType::kInstance, "i-0"}, {EntityType::kAccessKey, "AKIA1"}},
                       kStart, kStart + kHour)},
            group("AKIA1", 20, 3, "", kStart + 2 * kHour));
  ASSERT_EQ(untagged.size(), 1u);
  EXPECT_EQ(untagged[0].impact.resources_launched, 1u);
  EXPECT_EQ(untagged[0].impact.resources_accepted, 19u);
  EXPECT_NEAR(untagged[0].impact.cost_so_far_usd.value(), 20 * 2 * 0.68, 1e-9);
}

TEST(Build, AFindingAloneTellsHowLongItsMachineWasAbused) {
  Detection finding =
      detection("guardduty", {{EntityType::kInstance, "i-1"}}, kStart, kStart + 10 * kMinute);
  finding.signal = Signal::kManaged;
  const Incident incident = built({finding})[0];
  EXPECT_NEAR(incident.impact.abused_hours, 1.0 / 6, 1e-9);
  EXPECT_FALSE(says(incident.impact.basis, "1970"));
}

TEST(Build, SomebodyElsesMachineIsNotTheBill) {
  const auto links =
      launch({"i-1"}, "AKIAOWNER", "c5.4xlarge", kStart - 30 * kMinute, kStart + kHour);
  const auto incidents =
      built({detection("dns", {{EntityType::kInstance, "i-1"}}, kStart, kStart + kHour)}, links);
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_FALSE(incidents[0].machines[0].launched_for_it);
  EXPECT_FALSE(incidents[0].impact.cost_so_far_usd);
  EXPECT_NEAR(incidents[0].impact.abused_hours, 1, 1e-9);
  EXPECT_EQ(incidents[0].impact.resources_launched, 0u);
}

TEST(Build, LaunchesAreCountedWithoutWrappingAndTimedByThemselves) {
  const auto incidents =
      built({launching("AKIA1", 4'294'967'296.0),
             [] {
               Detection later = launching("AKIA1", 5);
               later.detector = "other";
               later.time = kStart + kMinute;
               later.end_time = kStart + 2 * kMinute;
               return later;
             }(),
             detection("dns", {{EntityType::kAccessKey, "AKIA1"}}, kStart, kStart + 6 * kHour)});
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_EQ(incidents[0].launches.requested, 4'294'967'301u);
  EXPECT_EQ(incidents[0].launches.last - incidents[0].launches.first, 2 * kMinute);
  EXPECT_EQ(incidents[0].title.find(" 0 "), std::string::npos) << incidents[0].title;
  const auto most = built({launching("AKIA1", 1e30), launching("AKIA1", 1e30)});
  EXPECT_EQ(most[0].launches.requested, UINT64_MAX);
}

TEST(Build, ATimelineLineIsOfOneDetection) {
  Detection curl = detection("miner_process", {{EntityType::kInstance, "i-1"}}, kStart, kStart);
  curl.title = "Command curl";
  Detection xmrig =
      detection("miner_process", {{EntityType::kInstance, "i-1"}}, kStart + kHour, kStart + kHour);
  xmrig.title = "Miner process xmrig";
  xmrig.stage = Stage::kExecution;
  const auto incidents = built({xmrig, curl});
  ASSERT_EQ(incidents.size(), 1u);
  ASSERT_EQ(incidents[0].timeline.size(), 1u);
  const TimelineEntry& line = incidents[0].timeline[0];
  EXPECT_EQ(line.text, "Command curl and 1 more");
  EXPECT_EQ(line.time, kStart);
  EXPECT_EQ(line.stage, Stage::kMining);
  EXPECT_EQ(line.evidence, curl.evidence);
}

TEST(Build, WhatCameOfDifferentStrengthHasALineOfItsOwn) {
  Detection curl = detection("miner_process", {{EntityType::kInstance, "i-1"}}, kStart, kStart);
  curl.claim = Claim::kConsistent;
  const Detection xmrig =
      detection("miner_process", {{EntityType::kInstance, "i-1"}}, kStart + kHour, kStart + kHour);
  EXPECT_EQ(built({curl, xmrig})[0].timeline.size(), 2u);
}

TEST(Build, AShapeIsDetectableOnlyWhenItsWindowIsFull) {
  const std::vector<Entity> machine = {{EntityType::kInstance, "i-1"}};
  const auto plateau = detection("cpu", machine, kStart, kStart + 6 * kHour);
  EXPECT_EQ(built({plateau})[0].detectable_at, kStart + 6 * kHour);
  Detection query = detection("dns", machine, kStart + kHour, kStart + 6 * kHour);
  query.known_at = query.time;
  EXPECT_EQ(built({plateau, query})[0].detectable_at, kStart + kHour);
}

TEST(Build, OnlyAFindingSaysThatSomebodyDetectedIt) {
  const std::vector<Entity> machine = {{EntityType::kInstance, "i-1"}};
  const auto query = detection("dns", machine, kStart, kStart + kHour);
  EXPECT_FALSE(built({query})[0].detected_at.known());
  EXPECT_FALSE(built({query})[0].impact.time_to_detect);
  Detection finding = detection("guardduty", machine, kStart + kHour, kStart + 2 * kHour);
  finding.signal = Signal::kManaged;
  const Incident incident = built({query, finding})[0];
  EXPECT_EQ(incident.detected_at, kStart + 2 * kHour);
  EXPECT_EQ(incident.impact.time_to_detect, 2 * kHour);
}

TEST(Build, IncidentsWithoutTimeOrNamesAreToldApart) {
  const auto incidents =
      built({detection("a", {}, {}, {}), detection("b", {}, {}, {}), detection("c", {}, {}, {})});
  ASSERT_EQ(incidents.size(), 3u);
  std::set<std::string> ids;
  std::set<std::string> numbers;
  for (const Incident& incident : incidents) {
    ids.insert(incident.id);
    numbers.insert(incident.number);
    EXPECT_EQ(incident.number.find("1970"), std::string::npos);
    EXPECT_FALSE(incident.first_activity.known());
  }
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_EQ(numbers.size(), 3u);
}

TEST(Build, TheGravestIncidentOfADayHasThePlainNumber) {
  Detection slight = detection("slight", {{EntityType::kInstance, "i-1"}}, kStart, kStart);
  slight.weight = 1.6;
  slight.claim = Claim::kAttempt;
  const Detection grave =
      detection("grave", {{EntityType::kInstance, "i-2"}}, kStart + kHour, kStart + kHour);
  const auto incidents = built({slight, grave});
  ASSERT_EQ(incidents.size(), 2u);
  EXPECT_GT(incidents[0].score, incidents[1].score);
  EXPECT_EQ(incidents[0].number, "INC-2025-0223-CRYPTO");
  EXPECT_EQ(incidents[1].number, "INC-2025-0223-CRYPTO-2");
}

TEST(Build, EgressThatNoPoolExplainsReachesTheImpact) {
  Detection spike = detection("egress_spike", {{EntityType::kInstance, "i-1"}}, kStart, kStart);
  spike.measures["egress_unexplained_bytes"] = 383e6;
  EXPECT_EQ(built({spike})[0].impact.egress_unexplained_bytes, 383'000'000u);
}

}  // namespace
}  // namespace davy::incident
