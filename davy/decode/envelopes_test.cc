// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/envelopes.h"

#include <array>

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

constexpr std::string_view kCall =
    R"({"eventVersion":"1.08","eventTime":"2026-03-04T14:12:00Z","eventSource":"sts.amazonaws.com","eventName":"GetCallerIdentity","awsRegion":"us-east-1","eventID":"e-9"})";
constexpr std::string_view kQuery =
    R"({"query_name":"a.example.","query_timestamp":"2026-03-04T14:02:00Z","vpc_id":"vpc-1"})";
constexpr std::string_view kAlert =
    R"({"rule":"Miner","priority":"Critical","output":"x","time":"2026-03-01T10:00:00Z","output_fields":{"proc.name":"xmrig"},"source":"syscall"})";
constexpr std::string_view kFlow =
    "2 123456789010 eni-1235b8ca123456789 172.31.16.139 198.51.100.21 20641 443 6 20 4249 "
    "1418530010 1418530070 ACCEPT OK";

std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

std::string sns(std::string_view message) {
  return R"({"Type":"Notification","TopicArn":"arn:t","Message":)" + json_string(message) + "}";
}

std::string logs(const std::vector<std::string_view>& messages) {
  std::string json = R"({"messageType":"DATA_MESSAGE","owner":"111122223333","logEvents":[)";
  for (std::string_view message : messages) {
    if (json.back() != '[') json += ',';
    json += R"({"id":"1","timestamp":1418530010000,"message":)" + json_string(message) + "}";
  }
  return json + "]}";
}

std::string bus(std::string_view detail) {
  return R"({"version":"0","detail-type":"x","source":"aws.x","account":"111122223333","region":"eu-west-1","detail":)" +
         std::string(detail) + "}";
}

std::string first(const std::vector<std::string>& reasons) {
  return reasons.empty() ? "" : reasons.front();
}

TEST(Envelopes, GiveWhatTheyCarry) {
  struct Case {
    std::string text;
    std::vector<std::string> formats;
  };
  const Case cases[] = {
      {bus(kCall), {"cloudtrail"}},
      {bus(kQuery), {"route53"}},
      {sns(kCall), {"cloudtrail"}},
      {sns(bus(kCall)), {"cloudtrail"}},
      {logs({kFlow, kFlow, kQuery}), {"vpc_flow", "vpc_flow", "route53"}},
      {"{\"message\":" + json_string(logs({kFlow})) + "}", {"vpc_flow"}},
      {"{\"log\":" + json_string(kFlow) + "}", {"vpc_flow"}},
      {"{\"log\":" + json_string(kAlert) + R"(,"stream":"stdout"})", {"falco"}},
      {R"({"@message":)" + json_string(kCall) + "}", {"cloudtrail"}},
      {R"({"MESSAGE":)" + json_string(kCall) + "}", {"cloudtrail"}},
      {R"({"event":{"original":)" + json_string(kCall) + "}}", {"cloudtrail"}},
      {R"({"event.original":)" + json_string(kCall) + "}", {"cloudtrail"}},
      {R"({"events":[{"logStreamName":"s","timestamp":1,"message":)" + json_string(kQuery) +
           R"(,"eventId":"1"}],"searchedLogStreams":[]})",
       {"route53"}},
      {R"({"Records":[{"messageId":"m","body":)" + json_string(sns(kCall)) +
           R"(,"eventSource":"aws:sqs"}]})",
       {"cloudtrail"}},
      {R"({"Records":[{"EventSource":"aws:sns","Sns":{"Message":)" + json_string(kCall) + "}}]}",
       {"cloudtrail"}},
      {logs({std::string(kCall) + std::string(kCall)}), {"cloudtrail", "cloudtrail"}},
      {sns("{\"Records\":[" + std::string(kCall) + "," + std::string(kCall) + "]}"),
       {"cloudtrail", "cloudtrail"}},
      {R"({"events":[{"timestamp":1,"message":)" + json_string(kFlow) +
           R"(,"ingestionTime":1}],"nextForwardToken":"f/1","nextBackwardToken":"b/1"})",
       {"vpc_flow"}},
      {R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":)" + json_string(bus(kCall)) +
           "}]}",
       {"cloudtrail"}},
      {R"({"results":[[{"field":"@timestamp","value":"t"},{"field":"@message","value":)" +
           json_string(kFlow) + R"(}],[{"field":"@message","value":)" + json_string(kQuery) +
           R"(}]],"statistics":{"recordsMatched":2.0},"status":"Complete"})",
       {"vpc_flow", "route53"}},
      {R"({"results":[[{"field":"@timestamp"},{"value":"lone"},{"field":"@message","value":)" +
           json_string(kFlow) + R"(},{"field":"@message","value":null},{"field":"@ptr","value":")" +
           std::string(kFlow) + R"("}],[]],"statistics":{},"status":"Complete"})",
       {"vpc_flow"}},
      {R"({"time":1,"host":"h","source":"s","sourcetype":"aws:cloudtrail","event":)" +
           std::string(kCall) + "}" + R"({"sourcetype":"flow","event":)" + json_string(kFlow) + "}",
       {"cloudtrail", "vpc_flow"}},
      // a record with fields of its own is not an envelope, whatever was read before it
      {"{\"message\":" + json_string(kFlow) + "}\n" + R"({"@version":"1","message":"raw",)" +
           std::string(kCall.substr(1)),
       {"vpc_flow", "cloudtrail"}},
  };
  for (const Case& one : cases) {
    const auto decoded =
        testing::decode_stream(one.text, [](const event::Event&, const event::Fields&) {});
    EXPECT_EQ(decoded.formats, one.formats) << one.text;
    EXPECT_EQ(first(decoded.rejected), "") << one.text;
  }
}

TEST(Envelopes, HandDownAccountAndRegion) {
  const std::pair<std::string, std::string> cases[] = {{bus(kQuery), "111122223333 eu-west-1"},
                                                       {logs({kQuery}), "111122223333 "}};
  for (const auto& [text, place] : cases) {
    testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
      EXPECT_EQ(std::string(e.account) + " " + std::string(e.region), place) << text;
    });
  }
}

// Whoever runs a container chooses what it prints: the end of his machines, another's address.
TEST(Envelopes, WhatAWorkloadPrintsIsNoRecordOfTheAccount) {
  const std::string head = "2024-03-04T12:00:00.123456789Z stdout F ";
  const std::string wrapped = "{\"message\":" + json_string(kCall) + "}";
  for (const std::string& text :
       {"{\"log\":" + json_string(kCall) + R"(,"stream":"stdout"})",
        "{\"log\":" + json_string(wrapped) + R"(,"stream":"stderr"})",
        "{\"message\":" + json_string(kFlow) + R"(,"kubernetes":{"pod_name":"p"}})",
        head + std::string(kCall), head + wrapped, logs({head + std::string(kCall)}),
        "{\"log\":" + json_string(logs({kQuery})) + R"(,"container_id":"c"})"}) {
    const auto decoded =
        testing::decode_stream(text, [](const event::Event&, const event::Fields&) {});
    EXPECT_TRUE(decoded.formats.empty()) << text;
    EXPECT_EQ(first(decoded.skipped), "printed by a workload, which proves nothing of the account")
        << text;
  }
}

TEST(Envelopes, SayWhyTheyGiveNothing) {
  struct Case {
    std::string text;
    std::string skipped;
    std::string rejected;
  };
  const Case cases[] = {
      {bus(R"({"instance-id":"i-1","state":"running"})"), "EventBridge event Davy does not read",
       ""},
      {bus(R"({"message":"hello"})"), "EventBridge event Davy does not read", ""},
      {bus("[1]"), "EventBridge event Davy does not read", ""},
      {R"({"detail-type":"CloudWatch Alarm State Change","source":"aws.cloudwatch","detail":{}})",
       "CloudWatch alarm state change", ""},
      {R"({"messageType":"CONTROL_MESSAGE","logEvents":[]})", "CloudWatch Logs control message",
       ""},
      {logs({}), "CloudWatch Logs delivery without messages", ""},
      {logs({kFlow, "hello"}), "", "text of no format Davy knows"},
      {logs({"hello", kFlow}), "", "text of no format Davy knows"},
      {logs({std::string(kCall) + "x" + std::string(kCall)}), "", "not a JSON object"},
      {R"({"message":""})", "empty message", ""},
      {R"({"message":7})", "", "JSON of no format Davy knows"},
      {R"({"Type":"SubscriptionConfirmation","TopicArn":"t","Message":"m"})",
       "SNS subscription confirmation", ""},
      {R"({"Service":"Amazon S3","Event":"s3:TestEvent"})", "S3 test notification", ""},
      {R"({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"r","eventName":"ObjectCreated:Put","s3":{}}]})",
       "S3 notification: names an object, holds no log", ""},
      {R"({"s3Bucket":"b","s3ObjectKey":["k"]})",
       "CloudTrail notification: names objects, holds no log", ""},
      {sns(R"({"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}]})"),
       "S3 notification: names an object, holds no log", ""},
      {R"({"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{},"object":{}}})",
       "S3 notification: names an object, holds no log", ""},
      {R"({"Type":"UnsubscribeConfirmation","TopicArn":"t","Message":"m"})",
       "SNS unsubscription confirmation", ""},
      {R"({"results":[],"statistics":{},"status":"Complete"})",
       "CloudWatch Logs query without messages", ""},
      {R"({"time":1,"sourcetype":"s","event":"hello"})", "", "text of no format Davy knows"},
      {R"({"schema":"davy.labels/1","incidents":[]})", "labels of a simulated estate", ""},
  };
  for (const Case& one : cases) {
    const auto decoded =
        testing::decode_stream(one.text, [](const event::Event&, const event::Fields&) {});
    EXPECT_EQ(first(decoded.skipped), one.skipped) << one.text;
    EXPECT_EQ(first(decoded.rejected), one.rejected) << one.text;
  }
}

TEST(Envelopes, OrderOfRecordsDoesNotMatter) {
  const std::vector<std::string> records = {
      std::string(kCall),
      bus(kCall),
      sns(kCall),
      logs({kFlow}),
      std::string(kQuery),
      "{\"message\":" + json_string(kFlow) + "}",
      R"({"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"r","eventName":"ObjectCreated:Put","s3":{}})",
      R"({"schema":"davy.labels/1"})"};
  for (const std::string& before : records) {
    for (const std::string& after : records) {
      const auto count = [](const std::string& text) {
        const auto decoded =
            testing::decode_stream(text, [](const event::Event&, const event::Fields&) {});
        return std::array{decoded.formats.size(), decoded.skipped.size(), decoded.rejected.size()};
      };
      const auto one = count(before);
      const auto other = count(after);
      const auto both = count(before + "\n" + after + "\n");
      for (size_t i = 0; i < both.size(); ++i)
        EXPECT_EQ(both[i], one[i] + other[i]) << before << "\n" << after;
    }
  }
}

TEST(Envelopes, NestingHasALimit) {
  std::string text(kCall);
  for (int i = 0; i < 12; ++i)
    text = sns(text);
  const auto decoded = testing::decode_stream(
      text, [](const event::Event&, const event::Fields&) { ADD_FAILURE(); });
  EXPECT_EQ(first(decoded.rejected), "more than 8 envelopes deep");
}

}  // namespace
}  // namespace davy::decode
