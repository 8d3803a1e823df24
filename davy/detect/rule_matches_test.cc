// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/rule_matches.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/detect/test_events.h"

namespace davy::detect {
namespace {

using testing::kMidnight;
using testing::Launch;
using testing::Record;
using testing::record_of;

/// Rule 0: with a `davy:` map. Rule 1: a foreign one.
const sigma::RuleSet& rules() {
  static const sigma::RuleSet kRules = [] {
    const std::vector<sigma::RuleText> texts = {{"own.yml", R"(title: Launch
id: 11111111-1111-4111-8111-111111111111
level: high
tags: [attack.t1578.002]
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: RunInstances}, condition: s}
davy: {signal: control_plane, stage: resource_launch, claim: attempt, weight: 1.1, confidence: 0.6}
)"},
                                                {"foreign.yml", R"(title: Foreign
id: 22222222-2222-4222-8222-222222222222
level: critical
tags: [attack.discovery]
logsource: {product: linux, category: process_creation}
detection: {s: {Image: /bin/x}, condition: s}
)"},
                                                {"managed.yml", R"(title: GuardDuty reports mining
id: 33333333-3333-4333-8333-333333333333
level: critical
logsource: {product: aws, service: guardduty}
detection: {s: {type: x}, condition: s}
davy: {signal: managed, stage: mining, claim: confirmed, weight: 3.5, confidence: 0.9}
)"}};
    sigma::LoadReport report;
    return sigma::RuleSet::load(texts, {}, report);
  }();
  return kRules;
}

void observe(RuleMatches& matches, const std::vector<Record>& records, sigma::RuleIndex rule = 0) {
  for (const Record& record : records)
    record([&](const event::Event& event) { matches.observe(rule, event, "test"); });
}

/// Sorted: judge() leaves ordering to its caller.
std::string findings(const RuleMatches& matches, std::vector<std::string>& notes) {
  std::vector<Detection> detections;
  matches.judge(rules(), notes, detections);
  std::vector<std::string> texts;
  for (const Detection& detection : detections)
    texts.push_back(testing::text_of(detection));
  std::sort(texts.begin(), texts.end());
  std::string all;
  for (const std::string& text : texts)
    all += text;
  return all;
}

std::vector<Detection> judged(const RuleMatches& matches) {
  std::vector<std::string> notes;
  std::vector<Detection> detections;
  matches.judge(rules(), notes, detections);
  return detections;
}

TEST(RuleMatches, AreOneDetectionPerSubjectAndDay) {
  RuleMatches matches;
  Launch other;
  other.principal = "arn:aws:iam::111122223333:user/eve";
  observe(matches, {record_of(Launch{}), record_of(Launch{kMidnight + kHour}),
                    record_of(Launch{kMidnight + kDay}), record_of(other)});
  const auto detections = judged(matches);
  ASSERT_EQ(detections.size(), 3u);
  EXPECT_EQ(detections[0].count + detections[1].count + detections[2].count, 4u);
  EXPECT_EQ(detections[0].stage, Stage::kResourceLaunch);
  EXPECT_EQ(detections[0].claim, Claim::kAttempt);
  EXPECT_EQ(detections[0].weight, 1.1);
  EXPECT_EQ(detections[0].techniques, std::vector<std::string>{"T1578.002"});
}

TEST(RuleMatches, AForeignRuleMayRaiseAnIncidentAndNeverMakeOne) {
  const RuleMeaning meaning = meaning_of(rules().info(1));
  EXPECT_EQ(meaning.level, Level::kCritical);
  EXPECT_EQ(meaning.signal, Signal::kProcess);
  EXPECT_EQ(meaning.stage, Stage::kDiscovery);
  EXPECT_EQ(meaning.claim, Claim::kContext);
  EXPECT_LE(meaning.weight, 0.6);
}

TEST(RuleMatches, ForeignContextIsToldByMapAndLevel) {
  sigma::RuleInfo rule;
  rule.level = "low";
  EXPECT_TRUE(is_foreign_context(from_rule(rule)));
  rule.level = "";  // medium
  EXPECT_TRUE(is_foreign_context(from_rule(rule)));
  for (const char* level : {"high", "critical"}) {
    rule.level = level;
    EXPECT_TRUE(from_rule(rule).foreign);
    EXPECT_FALSE(is_foreign_context(from_rule(rule)));
  }
  rule.level = "low";
  rule.custom = {{"weight", "0.1"}};
  EXPECT_FALSE(from_rule(rule).foreign);
  EXPECT_FALSE(is_foreign_context(from_rule(rule)));
  EXPECT_FALSE(Detection{}.foreign);
}

TEST(RuleMatches, AForeignRuleHasAStageOnlyByATacticTag) {
  sigma::RuleInfo rule;
  rule.tags = {"attack.t1578.002", "attack.collection"};
  EXPECT_FALSE(from_rule(rule).stage_told);
  rule.tags.emplace_back("attack.execution");
  EXPECT_TRUE(from_rule(rule).stage_told);
  rule.tags.clear();
  rule.custom = {{"weight", "0.1"}};
  EXPECT_TRUE(from_rule(rule).stage_told);
  EXPECT_TRUE(Detection{}.stage_told);
}

TEST(RuleMatches, OrderSplitAndCopiesChangeNothingBeyondTheBounds) {
  std::vector<Record> records;
  for (int i = 0; i < 80; ++i)
    records.push_back(record_of(Launch{kMidnight + i * kMinute, "c5.large", "us-east-1", 20}));
  RuleMatches whole;
  observe(whole, records);
  std::vector<std::string> expected_notes;
  const std::string expected = findings(whole, expected_notes);
  EXPECT_EQ(expected_notes.size(), 1u);  // 1,600 instances
  std::mt19937 random(3);
  for (int round = 0; round < 4; ++round) {
    std::vector<Record> delivered = records;
    delivered.insert(delivered.end(), records.begin(), records.begin() + 30);
    std::shuffle(delivered.begin(), delivered.end(), random);
    const auto half = delivered.begin() + 50;
    RuleMatches a;
    RuleMatches b;
    observe(a, {delivered.begin(), half});
    observe(b, {half, delivered.end()});
    b.merge(std::move(a));
    std::vector<std::string> notes;
    EXPECT_TRUE(findings(b, notes) == expected);
    EXPECT_EQ(notes, expected_notes);
  }
}

TEST(RuleMatches, AFloodOfOneRulePushesNoOtherOut) {
  RuleMatches matches;
  observe(matches, {record_of(Launch{})}, 1);
  for (int i = 0; i < 10'500; ++i) {
    Launch launch;
    launch.requested = 1;
    launch.principal = fmt::format("arn:aws:iam::111122223333:user/{}", i);
    observe(matches, {record_of(launch)}, 0);
  }
  std::vector<std::string> notes;
  std::vector<Detection> detections;
  matches.judge(rules(), notes, detections);
  EXPECT_EQ(detections.size(), RuleMatches::kMaxGroups + 1);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("rule 'Launch': more than 10,000"), std::string::npos) << notes[0];
}

std::vector<Detection> judge_findings(const std::vector<testing::VendorReport>& reports,
                                      size_t parts) {
  std::vector<RuleMatches> halves(parts);
  for (size_t i = 0; i < reports.size(); ++i) {
    record_of(reports[i])(
        [&](const event::Event& event) { halves[i % parts].observe(2, event, "guardduty"); });
  }
  for (size_t i = 1; i < parts; ++i)
    halves[0].merge(std::move(halves[i]));
  std::vector<std::string> notes;
  std::vector<Detection> detections;
  halves[0].judge(rules(), notes, detections);
  return detections;
}

TEST(RuleMatches, NameTheFindingsOfTheVendor) {
  std::vector<testing::VendorReport> reports = {
      {kMidnight, "CryptoCurrency:EC2/BitcoinTool.B", 50, {}, false, "1"},
      {kMidnight, "CryptoCurrency:EC2/BitcoinTool.B", 80, {}, false, "2"},
      {kMidnight, "Impact:EC2/BitcoinDomainRequest.Reputation", 80, {}, true, "3"}};
  for (size_t parts : {1u, 2u, 3u}) {
    const auto detections = judge_findings(reports, parts);
    ASSERT_EQ(detections.size(), 1u);
    EXPECT_EQ(detections[0].title,
              "GuardDuty reports mining: CryptoCurrency:EC2/BitcoinTool.B (HIGH), "
              "Impact:EC2/BitcoinDomainRequest.Reputation (HIGH, archived)");
    ASSERT_EQ(detections[0].vendor.size(), 2u);
    EXPECT_EQ(detections[0].vendor[0].severity, 80);
    EXPECT_NE(detections[0].detail.find("Archived"), std::string::npos);
    std::reverse(reports.begin(), reports.end());
  }
}

TEST(RuleMatches, TypesOfFindingsAreBoundedAndTheBoundIsTold) {
  RuleMatches matches;
  for (int i = 0; i < 100; ++i) {
    record_of(testing::VendorReport{kMidnight, fmt::format("Type{}", i)})(
        [&](const event::Event& event) { matches.observe(2, event, "guardduty"); });
  }
  std::vector<std::string> notes;
  std::vector<Detection> detections;
  matches.judge(rules(), notes, detections);
  ASSERT_EQ(detections.size(), 1u);
  EXPECT_EQ(detections[0].vendor.size(), RuleMatches::kMaxTypes);
  EXPECT_EQ(notes.size(), 1u);
}

TEST(RuleMatches, AFindingIsKnownWhenTheVendorReportsIt) {
  const Time created = kMidnight + 15 * kMinute;
  const auto detections = judge_findings({{kMidnight, "T", 80, created + kHour, false, "1"},
                                          {kMidnight, "T", 80, created, false, "2"}},
                                         1);
  ASSERT_EQ(detections.size(), 1u);
  EXPECT_EQ(detections[0].time, kMidnight);
  EXPECT_EQ(detections[0].known_at, created);
}

}  // namespace
}  // namespace davy::detect
