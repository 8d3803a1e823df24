// SPDX-License-Identifier: Apache-2.0
// Detection against the labels: every planted incident is found, scored as the labels say, and
// nothing benign is raised at medium or above. What is planted is read from labels.json only.
#include <algorithm>
#include <map>
#include <set>

#include "tests/harness/estate_folder.h"
#include <gtest/gtest.h>

#include "davy/base/text.h"
#include "davy/report/report.h"
#include "davy/simulate/simulate.h"

namespace davy::tests {
namespace {

using incident::Incident;
using incident::Severity;
using nlohmann::json;

/// Scanned once a process for each scenario.
const report::ScanReport& scan_of(const std::string& scenario) {
  static std::map<std::string, report::ScanReport> scanned;
  const auto place = scanned.find(scenario);
  if (place != scanned.end()) return place->second;
  source::Progress progress;
  return scanned[scenario] = pipeline::scan({estate_folder(scenario).path()}, built_in_knowledge(),
                                            {2, {}}, progress);
}

std::set<std::string> words(const json& label) {
  std::set<std::string> all;
  for (const char* key : {"instances", "access_keys", "principals"}) {
    for (const json& word : label.at(key))
      all.insert(word.get<std::string>());
  }
  return all;
}

bool is_about(const Incident& incident, const json& label) {
  const std::set<std::string> wanted = words(label);
  return std::any_of(incident.entities.begin(), incident.entities.end(),
                     [&](const event::Entity& entity) {
                       const std::string_view last = split(entity.id, '/').back();
                       return wanted.contains(entity.id) || wanted.contains(std::string(last));
                     });
}

std::string describe(const Incident& incident) {
  std::string text = std::string(incident::severity_name(incident.severity)) + " " +
                     std::to_string(incident.score) + " " + incident.title;
  for (const incident::Contribution& why : incident.why)
    text += "\n    " + std::to_string(why.points) + " " + why.text;
  return text;
}

std::vector<const Incident*> raised(const report::ScanReport& report) {
  std::vector<const Incident*> all;
  for (const Incident& incident : report.incidents) {
    if (incident.severity >= Severity::kMedium) all.push_back(&incident);
  }
  return all;
}

class Labels : public testing::TestWithParam<std::string> {};

TEST_P(Labels, EachPlantedIncidentIsRaisedOnceWithItsScore) {
  const report::ScanReport& report = scan_of(GetParam());
  for (const json& label : estate_folder(GetParam()).labels.at("incidents")) {
    SCOPED_TRACE(label.at("name"));
    std::vector<const Incident*> about;
    for (const Incident* incident : raised(report)) {
      if (is_about(*incident, label)) about.push_back(incident);
    }
    EXPECT_EQ(about.size(), 1u);
    for (const Incident* incident : about) {
      const json& range = label.at("expected_score");
      EXPECT_GE(incident->score, range.at("min").get<double>()) << describe(*incident);
      EXPECT_LE(incident->score, range.at("max").get<double>()) << describe(*incident);
    }
  }
}

TEST_P(Labels, NothingElseIsRaised) {
  const report::ScanReport& report = scan_of(GetParam());
  const json& labels = estate_folder(GetParam()).labels.at("incidents");
  for (const Incident* incident : raised(report)) {
    EXPECT_TRUE(std::any_of(labels.begin(), labels.end(), [&](const json& label) {
      return is_about(*incident, label);
    })) << describe(*incident);
  }
}

TEST_P(Labels, EachPlantedIncidentIsKindAndPlaceRight) {
  const report::ScanReport& report = scan_of(GetParam());
  for (const json& label : estate_folder(GetParam()).labels.at("incidents")) {
    SCOPED_TRACE(label.at("name"));
    for (const Incident* incident : raised(report)) {
      if (!is_about(*incident, label)) continue;
      EXPECT_EQ(incident::kind_name(incident->kind), label.at("kind").get<std::string>());
      for (const json& account : label.at("accounts")) {
        EXPECT_EQ(std::count(incident->scope.accounts.begin(), incident->scope.accounts.end(),
                             account.get<std::string>()),
                  1)
            << account;
      }
    }
  }
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const simulate::ScenarioInfo& info : simulate::scenarios())
    names.emplace_back(info.name);
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& scenario) {
  std::string name = scenario.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Scenarios, Labels, testing::ValuesIn(scenario_names()), test_name);

TEST(Estate, ContainmentInTheLogsIsToldAndNotAdvisedAgain) {
  const report::ScanReport& report = scan_of("estate");
  const auto launch = std::find_if(
      report.incidents.begin(), report.incidents.end(),
      [](const Incident& incident) { return incident.impact.resources_launched == 200; });
  ASSERT_NE(launch, report.incidents.end());
  std::set<summary::Measure> measures;
  for (const incident::ContainmentStep& step : launch->containment) {
    measures.insert(step.measure);
    EXPECT_TRUE(step.actor.ends_with("/INC-2025-0223")) << step.actor;
    EXPECT_FALSE(step.evidence.empty());
  }
  EXPECT_EQ(measures, (std::set<summary::Measure>{summary::Measure::kLoggingStarted,
                                                  summary::Measure::kProtectionLifted,
                                                  summary::Measure::kTerminated}));
  EXPECT_EQ(to_rfc3339(launch->contained_at), "2025-02-23T14:41:00Z");
  for (const std::string& step : launch->do_first) {
    EXPECT_EQ(step.find("back on"), std::string::npos) << step;
    EXPECT_EQ(step.find("terminate "), std::string::npos) << step;
  }
  const std::string ir = report::to_ir(*launch, report);
  EXPECT_LT(std::count(ir.begin(), ir.end(), '\n'), 300);
}

}  // namespace
}  // namespace davy::tests
