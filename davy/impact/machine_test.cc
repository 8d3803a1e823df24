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
  fact.stopped = kLaunch + kHour;
  const Machine stopped = machine_of(fact, {}, kLaunch + 2 * kHour);
  EXPECT_EQ(stopped.state, RunState::kEnded);
  EXPECT_EQ(stopped.ended, fact.stopped);
  fact.started = kLaunch + 90 * kMinute;
  EXPECT_EQ(state(fact, {}, kLaunch + 2 * kHour), RunState::kRunning);
  fact.ended = kLaunch + 100 * kMinute;
  EXPECT_EQ(machine_of(fact, {}, kLaunch + 2 * kHour).ended, fact.ended);
}

TEST(RunState, WorkWellAfterAStopShowsThatItWasStartedAgain) {
  summary::InstanceFact fact = launched();
  fact.stopped = kLaunch + kHour;
  EXPECT_EQ(state(fact, fact.stopped + 10 * kMinute, fact.stopped + 20 * kMinute),
            RunState::kEnded);
  EXPECT_EQ(state(fact, fact.stopped + 2 * kHour, fact.stopped + 2 * kHour), RunState::kRunning);
}

}  // namespace
}  // namespace davy::impact
