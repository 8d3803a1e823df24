// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/fusion.h"

#include <gtest/gtest.h>

#include "davy/detect/test_events.h"

namespace davy::detect {
namespace {

using event::EntityType;
using testing::kMidnight;

Detection found(std::string detector, Time time, std::string instance, double weight) {
  Detection detection;
  detection.detector = std::move(detector);
  detection.title = detection.detector;
  detection.time = time;
  detection.end_time = time + 4 * kHour;
  detection.weight = weight;
  detection.entities = {{EntityType::kInstance, std::move(instance)}};
  finish(detection);
  return detection;
}

size_t fused(const Detection& load, const Detection& session) {
  const summary::EntityLinks links;
  return fuse({load, session}, links).size();
}

TEST(Fusion, ALoadAndASessionThatBeganTogetherAreOneStrongSign) {
  const Detection load = found("cpu_plateau", kMidnight + 5 * kMinute, "i-1", 1.2);
  const Detection session = found("stratum_envelope", kMidnight, "i-1", 1.0);
  const summary::EntityLinks links;
  const std::vector<Detection> both = fuse({load, session}, links);
  ASSERT_EQ(both.size(), 1u);
  EXPECT_EQ(both[0].detector, "load_with_session");
  EXPECT_EQ(both[0].claim, Claim::kConsistent);
  EXPECT_EQ(both[0].time, kMidnight);
  EXPECT_EQ(both[0].end_time, load.end_time);
  EXPECT_GT(both[0].weight, load.weight + session.weight);
}

TEST(Fusion, NeedsTheSameMachineTheSameTimeAndMoreThanAHint) {
  const Detection load = found("cpu_plateau", kMidnight, "i-1", 1.2);
  EXPECT_EQ(fused(load, found("stratum_envelope", kMidnight + kTogether, "i-1", 1.0)), 1u);
  EXPECT_EQ(fused(load, found("stratum_envelope", kMidnight + kTogether + 1, "i-1", 1.0)), 0u);
  EXPECT_EQ(fused(load, found("stratum_envelope", kMidnight, "i-2", 1.0)), 0u);
  EXPECT_EQ(fused(load, found("stratum_envelope", kMidnight, "i-1", 0.3)), 0u);
  EXPECT_EQ(fused(load, found("mining_port", kMidnight, "i-1", 1.0)), 0u);
}

}  // namespace
}  // namespace davy::detect
