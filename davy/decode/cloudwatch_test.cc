// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/cloudwatch.h"

#include <gtest/gtest.h>

#include "davy/decode/metric_emitter.h"
#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

/// "instance name statistic value@time" of every event, one a line.
std::string points(std::string_view text, testing::Decoded* outcomes = nullptr) {
  std::string lines;
  const auto decoded =
      testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
        char value[32];
        std::snprintf(value, sizeof value, "%g", e.metric->value);
        lines += std::string(e.instance) + " " + std::string(e.metric->name) + " " +
                 std::string(e.metric->statistic) + " " + value + "@" + to_rfc3339(e.time) + "\n";
      });
  if (outcomes != nullptr) *outcomes = decoded;
  return lines;
}

TEST(CloudWatch, GetMetricDataTakesTheInstanceFromTheQuery) {
  const char* text =
      R"({"MetricDataQueries":[{"Id":"m1","MetricStat":{"Metric":{"Namespace":"AWS/EC2",
    "MetricName":"CPUUtilization","Dimensions":[{"Name":"ImageId","Value":"ami-1"},{"Name":"InstanceId","Value":"i-0a1b2c3d4e5f67890"}]},
    "Period":300,"Stat":"Average","Unit":"Percent"}}],
    "MetricDataResults":[{"Id":"m1","Label":"web","Timestamps":["2026-03-04T14:05:00Z","2026-03-04T14:00:00Z"],
    "Values":[97.5,3],"StatusCode":"Complete"}],"Messages":[]})";
  int events = 0;
  testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
    ++events;
    EXPECT_EQ(e.instance, "i-0a1b2c3d4e5f67890");
    EXPECT_EQ(e.metric->name_space, "AWS/EC2");
    EXPECT_EQ(e.metric->name, "CPUUtilization");
    EXPECT_EQ(e.metric->unit, "Percent");
    EXPECT_EQ(e.metric->series, "web");
    EXPECT_EQ(e.metric->period, 300 * kSecond);
    EXPECT_EQ(e.end, e.time + 300 * kSecond);
    EXPECT_TRUE(e.record_id.empty());
  });
  EXPECT_EQ(events, 2);
}

TEST(CloudWatch, ReadsEveryFormOfAnswer) {
  struct Case {
    std::string_view text;
    std::string_view points;
  };
  const Case cases[] = {
      // no query: the label tells
      {R"({"MetricDataResults":[{"Id":"m1","Label":"i-0a1b2c3d4e5f67890 NetworkOut","Timestamps":[1772632800],"Values":[5]}]})",
       "i-0a1b2c3d4e5f67890 NetworkOut  5@2026-03-04T14:00:00Z\n"},
      // statistics: the average of a level, the sum of what adds up
      {R"({"Label":"CPUUtilization","Datapoints":[{"Timestamp":"2026-03-04T14:00:00+00:00","Maximum":9,"Average":4.5,"Unit":"Percent"}]})",
       " CPUUtilization Average 4.5@2026-03-04T14:00:00Z\n"},
      {R"({"Label":"NetworkOut","Datapoints":[{"Timestamp":"2026-03-04T14:00:00Z","Sum":900,"Average":4.5,"Unit":"Bytes"}]})",
       " NetworkOut Sum 900@2026-03-04T14:00:00Z\n"},
      // as a recorder of SDK calls keeps it
      {R"({"status_code":200,"data":{"Label":"MemoryUtilization","Datapoints":[{"Timestamp":{"__class__":"datetime",
         "year":2026,"month":3,"day":4,"hour":0,"minute":14,"second":5,"microsecond":0},"Average":0.5,"Unit":"Percent"}]}})",
       " MemoryUtilization Average 0.5@2026-03-04T00:14:05Z\n"},
      // metric streams
      {R"({"metric_stream_name":"s","account_id":"123456789012","region":"r","namespace":"AWS/EC2","metric_name":"CPUUtilization",
         "dimensions":{"InstanceId":"i-1"},"timestamp":1772632800000,"value":{"count":4.0,"sum":20.0,"max":18.0,"min":0.0},"unit":"Percent"})",
       "i-1 CPUUtilization Average 5@2026-03-04T14:00:00Z\n"},
      {R"({"metric_stream_name":"s","metric_name":"NetworkOut","timestamp":1772632800000,"value":{"count":4.0,"sum":20.0},"unit":"Bytes"})",
       " NetworkOut Sum 20@2026-03-04T14:00:00Z\n"},
  };
  for (const Case& one : cases) {
    testing::Decoded outcomes;
    EXPECT_EQ(points(one.text, &outcomes), one.points) << one.text;
    EXPECT_TRUE(outcomes.rejected.empty()) << one.text;
    EXPECT_EQ(outcomes.formats.at(0), "cloudwatch");
  }
}

TEST(CloudWatch, SaysWhatIsMissing) {
  struct Case {
    std::string_view text;
    std::string_view skipped;
    std::string_view rejected;
    size_t events;
  };
  constexpr std::string_view kBadPoint = "datapoint without a time or a value";
  const Case cases[] = {
      {R"({"MetricDataResults":[]})", "CloudWatch answer without data", "", 0},
      {R"({"MetricDataResults":[{"Id":"m1","Timestamps":[],"Values":[]}]})",
       "CloudWatch answer without data", "", 0},
      {R"({"MetricDataResults":[{"Id":"m1","Timestamps":[1772632800,1772632860],"Values":[1]}]})",
       "", kBadPoint, 1},
      {R"({"MetricDataResults":[{"Id":"m1","Timestamps":["soon",1772632860],"Values":[1,2]}]})", "",
       kBadPoint, 1},
      {R"({"MetricDataResults":[{"Id":"m1","Timestamps":[1772632800],"Values":[null]}]})", "",
       kBadPoint, 0},
      {R"({"MetricDataResults":[7,{"Id":"m1","Timestamps":[1772632800],"Values":[2]}]})", "",
       kBadPoint, 1},
      {R"({"Label":"x","Datapoints":[{"Timestamp":{"year":20262,"month":1},"Average":1}]})", "",
       kBadPoint, 0},
      {R"({"Label":"x","Datapoints":[{"Timestamp":"2026-03-04T14:00:00Z","Unit":"Percent"}]})", "",
       kBadPoint, 0},
      {R"({"metric_stream_name":"s","metric_name":"m","timestamp":1772632800000})",
       "metric stream record without a value", "", 0},
      {R"({"metric_stream_name":"s","metric_name":"m","timestamp":"x","value":{"count":1,"sum":1}})",
       "", "timestamp is missing or not a time", 0},
      {R"({"metric_stream_name":"s","metric_name":"m","timestamp":1772632800000,"value":{"count":1e-300,"sum":1e300}})",
       "", "value is out of range", 0},
  };
  for (const Case& one : cases) {
    testing::Decoded outcomes;
    points(one.text, &outcomes);
    EXPECT_EQ(outcomes.skipped.empty() ? "" : outcomes.skipped[0], one.skipped) << one.text;
    EXPECT_EQ(outcomes.rejected.empty() ? "" : outcomes.rejected[0], one.rejected) << one.text;
    EXPECT_EQ(outcomes.formats.size(), one.events) << one.text;
  }
}

TEST(CloudWatch, OverlappingExportsGiveTheSameKeys) {
  std::vector<Hash128> keys;
  testing::decode_stream(
      R"({"MetricDataResults":[{"Id":"m1","Label":"i-0a1b2c3d NetworkOut","Timestamps":[1772632800,1772632860],"Values":[5,5]}]}
         {"MetricDataResults":[{"Id":"q7","Label":"i-0a1b2c3d NetworkOut","Timestamps":["2026-03-04T14:00:00Z"],"Values":[5.0]}]})",
      [&](const event::Event& e, const event::Fields&) { keys.push_back(e.key); });
  ASSERT_EQ(keys.size(), 3u);
  EXPECT_NE(keys[0], keys[1]);
  EXPECT_EQ(keys[0], keys[2]);
}

TEST(CloudWatch, NamesOfMetricsInLabelsAndFiles) {
  EXPECT_EQ(metric_of_label("i-0a1b2c3d4e5f67890 CPUUtilization"), "CPUUtilization");
  EXPECT_EQ(metric_of_label("CPUUtilization i-0a1b2c3d4e5f67890 "), "CPUUtilization");
  EXPECT_EQ(metric_of_label(""), "");
  EXPECT_EQ(metric_of_path("network_in/ec2_cpu_utilization_24ae8d.csv"), "CPUUtilization");
  EXPECT_EQ(metric_of_path("NetworkOut.csv"), "NetworkOut");
  EXPECT_EQ(metric_of_path("art_daily.csv"), "");
}

}  // namespace
}  // namespace davy::decode
