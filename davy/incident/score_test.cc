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

// The formula alone, with the worked example of docs/scoring.md. The anchors of the specification
// are held with the weights that are shipped, in tests/estate.
TEST(Score, TheWorkedExample) {
  EXPECT_NEAR(score({piece("guardduty", Signal::kManaged, 3.5),
                     piece("miner_process", Signal::kProcess, 3.6),
                     piece("known_pool_name", Signal::kNetwork, 3.0),
                     piece("cpu_plateau", Signal::kCompute, 1.6)}),
              86, 0.5);
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
