// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/containment.h"

#include <gtest/gtest.h>

#include "davy/incident/test_incident.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Stage;
using event::EntityType;
using summary::Countermeasure;
using summary::Measure;

const Detection kLaunch =
    detection_of("launch", Stage::kResourceLaunch, 4,
                 {{EntityType::kAccessKey, "AKIA1"},
                  {EntityType::kPrincipal, "arn:aws:iam::111122223333:user/ci"},
                  {EntityType::kInstance, "i-1"},
                  {EntityType::kInstance, "i-2"}});

Incident launched() {
  return incident_of({&kLaunch}, Kind::kCompromisedCredential, Claim::kConfirmed, 95);
}

TEST(Containment, FoldsOneMeasureOfOneActor) {
  const auto steps = containment_of(launched(), std::vector<Countermeasure>{
                                                    measure_of(Measure::kTerminated, "i-1"),
                                                    measure_of(Measure::kTerminated, "i-2"),
                                                    measure_of(Measure::kKeyDeactivated, "AKIA1"),
                                                });
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].text, "1 access key deactivated (AKIA1)");
  EXPECT_EQ(steps[1].text, "2 instances terminated (i-1, i-2)");
  EXPECT_EQ(steps[1].objects, (std::vector<std::string>{"i-1", "i-2"}));
  EXPECT_FALSE(steps[1].evidence.empty());
}

TEST(Containment, IsNeitherTheIntrudersDoingNorOlderNorElsewhereNorOfOthers) {
  Countermeasure by_intruder = measure_of(Measure::kTerminated, "i-1");
  by_intruder.actor_key = "AKIA1";
  Countermeasure by_user = measure_of(Measure::kTerminated, "i-1");
  by_user.actor = "arn:aws:iam::111122223333:user/ci";
  Countermeasure before = measure_of(Measure::kTerminated, "i-1");
  before.time = kNoon - kHour;
  Countermeasure elsewhere = measure_of(Measure::kTerminated, "i-1");
  elsewhere.account = "999900001111";
  const Countermeasure others = measure_of(Measure::kTerminated, "i-3");
  EXPECT_TRUE(containment_of(launched(), std::vector<Countermeasure>{by_intruder, by_user, before,
                                                                     elsewhere, others})
                  .empty());
}

TEST(Containment, RootsOwnerTakesRootsKeyAway) {
  const Detection launch =
      detection_of("launch", Stage::kResourceLaunch, 4,
                   {{EntityType::kAccessKey, "AKIAROOT"},
                    {EntityType::kPrincipal, "arn:aws:iam::111122223333:root"}});
  const Incident incident =
      incident_of({&launch}, Kind::kCompromisedCredential, Claim::kConfirmed, 95);
  Countermeasure by_owner = measure_of(Measure::kKeyDeleted, "AKIAROOT");
  by_owner.actor = "arn:aws:iam::111122223333:root";
  by_owner.actor_key = "ASIACONSOLE";
  EXPECT_EQ(containment_of(incident, std::vector<Countermeasure>{by_owner}).size(), 1u);
  by_owner.actor_key = "AKIAROOT";
  EXPECT_TRUE(containment_of(incident, std::vector<Countermeasure>{by_owner}).empty());
}

TEST(Containment, KeyPairsAreTheIncidentsWhenItsCredentialsMadeThem) {
  Countermeasure made = measure_of(Measure::kKeyPairDeleted, "evil");
  made.reverses = true;
  made.actor_key = "AKIA1";
  Countermeasure others = measure_of(Measure::kKeyPairDeleted, "ops");
  others.reverses = true;
  EXPECT_EQ(made_key_pairs_of(launched(), std::vector<Countermeasure>{made, others}),
            (std::vector<std::string>{"evil"}));
}

TEST(Containment, AReversingCallOfAnybodyCancelsWhatCameBefore) {
  Countermeasure back = measure_of(Measure::kKeyDeactivated, "AKIA1");
  back.reverses = true;
  back.time = kNoon + 2 * kHour;
  back.actor_key = "AKIA2";
  Incident incident = launched();
  incident.containment = containment_of(
      incident, std::vector<Countermeasure>{measure_of(Measure::kKeyDeactivated, "AKIA1"), back});
  ASSERT_EQ(incident.containment.size(), 1u);
  EXPECT_EQ(incident.containment[0].text, "1 access key deactivated (AKIA1; undone since)");
  EXPECT_EQ(incident.containment[0].undone, (std::vector<std::string>{"AKIA1"}));
  EXPECT_FALSE(is_disabled(incident, "AKIA1", ""));
  EXPECT_TRUE(is_open_again(incident, "AKIA1", ""));

  Countermeasure again = measure_of(Measure::kKeyDeactivated, "AKIA1");
  again.time = kNoon + 3 * kHour;
  incident.containment = containment_of(
      incident,
      std::vector<Countermeasure>{measure_of(Measure::kKeyDeactivated, "AKIA1"), back, again});
  EXPECT_TRUE(is_disabled(incident, "AKIA1", ""));
  EXPECT_FALSE(is_open_again(incident, "AKIA1", ""));
}

TEST(Containment, AKeyUsedAfterItsDeactivationIsOpen) {
  Incident incident = launched();
  const std::vector<Countermeasure> measures{measure_of(Measure::kKeyDeactivated, "AKIA1")};
  const auto disabled_when_used = [&](Time when) {
    Detection late = kLaunch;
    late.end_time = when;
    incident.containment = containment_of(incident, measures, last_uses_of(list_of({&late}), {}));
    return is_disabled(incident, "AKIA1", "");
  };
  EXPECT_TRUE(disabled_when_used(kNoon + 30 * kMinute));
  EXPECT_TRUE(disabled_when_used(kNoon + kHour + 20 * kSecond));
  EXPECT_FALSE(disabled_when_used(kNoon + 2 * kHour));
}

TEST(Containment, AnotherPolicyGivenIsNoReversal) {
  Countermeasure stripped = measure_of(Measure::kPolicyDetached, "ci");
  stripped.policy = "arn:aws:iam::aws:policy/AdministratorAccess";
  Countermeasure given = measure_of(Measure::kPolicyDetached, "ci");
  given.reverses = true;
  given.time = kNoon + 2 * kHour;
  given.policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const auto steps = containment_of(launched(), std::vector<Countermeasure>{stripped, given});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_TRUE(steps[0].undone.empty());
}

TEST(Containment, IsCompleteWhenTheLastMachineEnded) {
  Incident incident = launched();
  EXPECT_FALSE(contained_at(incident).known());
  impact::Machine first;
  first.state = impact::RunState::kEnded;
  first.ended = kNoon + 2 * kHour;
  impact::Machine second;
  incident.machines = {first, second};
  EXPECT_FALSE(contained_at(incident).known());
  incident.machines[1].state = impact::RunState::kEnded;
  incident.machines[1].ended = kNoon + kHour;
  EXPECT_EQ(contained_at(incident), kNoon + 2 * kHour);
}

TEST(Containment, ATrailMayBeNamedByArnOrName) {
  const Detection stopped =
      detection_of("stopped", Stage::kDefenseEvasion, 2,
                   {{EntityType::kTrail, "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}});
  const Incident incident = incident_of({&stopped}, Kind::kSuspected, Claim::kConsistent, 50);
  for (const char* name : {"main", "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}) {
    EXPECT_EQ(containment_of(
                  incident, std::vector<Countermeasure>{measure_of(Measure::kLoggingStarted, name)})
                  .size(),
              1u)
        << name;
  }
  EXPECT_TRUE(containment_of(incident, std::vector<Countermeasure>{measure_of(
                                           Measure::kLoggingStarted,
                                           "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main")})
                  .empty());
}

}  // namespace
}  // namespace davy::incident
