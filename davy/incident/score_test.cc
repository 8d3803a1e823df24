// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/score.h"

#include <numeric>

#include <gtest/gtest.h>

namespace davy::incident {
namespace {

using detect::Detection;
using detect::Signal;

Detection piece(std::string detector, Signal signal, double weight) {
  Detection detection;
  detection.detector = detector;
  detection.id = "det-" + detector;
  detection.title = detector;
  detection.signal = signal;
  detection.weight = weight;
  return detection;
}

double score(const std::vector<Detection>& detections) {
  std::vector<const Detection*> pointers;
  for (const Detection& detection : detections)
    pointers.push_back(&detection);
  return score_of(pointers).score;
}

TEST(Score, TheAnchorsOfTheSpecification) {
  const Detection finding = piece("guardduty", Signal::kManaged, 3.6);
  const Detection miner = piece("miner_process", Signal::kProcess, 3.6);
  const Detection pool = piece("known_pool", Signal::kNetwork, 3.0);
  const Detection plateau = piece("cpu_plateau", Signal::kCompute, 1.5);
  EXPECT_NEAR(score({finding, miner, pool, plateau}), 88, 3);
  EXPECT_LT(score({piece("mining_port", Signal::kNetwork, 0.3)}), 30);
  EXPECT_GE(score({piece("mass_launch", Signal::kControlPlane, 5.5), finding, pool}), 97);
  EXPECT_GE(score({piece("root_launch", Signal::kControlPlane, 4.8), finding, pool}), 92);
  // A trusted product alone says "look at it", not "wake up".
  EXPECT_GT(score({finding}), 40);
  EXPECT_LT(score({finding}), 70);
}

TEST(Score, RepeatingOneDetectorAddsNothing) {
  const Detection one = piece("cpu_plateau", Signal::kCompute, 1.5);
  EXPECT_DOUBLE_EQ(score({one}), score({one, one, one}));
}

TEST(Score, ContributionsAddUpToTheScore) {
  const std::vector<Detection> detections = {piece("a", Signal::kManaged, 3.6),
                                             piece("b", Signal::kManaged, 1.0),
                                             piece("c", Signal::kNetwork, 2.0)};
  std::vector<const Detection*> pointers;
  for (const Detection& detection : detections)
    pointers.push_back(&detection);
  const Score result = score_of(pointers);
  const double sum =
      std::accumulate(result.why.begin(), result.why.end(), 0.0,
                      [](double total, const Contribution& c) { return total + c.points; });
  EXPECT_NEAR(sum, result.score, 1e-9);
  EXPECT_EQ(result.why.front().text, "a");
}

TEST(Score, MoreEvidenceNeverLowersIt) {
  std::vector<Detection> detections;
  double last = 0;
  for (int i = 0; i < 20; ++i) {
    detections.push_back(piece("d" + std::to_string(i), static_cast<Signal>(i % 8), 0.1 * (i % 5)));
    const double now = score(detections);
    EXPECT_GE(now, last - 1e-9);
    last = now;
  }
}

}  // namespace
}  // namespace davy::incident
