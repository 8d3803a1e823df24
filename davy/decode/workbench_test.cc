// SPDX-License-Identifier: Apache-2.0
// Recognition: what a record is read as depends on the record only.
#include "davy/decode/workbench.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "davy/decode/json_shape.h"
#include "davy/decode/json_walker.h"

namespace davy::decode {
namespace {

using Members = std::vector<std::string>;

/// The top-level members of one record of every JSON format, and of traps between two.
const std::vector<Members>& samples() {
  static const std::vector<Members> kSamples = {
      {R"("eventVersion":"1.08")", R"("eventSource":"ec2.amazonaws.com")",
       R"("eventName":"RunInstances")", R"("awsRegion":"eu-west-1")",
       R"("eventTime":"2026-03-01T10:00:00Z")", R"("eventID":"e")"},
      {R"("eventType":"AwsCloudTrailInsight")", R"("eventID":"i")"},
      {R"("digestStartTime":"2026-03-01T10:00:00Z")", R"("digestS3Object":"o")"},
      {R"("EventId":"e")",
       R"("CloudTrailEvent":"{\"eventSource\":\"s\",\"eventName\":\"n\",\"awsRegion\":\"r\",\"eventTime\":\"2026-03-01T10:00:00Z\"}")"},
      {R"("schemaVersion":"2.0")", R"("type":"CryptoCurrency:EC2/BitcoinTool.B")",
       R"("service":{"serviceName":"guardduty","detectorId":"d","eventFirstSeen":"2026-03-01T10:00:00Z"})",
       R"("createdAt":"2026-03-01T10:00:00Z")"},
      {R"("metric_stream_name":"s")", R"("metric_name":"CPUUtilization")",
       R"("namespace":"AWS/EC2")", R"("timestamp":1611929698000)",
       R"("dimensions":{"InstanceId":"i-1"})", R"("value":{"count":3.0,"sum":20.0})"},
      {R"("MetricDataResults":[])", R"("Messages":[])"},
      {R"("Label":"CPUUtilization")", R"("Datapoints":[])"},
      {R"("query_name":"a.example.")", R"("query_timestamp":"2026-03-01T10:00:00Z")",
       R"("vpc_id":"vpc-1")", R"("srcaddr":"10.0.0.1")"},
      {R"("rule":"Miner")", R"("priority":"Critical")", R"("output":"x")",
       R"("time":"2026-03-01T10:00:00Z")", R"("output_fields":{"proc.name":"xmrig"})",
       R"("source":"syscall")"},
      {R"("CommandId":"c")", R"("StandardOutputContent":"x")", R"("InstanceId":"i-1")"},
      {R"("detail-type":"GuardDuty Finding")", R"("source":"aws.guardduty")",
       R"("detail":{"schemaVersion":"2.0","type":"t","service":{"detectorId":"d"},"createdAt":"2026-03-01T10:00:00Z"})"},
      {R"("messageType":"CONTROL_MESSAGE")", R"("logEvents":[])"},
      {R"("Type":"Notification")", R"("TopicArn":"t")", R"("Message":"hello")"},
      {R"("AlarmName":"a")", R"("NewStateValue":"ALARM")"},
      {R"("eventSource":"aws:s3")", R"("s3":{})", R"("eventName":"ObjectCreated:Put")"},
      {R"("message":"2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1 2 ACCEPT OK")"},
      {R"("event\u0053ource":"s")", R"("event\u004eame":"n")"},
      {R"("data":{"Datapoints":[]})"},
      {R"("other":[1,2,{"x":null}])", R"("broken":tru)"},
  };
  return kSamples;
}

std::string record_of(const Members& members) {
  std::string text = "{";
  for (const std::string& member : members)
    text += (text.size() > 1 ? "," : "") + member;
  return text + "}";
}

/// Every sample, every two of them as one record, and each of those without one member.
std::vector<std::string> all_records() {
  std::vector<std::string> records;
  for (const Members& first : samples()) {
    for (const Members& second : samples()) {
      Members both = first;
      if (&first != &second) both.insert(both.end(), second.begin(), second.end());
      records.push_back(record_of(both));
      for (size_t i = 0; i < both.size(); ++i) {
        Members less = both;
        less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
        records.push_back(record_of(less));
      }
    }
  }
  return records;
}

class NamingSink final : public Sink {
 public:
  NamingSink(const Catalog& catalog, const Workbench& bench) : catalog_(catalog), bench_(bench) {}
  void emit(const event::Event&, const event::Fields&) override {
    seen += std::string(catalog_.format(bench_.running_format()).name) + ' ';
  }
  std::string seen;

 private:
  const Catalog& catalog_;
  const Workbench& bench_;
};

/// What becomes of a record: its events' formats and its outcome.
std::string read_as(std::string_view record, const Catalog& catalog, Workbench& bench) {
  std::string padded(record);
  padded.resize(record.size() + RawRecord::kPadding);
  const StreamContext stream;
  NamingSink sink(catalog, bench);
  const Outcome outcome = bench.decode_json({{padded.data(), record.size()}, 0, &stream}, sink);
  return sink.seen + std::to_string(static_cast<int>(outcome.verdict)) + ' ' +
         std::string(outcome.reason);
}

class Recognition : public ::testing::TestWithParam<PlainJson> {};

TEST_P(Recognition, DoesNotDependOnTheRecordBefore) {
  const Catalog catalog(GetParam());
  const std::vector<std::string> records = all_records();
  std::vector<std::string> alone;
  for (const std::string& record : records) {
    Workbench fresh(catalog);
    alone.push_back(read_as(record, catalog, fresh));
  }
  Workbench bench(catalog);
  for (const Members& before : samples()) {
    for (size_t i = 0; i < records.size(); ++i) {
      read_as(record_of(before), catalog, bench);
      EXPECT_EQ(read_as(records[i], catalog, bench), alone[i])
          << records[i] << "\nafter " << record_of(before);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutPlainJson, Recognition,
                         ::testing::Values(PlainJson::kReject, PlainJson::kAccept));

TEST(Formats, TellAndSureKeysSayWhatRecognitionSays) {
  JsonParser parser;
  size_t recognised = 0;
  for (const std::string& record : all_records()) {
    std::string padded = record;
    padded.resize(record.size() + RawRecord::kPadding);
    const JsonShape shape = read_shape({padded.data(), record.size()}, parser);
    for (const Format* format : formats()) {
      if (format->looks_like_json == nullptr) continue;
      const bool looks = format->looks_like_json(shape);
      const auto& tell = format->tell_keys;
      const auto& sure = format->sure_keys;
      recognised += looks ? 1 : 0;
      if (looks && !tell.empty()) {
        EXPECT_TRUE(std::any_of(tell.begin(), tell.end(),
                                [&](std::string_view key) { return shape.has(key); }))
            << format->name << ": " << record;
      }
      if (!sure.empty() && std::all_of(sure.begin(), sure.end(), [&](std::string_view key) {
            return shape.is_string(key);
          })) {
        EXPECT_TRUE(looks) << format->name << ": " << record;
      }
    }
  }
  EXPECT_GT(recognised, 500u);
}

TEST(Workbench, TextThatIsNoTextDoesNotCostTheRecord) {
  const Catalog catalog(PlainJson::kReject);
  const auto read = [&](const std::string& name) {
    Workbench bench(catalog);
    const std::string seen = read_as(
        R"({"eventVersion":"1.08","eventSource":"ec2.amazonaws.com","eventName":"RunInstances",)"
        R"("awsRegion":"us-east-1","eventTime":"2024-03-04T12:00:00Z","eventID":"e",)"
        R"("userIdentity":{"type":"IAMUser","userName":")" +
            name + R"("},"userAgent":")" + name + "\"}",
        catalog, bench);
    return seen + (bench.repaired() ? " repaired" : "");
  };
  const std::string whole = read("bob");
  ASSERT_NE(whole.find("cloudtrail"), std::string::npos) << whole;
  for (const char* name : {R"(\ud800bob)", "\xff\xfe", R"(\x)",
                           "a\x01"
                           "b",
                           R"(\u12)"})
    EXPECT_EQ(read(name), whole + " repaired") << name;
  for (const char* name : {R"(\u00e9)", "\xc3\xa9", R"(\ud83d\ude00)"})
    EXPECT_EQ(read(name), whole) << name;
}

TEST(Workbench, RefusesHostileDepthWhereverItStands) {
  const Catalog catalog(PlainJson::kAccept);
  Workbench bench(catalog);
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const std::string refusal = "2 nested more than 128 levels deep";
  EXPECT_EQ(read_as(R"({"x":)" + deep + "}", catalog, bench), refusal);
  EXPECT_EQ(read_as(R"({"message":"{\"x\":)" + deep + "}\"}", catalog, bench), refusal);
}

}  // namespace
}  // namespace davy::decode
