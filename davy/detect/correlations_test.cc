// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/correlations.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/detect/entities_of.h"
#include "davy/detect/test_events.h"

namespace davy::detect {
namespace {

using event::Entity;
using event::EntityType;
using testing::kMidnight;
using testing::Record;
using testing::record_of;

/// Rule 0 feeds rule 1, which is grouped by a field that says nothing of what it names.
const sigma::RuleSet& rules() {
  static const sigma::RuleSet kRules = [] {
    const std::vector<sigma::RuleText> texts = {{"base.yml", R"(title: Base
id: 11111111-1111-4111-8111-111111111111
name: base
level: low
logsource: {product: aws, service: route53resolver}
detection: {s: {x: y}, condition: s}
)"},
                                                {"many.yml", R"(title: Many
id: 22222222-2222-4222-8222-222222222222
level: high
correlation:
  type: event_count
  rules: [base]
  group-by: [who]
  timespan: 1h
  condition: {gte: 2}
davy: {signal: network, stage: mining, claim: consistent, weight: 0.9, confidence: 0.5}
)"}};
    sigma::LoadReport report;
    return sigma::RuleSet::load(texts, {}, report);
  }();
  return kRules;
}

/// What a worker does with records that matched rule 0.
class Observer {
 public:
  Observer() : state_(rules()) {
    slot_ = schema_.add("who");
    state_.bind(0, {}, schema_);
  }

  void observe(const std::vector<Record>& records) {
    for (const Record& record : records)
      record([&](const event::Event& event) { observe(event); });
  }
  void observe(const event::Event& event) {
    event::Fields fields;
    fields.reset(schema_.size());
    fields.add(slot_, event::Value::Type::kString, "all");
    state_.observe(
        0, {0}, {event.time, event.key, event.ref, record_id_of(event, "test"), names_.of(event)},
        fields);
  }
  void merge(Observer&& other) { state_.merge(std::move(other.state_)); }

  std::vector<Detection> judged(std::vector<std::string>& notes) const {
    std::vector<Detection> detections;
    judge_correlations(state_.judge(), rules(), notes, detections);
    return detections;
  }
  Detection only() const {
    std::vector<std::string> notes;
    const auto detections = judged(notes);
    EXPECT_EQ(detections.size(), 1u);
    return detections.empty() ? Detection{} : detections[0];
  }

 private:
  event::Schema schema_;
  event::Slot slot_ = event::kNoSlot;
  sigma::CorrelationState state_;
  NamedRecords names_;
};

bool names(const Detection& detection, EntityType type, std::string_view id) {
  return std::count(detection.entities.begin(), detection.entities.end(),
                    Entity{type, std::string(id)}) == 1;
}

TEST(Correlations, NameTheWorkloadBehindFlows) {
  Observer observer;
  for (const uint16_t port : {uint16_t{3333}, uint16_t{3334}}) {
    event::Flow flow;
    flow.interface = "eni-7";
    flow.vpc = "vpc-1";
    flow.local_ip = "10.0.0.5";
    flow.remote_ip = "203.0.113.9";
    flow.remote_port = port;
    event::Event event;
    event.time = event.end = kMidnight;
    event.key = hash128(std::to_string(port));
    event.account = "111122223333";
    event.region = "eu-west-1";
    event.flow = &flow;
    observer.observe(event);
  }
  const Detection detection = observer.only();
  EXPECT_TRUE(names(detection, EntityType::kAddress, "vpc-1/10.0.0.5"));
  EXPECT_TRUE(names(detection, EntityType::kInterface, "eni-7"));
  EXPECT_TRUE(names(detection, EntityType::kRemoteAddress, "203.0.113.9:3333"));
  EXPECT_TRUE(names(detection, EntityType::kRemoteAddress, "203.0.113.9:3334"));
  EXPECT_TRUE(names(detection, EntityType::kAccount, "111122223333"));
  EXPECT_TRUE(names(detection, EntityType::kRegion, "eu-west-1"));
}

void append_names(const event::Event& event, std::vector<Entity>& entities,
                  std::vector<Indicator>& indicators) {
  visit_entities(event, [&](EntityType type, std::string_view id) {
    entities.push_back({type, std::string(id)});
  });
  visit_indicators(event, [&](IndicatorType type, std::string_view value) {
    indicators.push_back({type, std::string(value)});
  });
}

TEST(Correlations, NameWhatARulesDetectionOverTheSameRecordsNames) {
  const std::vector<Record> records = {
      record_of(testing::Launch{kMidnight, "c5.large", "us-east-1", 3}),
      record_of(testing::Query{kMidnight + kMinute, "pool.supportxmr.com", "i-1"}),
      record_of(testing::Login{kMidnight + 2 * kMinute}),
      record_of(testing::ProcessSeen{kMidnight + 3 * kMinute, "/tmp/x"})};
  Observer observer;
  observer.observe(records);
  Detection expected;
  for (const Record& record : records) {
    record([&](const event::Event& event) {
      append_names(event, expected.entities, expected.indicators);
    });
  }
  finish(expected);
  const Detection detection = observer.only();
  EXPECT_EQ(detection.entities, expected.entities);
  EXPECT_EQ(detection.indicators, expected.indicators);
  EXPECT_EQ(detection.count, 4u);
  EXPECT_EQ(detection.weight, 0.9);
}

TEST(Correlations, OrderSplitAndCopiesChangeNothingBeyondTheBounds) {
  std::vector<Record> records;
  for (int i = 0; i < 80; ++i) {
    records.push_back(
        record_of(testing::Launch{kMidnight + i * kMinute, "c5.large", "us-east-1", 20}));
  }
  const auto findings = [](const Observer& observer, std::vector<std::string>& notes) {
    std::string all;
    for (const Detection& detection : observer.judged(notes))
      all += testing::text_of(detection);
    return all;
  };
  Observer whole;
  whole.observe(records);
  std::vector<std::string> expected_notes;
  const std::string expected = findings(whole, expected_notes);
  ASSERT_EQ(expected_notes.size(), 1u);  // 1,600 instances
  EXPECT_NE(expected_notes[0].find("more than 600 entities"), std::string::npos);
  std::mt19937 random(3);
  for (int round = 0; round < 4; ++round) {
    std::vector<Record> delivered = records;
    delivered.insert(delivered.end(), records.begin(), records.begin() + 30);
    std::shuffle(delivered.begin(), delivered.end(), random);
    Observer a;
    Observer b;
    a.observe({delivered.begin(), delivered.begin() + 50});
    b.observe({delivered.begin() + 50, delivered.end()});
    b.merge(std::move(a));
    std::vector<std::string> notes;
    EXPECT_TRUE(findings(b, notes) == expected);
    EXPECT_EQ(notes, expected_notes);
  }
}

TEST(NamedRecords, AreBuiltOnceForRecordsThatNameTheSame) {
  NamedRecords records;
  std::vector<sigma::Attachment> seen;
  for (const Time time : {kMidnight, kMidnight + kHour}) {
    record_of(testing::Query{time, "a.example"})(
        [&](const event::Event& event) { seen.push_back(records.of(event)); });
  }
  EXPECT_EQ(seen[0], seen[1]);
}

/// An event with every payload, whose texts are "0", "1", … except that number `changed` is "x".
class Full {
 public:
  explicit Full(size_t changed) : changed_(changed) {
    for (auto* text : {&event_.account,
                       &event_.region,
                       &event_.instance,
                       &event_.host,
                       &event_.cluster,
                       &event_.task,
                       &event_.container,
                       &event_.pod,
                       &event_.image,
                       &event_.actor.type,
                       &event_.actor.arn,
                       &event_.actor.issuer_arn,
                       &event_.actor.access_key,
                       &event_.actor.source_ip,
                       &call_.service,
                       &call_.target,
                       &call_.created_access_key,
                       &dns_.name,
                       &dns_.client_ip,
                       &dns_.vpc,
                       &flow_.interface,
                       &flow_.vpc,
                       &flow_.local_ip,
                       &flow_.remote_ip,
                       &finding_.domain,
                       &finding_.remote_ip,
                       &finding_.process_path,
                       &finding_.process_sha256,
                       &process_.user,
                       &process_.path,
                       &process_.sha256,
                       &change_.subject,
                       &change_.source_ip,
                       &instance_,
                       &key_}) {
      set(*text);
    }
    call_.launch = event::Launch{};
    set(call_.launch->image);
    set(call_.launch->key_name);
    finding_.remote_port = set_number();
    flow_.remote_port = set_number();
    change_.what =
        set_number() == 0 ? event::HostChange::What::kUserAdded : event::HostChange::What::kLogin;
    call_.instance_ids = finding_.instance_ids = {&instance_, 1};
    finding_.access_keys = {&key_, 1};
    event_.api = &call_;
    event_.dns = &dns_;
    event_.flow = &flow_;
    event_.finding = &finding_;
    event_.process = &process_;
    event_.host_change = &change_;
  }
  size_t places() const { return texts_.size(); }
  const event::Event& event() const { return event_; }

 private:
  void set(std::string_view& text) {
    texts_.push_back(texts_.size() == changed_ ? "x" : std::to_string(texts_.size()));
    text = texts_.back();
  }
  uint16_t set_number() {
    texts_.emplace_back();
    return texts_.size() - 1 == changed_ ? 1 : 0;
  }

  size_t changed_;
  std::deque<std::string> texts_;
  std::string_view instance_, key_;
  event::ApiCall call_;
  event::DnsQuery dns_;
  event::Flow flow_;
  event::Finding finding_;
  event::Process process_;
  event::HostChange change_;
  event::Event event_;
};

TEST(NamedRecords, NoTwoRecordsThatNameDifferentThingsAreTakenForOne) {
  NamedRecords records;
  const size_t places = Full(SIZE_MAX).places();
  for (size_t changed = 0; changed <= places; ++changed) {
    const Full full(changed);
    std::vector<Entity> entities;
    std::vector<Indicator> indicators;
    append_names(full.event(), entities, indicators);
    const auto attachment = records.of(full.event());
    const auto& named = *static_cast<const Named*>(attachment.get());
    EXPECT_EQ(named.entities, entities) << changed;
    EXPECT_EQ(named.indicators, indicators) << changed;
  }
}

}  // namespace
}  // namespace davy::detect
