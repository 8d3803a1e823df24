// SPDX-License-Identifier: Apache-2.0
// The anchors of the score (docs/decisions/0003-score.md) with the weights that the shipped rules
// and detectors give. The three cases with scale or company are the estate's planted incidents,
// held to their ranges by estate_test.cc; here are the two that say "do not wake anybody", and that
// the labels carry the anchors' ranges.
#include <algorithm>
#include <map>

#include "tests/harness/estate_folder.h"
#include <gtest/gtest.h>

#include "davy/incident/score.h"

namespace davy::tests {
namespace {

using incident::Incident;
using incident::Severity;

std::vector<Incident> incidents_in(const std::string& place) {
  source::Progress progress;
  return pipeline::scan({place}, built_in_knowledge(), {1, {}}, progress).incidents;
}

TEST(Anchors, OneConnectionToPort3333IsNoIncident) {
  const TestFolder folder;
  folder.write("flows.log",
               "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets "
               "bytes start end action log-status\n"
               "2 111122223333 eni-0a1b2c3d4e5f60718 10.0.0.5 8.8.4.4 51656 3333 6 12 4187 "
               "1740283224 1740283234 ACCEPT OK\n"
               "2 111122223333 eni-0a1b2c3d4e5f60718 8.8.4.4 10.0.0.5 3333 51656 6 10 9198 "
               "1740283224 1740283234 ACCEPT OK\n");
  source::Progress progress;
  const report::ScanReport report =
      pipeline::scan({folder.path()}, built_in_knowledge(), {1, {}}, progress);
  ASSERT_EQ(report.detections.size(), 1u);
  EXPECT_EQ(report.detections[0].detector, "mining_port");
  const detect::Detection* alone[] = {&report.detections[0]};
  EXPECT_LT(incident::score_of(alone, {}).score, 30);
  EXPECT_TRUE(report.incidents.empty());
}

TEST(Anchors, AVendorsFindingAloneSaysLookAtItAndWakesNobody) {
  const std::vector<Incident> found = incidents_in(estate_folder("estate").path() + "/guardduty");
  ASSERT_FALSE(found.empty());
  for (const Incident& incident : found) {
    if (incident.machines.size() > 1) continue;
    EXPECT_GT(incident.score, 40) << incident.title;
    EXPECT_LT(incident.score, 70) << incident.title;
  }
}

TEST(Anchors, OneSourceThatShowsAFleetMiningIsNoLongerMedium) {
  for (const char* source : {"route53", "guardduty"}) {
    size_t fleets = 0;
    for (const Incident& incident : incidents_in(estate_folder("estate").path() + "/" + source)) {
      if (incident.machines.size() < 200) continue;
      ++fleets;
      EXPECT_GE(incident.score, 85) << source << ' ' << incident.title;
      EXPECT_TRUE(std::any_of(incident.why.begin(), incident.why.end(),
                              [](const incident::Contribution& part) {
                                return part.text.starts_with("200 machines show it");
                              }));
    }
    EXPECT_EQ(fleets, 1u) << source;
  }
}

TEST(Anchors, TheEstatesLabelsAreTheAnchors) {
  std::map<std::string, std::pair<double, double>> ranges;
  for (const nlohmann::json& label : estate_folder("estate").labels.at("incidents")) {
    const nlohmann::json& range = label.at("expected_score");
    ranges[label.at("name")] = {range.at("min"), range.at("max")};
  }
  const std::map<std::string, std::pair<double, double>> anchors = {
      {"ec2-guardduty", {85, 91}}, {"mass-launch", {97, 100}}, {"root-key", {92, 100}}};
  EXPECT_EQ(ranges, anchors);
}

/// One source alone tells a campaign once, not once a machine.
TEST(Anchors, OneSourceAloneFindsTheThreeCampaigns) {
  for (const char* source : {"route53", "guardduty", "vpcflow"}) {
    const std::vector<Incident> found = incidents_in(estate_folder("estate").path() + "/" + source);
    EXPECT_EQ(std::count_if(found.begin(), found.end(),
                            [](const Incident& i) { return i.severity >= Severity::kMedium; }),
              3)
        << source;
    for (const Incident& incident : found) {
      for (const impact::Machine& machine : incident.machines)
        EXPECT_NE(machine.state, impact::RunState::kEnded) << source << ' ' << machine.id;
    }
  }
}

}  // namespace
}  // namespace davy::tests
