// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/machine.h"

#include <gtest/gtest.h>

namespace davy::impact {
namespace {

constexpr Time kLaunch{1'700'000'000 * kSecond};

summary::InstanceFact launched() {
  summary::InstanceFact fact;
  fact.id = "i-1";
  fact.launched = kLaunch;
  return fact;
}

RunState state(const summary::InstanceFact& fact, Time last_seen, Time as_of) {
  return machine_of(fact, last_seen, as_of).state;
}

TEST(RunState, WithoutARecordOfItsLaunchOrEndAMachineIsNotSaidToHaveEnded) {
  summary::InstanceFact fact;
  fact.id = "i-1";
  EXPECT_EQ(state(fact, kLaunch, kLaunch + 6 * kHour), RunState::kUnknown);
  EXPECT_EQ(state(fact, {}, kLaunch), RunState::kUnknown);
  EXPECT_EQ(state(fact, kLaunch, kLaunch + 30 * kMinute), RunState::kRunning);
}

TEST(RunState, ALaunchedMachineRunsUntilARecordEndsItOrADayIsSilent) {
  EXPECT_EQ(state(launched(), {}, kLaunch + 6 * kHour), RunState::kRunning);
  EXPECT_EQ(state(launched(), {}, kLaunch + 25 * kHour), RunState::kUnknown);
  EXPECT_EQ(state(launched(), kLaunch + 10 * kHour, kLaunch + 25 * kHour), RunState::kRunning);
}

TEST(RunState, TerminationAndTheLastStopEndIt) {
  summary::InstanceFact fact = launched();
  using What = summary::PowerChange::What;
  fact.power.add({kLaunch + kHour, What::kStopped, ""});
  const Machine stopped = machine_of(fact, {}, kLaunch + 2 * kHour);
  EXPECT_EQ(stopped.state, RunState::kEnded);
  EXPECT_EQ(stopped.ended, kLaunch + kHour);
  fact.power.add({kLaunch + 90 * kMinute, What::kStarted, ""});
  EXPECT_EQ(state(fact, {}, kLaunch + 2 * kHour), RunState::kRunning);
  fact.ended = kLaunch + 100 * kMinute;
  EXPECT_EQ(machine_of(fact, {}, kLaunch + 2 * kHour).ended, fact.ended);
}

TEST(RunState, WorkWellAfterAStopShowsThatItWasStartedAgain) {
  summary::InstanceFact fact = launched();
  const Time stop = kLaunch + kHour;
  fact.power.add({stop, summary::PowerChange::What::kStopped, ""});
  EXPECT_EQ(state(fact, stop + 10 * kMinute, stop + 20 * kMinute), RunState::kEnded);
  EXPECT_EQ(state(fact, stop + 2 * kHour, stop + 2 * kHour), RunState::kRunning);
}

std::vector<std::string> times(const Machine& machine) {
  std::vector<std::string> texts;
  for (const PoweredOn& time : machine.powered_on) {
    const int64_t begin = (time.begin - kLaunch) / kHour;
    texts.push_back(std::to_string(begin) + '-' +
                    (time.end.known() ? std::to_string((time.end - kLaunch) / kHour) : "") + ' ' +
                    time.type);
  }
  return texts;
}

TEST(PoweredOn, FollowsStopsStartsAndTheTypeOfThen) {
  using What = summary::PowerChange::What;
  summary::InstanceFact fact = launched();
  fact.launch_type = "t3.micro";
  fact.type = "p3.16xlarge";  // a finding saw it later
  fact.power.add({kLaunch + 2 * kHour, What::kStopped, ""});
  fact.power.add({kLaunch + 3 * kHour, What::kStopped, ""});
  fact.power.add({kLaunch + 3 * kHour, What::kResized, "p3.16xlarge"});
  fact.power.add({kLaunch + 12 * kHour, What::kStarted, ""});
  fact.ended = kLaunch + 13 * kHour;
  const Machine machine = machine_of(fact, {}, kLaunch + 20 * kHour);
  EXPECT_EQ(times(machine), (std::vector<std::string>{"0-2 t3.micro", "12- p3.16xlarge"}));
  EXPECT_EQ(machine.type, "p3.16xlarge");
  EXPECT_EQ(machine.ended, fact.ended);
}

TEST(PoweredOn, AStartAsFirstRecordMeansOffBeforeUnlessTheLaunchIsKnown) {
  summary::InstanceFact fact;
  fact.id = "i-1";
  fact.type = "c5.large";
  fact.power.add({kLaunch + kHour, summary::PowerChange::What::kStarted, ""});
  EXPECT_EQ(times(machine_of(fact, {}, kLaunch + 2 * kHour)),
            (std::vector<std::string>{"1- c5.large"}));
  fact.launched = kLaunch;
  EXPECT_EQ(times(machine_of(fact, {}, kLaunch + 2 * kHour)),
            (std::vector<std::string>{"0- c5.large"}));
}

}  // namespace
}  // namespace davy::impact
