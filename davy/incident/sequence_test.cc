// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/sequence.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "davy/incident/score.h"
#include "davy/incident/test_incident.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Signal;
using detect::Stage;
using event::Entity;
using event::EntityType;

const Entity kDev{EntityType::kAccessKey, "AKIADEV"};

Detection step(Stage stage, double weight, DurationNs after,
               std::vector<Entity> entities = {kDev}) {
  Detection detection =
      detection_of(std::string(detect::stage_name(stage)), stage, weight, std::move(entities));
  detection.signal = Signal::kIdentity;
  detection.time = detection.end_time = kNoon + after;
  if (stage == Stage::kResourceLaunch) {
    detection.claim = Claim::kAttempt;
    detection.signal = Signal::kControlPlane;
  }
  detect::finish(detection);
  return detection;
}

Sequence of(const std::vector<Detection>& detections) {
  std::vector<const Detection*> list;
  for (const Detection& detection : detections)
    list.push_back(&detection);
  return sequence_of(list);
}

const Detection kMade = step(Stage::kPersistence, 1.5, 0);
const Detection kRaised = step(Stage::kPrivilegeEscalation, 0.3, kMinute);
const Detection kLaunched = step(Stage::kResourceLaunch, 2.9, kHour);

TEST(Sequence, OfThreeStagesInOrderByOneHandIsWorthMoreThanItsParts) {
  const Sequence found = of({kMade, kRaised, kLaunched});
  EXPECT_DOUBLE_EQ(found.weight, 2 * kPerStage);
  EXPECT_EQ(found.text,
            "Stages in order, by one chain of credentials: persistence, privilege escalation, "
            "resource launch");
  EXPECT_EQ(found.detections.size(), 3u);
}

TEST(Sequence, NeedsOrderALaunchAndSomethingDistinct) {
  EXPECT_EQ(of({kMade, kRaised}).weight, 0);
  EXPECT_EQ(of({kMade, kLaunched}).weight, 0);
  EXPECT_EQ(of({step(Stage::kPersistence, 1.5, 2 * kHour), kRaised, kLaunched}).weight, 0);
  // A stack that makes a user, attaches a policy and starts machines.
  EXPECT_EQ(of({step(Stage::kPersistence, 0.3, 0), kRaised, kLaunched}).weight, 0);
  Detection ordinary = kLaunched;
  ordinary.claim = Claim::kContext;
  ordinary.weight = 1;
  EXPECT_EQ(of({kMade, kRaised, ordinary}).weight, 0);
  // After a warning that the key is public no launch of it is ordinary.
  EXPECT_GT(of({step(Stage::kInitialAccess, 2.5, -kHour), kMade, ordinary}).weight, 0);
}

TEST(Sequence, FollowsTheChainAndNobodyElse) {
  const Entity made{EntityType::kGrantedUser, "arn:aws:iam::1:user/backup"};
  const Entity acts{EntityType::kPrincipal, "arn:aws:iam::1:user/backup"};
  const Detection by_made = step(Stage::kResourceLaunch, 2.9, kHour, {acts});
  EXPECT_EQ(of({kMade, kRaised, by_made}).weight, 0);
  EXPECT_GT(of({kMade, kRaised, step(Stage::kPersistence, 0.2, 0, {kDev, made}), by_made}).weight,
            0);
  EXPECT_EQ(of({kMade, kRaised,
                step(Stage::kResourceLaunch, 2.9, kHour, {{EntityType::kAccessKey, "AKIA2"}})})
                .weight,
            0);
}

TEST(Sequence, MoreDetectionsNeverLowerTheScoreInAnyOrder) {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    std::vector<Detection> detections;
    double last = 0;
    for (int i = 0; i < 12; ++i) {
      detections.push_back(step(static_cast<Stage>(random() % 6),
                                0.1 * static_cast<double>(random() % 20),
                                static_cast<DurationNs>(random() % 8) * kMinute));
      std::vector<const Detection*> list;
      for (const Detection& detection : detections)
        list.push_back(&detection);
      const double now = score_of(list, {}).score;
      EXPECT_GE(now, last - 1e-9);
      std::shuffle(list.begin(), list.end(), random);
      EXPECT_NEAR(score_of(list, {}).score, now, 1e-9);
      last = now;
    }
  }
}

}  // namespace
}  // namespace davy::incident
