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

Score scored(const std::vector<Detection>& detections) {
  std::vector<const Detection*> pointers;
  for (const Detection& detection : detections)
    pointers.push_back(&detection);
  return score_of(pointers, {});
}

double score(const std::vector<Detection>& detections) {
  return scored(detections).score;
}

/// A vendor's finding of mining on each of `count` machines.
std::vector<Detection> findings_on(int count) {
  std::vector<Detection> detections;
  for (int i = 0; i < count; ++i) {
    Detection finding = piece("guardduty", Signal::kManaged, 3.5);
    finding.stage = detect::Stage::kMining;
    finding.claim = detect::Claim::kConfirmed;
    finding.entities = {{event::EntityType::kInstance, "i-" + std::to_string(i)}};
    detections.push_back(std::move(finding));
  }
  return detections;
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

TEST(Score, OneFindingIsLookedAtTenAreUrgentAndTwoHundredWakeSomebody) {
  EXPECT_LT(score(findings_on(1)), 70);
  EXPECT_LT(score(findings_on(2)), 70);
  EXPECT_NEAR(score(findings_on(10)), 80, 1);
  EXPECT_NEAR(score(findings_on(200)), 92, 1);
}

TEST(Score, TheNumberOfMachinesIsAContributionOfItsOwn) {
  const Score result = scored(findings_on(200));
  ASSERT_EQ(result.why.size(), 2u);
  EXPECT_EQ(result.why[1].text, "200 machines show it (managed)");
  EXPECT_EQ(result.why[1].detections.size(), 200u);
  EXPECT_NEAR(result.why[0].points + result.why[1].points, result.score, 1e-9);
  EXPECT_EQ(scored(findings_on(1)).why.size(), 1u);
}

TEST(Score, TwoNamesForOneMachineAreOneMachine) {
  std::vector<Detection> detections = findings_on(1);
  Detection other = detections[0];
  other.detector = "vendor";
  other.entities = {{event::EntityType::kAddress, "vpc-1/10.0.0.5"}};
  detections.push_back(other);
  EXPECT_EQ(scored(detections).why.size(), 2u);
}

TEST(Score, RepeatingOneDetectorOnOneMachineAddsNothing) {
  const Detection one = piece("cpu_plateau", Signal::kCompute, 1.5);
  EXPECT_DOUBLE_EQ(score({one}), score({one, one, one}));
}

TEST(Score, ContributionsAddUpToTheScore) {
  const std::vector<Detection> detections = {piece("a", Signal::kManaged, 3.6),
                                             piece("b", Signal::kManaged, 1.0),
                                             piece("c", Signal::kNetwork, 2.0)};
  const Score result = scored(detections);
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
  for (Detection& finding : findings_on(20)) {
    detections.push_back(std::move(finding));
    const double now = score(detections);
    EXPECT_GE(now, last - 1e-9);
    last = now;
  }
}

}  // namespace
}  // namespace davy::incident
