// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/deciding.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "davy/detect/rule_matches.h"
#include "davy/incident/join.h"
#include "davy/incident/sequence.h"
#include "davy/incident/test_incident.h"
#include "davy/incident/timeline.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Stage;
using event::Entity;
using event::EntityType;
using summary::Countermeasure;
using summary::Measure;

const Entity kAccount{EntityType::kAccount, std::string(kTestAccount)};
const Entity kMachine{EntityType::kInstance, "i-1"};
const Entity kStolenKey{EntityType::kAccessKey, "AKIASTOLEN"};
const Entity kStolenUser{EntityType::kPrincipal, "arn:aws:iam::111122223333:user/ci"};
const Entity kResponderKey{EntityType::kAccessKey, "ASIARESPONDER"};
const Entity kResponderRole{EntityType::kPrincipal, "arn:aws:iam::111122223333:role/Security"};
const Entity kResponderAddress{EntityType::kSourceAddress, "203.0.113.50"};

Detection launch() {
  Detection launch = detection_of("launch", Stage::kResourceLaunch, 4,
                                  {kAccount,
                                   kMachine,
                                   kStolenKey,
                                   kStolenUser,
                                   {EntityType::kRegion, "us-east-1"},
                                   {EntityType::kSourceAddress, "198.51.100.7"}});
  launch.claim = Claim::kConsistent;
  return launch;
}

/// What a rule of the user's tells of the responder, who ends the machine an hour after noon.
Detection match(std::string level, std::vector<std::string> tags = {}, Time when = kNoon + kHour) {
  sigma::RuleInfo rule;
  rule.id = "foreign";
  rule.title = "Instances terminated";
  rule.level = std::move(level);
  rule.tags = std::move(tags);
  Detection detection = detect::from_rule(rule);
  detection.time = detection.end_time = when;
  detection.entities = {kAccount, kMachine, kResponderKey, kResponderRole, kResponderAddress};
  detection.indicators = {
      {detect::IndicatorType::kSourceIp, kResponderAddress.id, detect::IndicatorRole::kRemoteHost}};
  detection.evidence = {{{}, "terminate", when}};
  detect::finish(detection);
  return detection;
}

const std::vector<Countermeasure> kTerminated{measure_of(Measure::kTerminated, "i-1")};

std::vector<Incident> built(const std::vector<Detection>& detections) {
  Diagnostics diagnostics;
  const auto prices = impact::PriceTable::load(
      "type,v,g,m,usd\nc5.4xlarge,16,0,32,0.68\n", "region,factor\n",
      "item,unit,usd,note\nfargate_vcpu,hour,0.04,\nfargate_memory,gib_hour,0.004,\n", diagnostics);
  return build(detections, {}, kTerminated, prices, {});
}

bool names(const Incident& incident, const Entity& entity) {
  return std::find(incident.entities.begin(), incident.entities.end(), entity) !=
         incident.entities.end();
}

TEST(Deciding, AForeignMatchOfTheRespondersWorkChangesNothingButTheLines) {
  const auto plain = built({launch()});
  ASSERT_EQ(plain.size(), 1u);
  ASSERT_EQ(plain[0].containment.size(), 1u);
  for (const char* level : {"informational", "low", "medium", "", "high", "critical"}) {
    for (const char* tag : {"attack.initial-access", "attack.impact", "attack.t1552.001", ""}) {
      const auto incidents = built({launch(), match(level, {tag})});
      ASSERT_EQ(incidents.size(), 1u);
      const Incident& incident = incidents[0];
      EXPECT_EQ(incident.id, plain[0].id) << level << tag;
      EXPECT_EQ(incident.entities, plain[0].entities) << level << tag;
      EXPECT_EQ(incident.indicators, plain[0].indicators) << level << tag;
      EXPECT_EQ(incident.containment.size(), 1u) << level << tag;
      EXPECT_EQ(incident.last_activity, plain[0].last_activity) << level << tag;
      EXPECT_EQ(incident.initial_access.vector, plain[0].initial_access.vector) << level << tag;
      EXPECT_EQ(incident.initial_access.credential, kStolenKey.id) << level << tag;
      EXPECT_EQ(incident.initial_access.source_ip, "198.51.100.7") << level << tag;
      EXPECT_EQ(incident.stages.size(), plain[0].stages.size()) << level << tag;
      EXPECT_EQ(incident.do_first, plain[0].do_first) << level << tag;
      EXPECT_EQ(incident.still_open, plain[0].still_open) << level << tag;
      EXPECT_EQ(incident.detections.size(), 2u);
      EXPECT_EQ(incident.timeline.size(), plain[0].timeline.size() + 1);
    }
  }
}

TEST(Deciding, AnIncidentKeepsItsIdAndDayWhateverForeignRulesMatchedBefore) {
  // At the turn of the day the prelude would move the first activity to the day before.
  Detection late = launch();
  late.time = late.end_time = kNoon + 12 * kHour + kMinute;
  detect::finish(late);
  Detection before = match("medium", {}, kNoon + 11 * kHour + 30 * kMinute);
  before.entities = launch().entities;
  detect::finish(before);
  const auto plain = built({late});
  const auto with_match = built({late, before});
  ASSERT_EQ(with_match.size(), 1u);
  EXPECT_EQ(with_match[0].id, plain[0].id);
  EXPECT_EQ(with_match[0].first_activity, plain[0].first_activity);
}

TEST(Deciding, IncidentsAboutTheSameThingsKeepTheirIdsToo) {
  // One host name hours apart: two incidents, told apart by their evidence alone.
  std::vector<Detection> detections;
  for (const int hour : {0, 9}) {
    Detection one = launch();
    one.time = one.end_time = kNoon + hour * kHour;
    one.entities = {{EntityType::kHost, "web-1"}};
    one.evidence = {{{}, "record " + std::to_string(hour), one.time}};
    detect::finish(one);
    detections.push_back(std::move(one));
  }
  const auto plain = built(detections);
  detections.push_back(match("low"));
  detections.back().entities = {{EntityType::kHost, "web-1"}};
  detect::finish(detections.back());
  const auto with_match = built(detections);
  ASSERT_EQ(plain.size(), 2u);
  ASSERT_EQ(with_match.size(), 2u);
  EXPECT_NE(plain[0].id, plain[1].id);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(with_match[i].id, plain[i].id);
    EXPECT_EQ(with_match[i].detections.size(), 2u);
  }
}

TEST(Deciding, AStrongForeignMatchDecidesUnlessItIsTheAnswer) {
  const Detection own = launch();
  const Detection strong = match("high");
  EXPECT_EQ(deciding_of(list_of({&own, &strong}), {}).size(), 2u);
  EXPECT_EQ(deciding_of(list_of({&own, &strong}), kTerminated).size(), 1u);
  const Detection earlier = match("high", {}, kNoon + 30 * kMinute);
  EXPECT_EQ(deciding_of(list_of({&own, &earlier}), kTerminated).size(), 2u);

  // Whom Davy names himself is no responder, whatever he ends.
  Detection named = launch();
  named.entities.push_back(kResponderKey);
  detect::finish(named);
  EXPECT_EQ(deciding_of(list_of({&named, &strong}), kTerminated).size(), 2u);

  // Freeing what was blocked is no answer.
  std::vector<Countermeasure> freed = kTerminated;
  freed[0].reverses = true;
  EXPECT_EQ(deciding_of(list_of({&own, &strong}), freed).size(), 2u);
}

TEST(Deciding, AStrongForeignMatchStillNamesTheIntruder) {
  Detection by_intruder = match("high", {"attack.persistence"}, kNoon + 10 * kMinute);
  by_intruder.entities = {kAccount, kStolenKey, {EntityType::kAccessKey, "AKIASECOND"}};
  detect::finish(by_intruder);
  const auto incidents = built({launch(), by_intruder});
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_TRUE(names(incidents[0], {EntityType::kAccessKey, "AKIASECOND"}));
}

TEST(Deciding, WhatTellsNoStageIsInNone) {
  const Detection untold = match("high");
  const Detection told = match("high", {"attack.discovery"});
  EXPECT_TRUE(stages_of(list_of({&untold})).empty());
  const auto stages = stages_of(list_of({&untold, &told}));
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(stages[0].stage, Stage::kDiscovery);
}

TEST(Deciding, ForeignContextJoinsNothing) {
  Detection other = launch();
  other.entities = {kAccount, {EntityType::kInstance, "i-2"}, kResponderKey};
  detect::finish(other);
  Detection bridge = match("medium");
  EXPECT_EQ(join({launch(), other, bridge}, {}).size(), 2u);

  // Nor by telling a nameless log of which account its host is.
  const Entity host{EntityType::kHost, "web-1"};
  Detection bare = launch();
  bare.entities = {host};
  Detection later = bare;
  later.time = later.end_time = kNoon + 9 * kHour;
  Detection lender = match("medium");
  lender.entities = {kAccount, host};
  EXPECT_EQ(join({bare, later}, {}).size(), 2u);
  EXPECT_EQ(join({bare, later, lender}, {}).size(), 2u);
}

TEST(Deciding, ForeignContextTiesNoCredentialsIntoASequence) {
  Detection user =
      detection_of("user", Stage::kPersistence, 0.6, {{EntityType::kAccessKey, "ASIA1"}});
  Detection policy =
      detection_of("policy", Stage::kPrivilegeEscalation, 0.6, {{EntityType::kAccessKey, "ASIA1"}});
  Detection start = launch();
  policy.time = policy.end_time = kNoon + kMinute;
  start.time = start.end_time = kNoon + 2 * kMinute;
  Detection tie = match("low");
  tie.entities = {kStolenKey, {EntityType::kAccessKey, "ASIA1"}};
  EXPECT_EQ(sequence_of(list_of({&user, &policy, &start, &tie})).weight, 0);
  tie.foreign = false;
  EXPECT_GT(sequence_of(list_of({&user, &policy, &start, &tie})).weight, 0);
}

}  // namespace
}  // namespace davy::incident
