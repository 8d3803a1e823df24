// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/cloudtrail.h"

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

constexpr std::string_view kLaunch = R"({"eventVersion":"1.08","userIdentity":{"type":"IAMUser",
 "arn":"arn:aws:iam::123456789012:user/ci","accountId":"123456789012","accessKeyId":"AKIAIOSFODNN7EXAMPLE",
 "userName":"ci"},"eventTime":"2025-02-23T14:12:00Z","eventSource":"ec2.amazonaws.com",
 "eventName":"RunInstances","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"Boto3/1.34",
 "requestParameters":{"instanceType":"p3.2xlarge","instancesSet":{"items":[{"imageId":"ami-1","minCount":2,
 "maxCount":2,"keyName":"k"}]},"disableApiTermination":true},
 "responseElements":{"instancesSet":{"items":[{"instanceId":"i-0a","privateIpAddress":"10.0.0.1"},
 {"instanceId":"i-0b","privateIpAddress":"10.0.0.2"}]}},
 "eventID":"e-1","eventType":"AwsApiCall","recipientAccountId":"123456789012"})";

TEST(CloudTrail, TellsWhoLaunchedWhat) {
  int events = 0;
  const auto decoded =
      testing::decode_stream(kLaunch, [&](const event::Event& e, const event::Fields&) {
        ++events;
        EXPECT_EQ(e.record_id, "e-1");
        EXPECT_EQ(to_rfc3339(e.time), "2025-02-23T14:12:00Z");
        EXPECT_EQ(e.account, "123456789012");
        EXPECT_EQ(e.region, "eu-west-1");
        EXPECT_EQ(e.actor.access_key, "AKIAIOSFODNN7EXAMPLE");
        EXPECT_EQ(e.actor.source_ip, "203.0.113.7");
        ASSERT_NE(e.api, nullptr);
        ASSERT_TRUE(e.api->launch.has_value());
        EXPECT_EQ(e.api->launch->instance_type, "p3.2xlarge");
        EXPECT_EQ(e.api->launch->requested, 2u);
        EXPECT_TRUE(e.api->launch->termination_protection);
        ASSERT_EQ(e.api->launch->instance_ids.size(), 2u);
        EXPECT_EQ(e.api->launch->private_ips[1], "10.0.0.2");
      });
  EXPECT_EQ(events, 1);
  EXPECT_TRUE(decoded.rejected.empty());
}

TEST(CloudTrail, TellsAddressesFromServicesAndFromWords) {
  const auto source_of = [](std::string_view source) {
    std::string text(kLaunch);
    const std::string_view address = "203.0.113.7";
    text.replace(text.find(address), address.size(), source);
    std::string seen;
    testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
      seen = std::string(e.actor.source_ip) + '|' + std::string(e.actor.source_service);
    });
    return seen;
  };
  EXPECT_EQ(source_of("198.51.100.1"), "198.51.100.1|");
  EXPECT_EQ(source_of("2001:db8::1"), "2001:db8::1|");
  EXPECT_EQ(source_of("cloudformation.amazonaws.com"), "|cloudformation.amazonaws.com");
  EXPECT_EQ(source_of("AWS Internal"), "|");
}

TEST(CloudTrail, CountsOfACallDoNotWrap) {
  std::string text(kLaunch);
  const std::string_view count = R"("maxCount":2)";
  text.replace(text.find(count), count.size(),
               R"("maxCount":4294967295},{"maxCount":3},{"maxCount":99999999999)");
  uint32_t requested = 0;
  testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
    requested = e.api->launch->requested;
  });
  EXPECT_EQ(requested, UINT32_MAX);
}

TEST(CloudTrail, LookupEventsMayHoldSeveralRecordsInOneString) {
  const char* text =
      R"({"EventId":"e-1","CloudTrailEvent":"{\"eventSource\":\"s\",\"eventName\":\"n\",\"awsRegion\":\"r\",\"eventTime\":\"2025-02-23T14:12:00Z\"}{}"})";
  const auto decoded =
      testing::decode_stream(text, [](const event::Event&, const event::Fields&) {});
  EXPECT_EQ(decoded.rejected,
            (std::vector<std::string>{"more than one JSON value in an embedded message"}));
}

TEST(CloudTrail, TellsWhichKeyWasSwitchedOffAndWhoseProtectionWasLifted) {
  constexpr std::string_view kText = R"({"Records":[
   {"eventTime":"2025-02-23T14:25:00Z","eventSource":"iam.amazonaws.com","eventName":"UpdateAccessKey",
    "awsRegion":"us-east-1","eventID":"a","requestParameters":{"status":"Inactive","userName":"ci","accessKeyId":"AKIA1"}},
   {"eventTime":"2025-02-23T14:35:00Z","eventSource":"ec2.amazonaws.com","eventName":"ModifyInstanceAttribute",
    "awsRegion":"us-east-1","eventID":"b","requestParameters":{"instanceId":"i-1","disableApiTermination":{"value":false}}}]})";
  std::vector<std::string> seen;
  testing::decode_stream(kText, [&](const event::Event& e, const event::Fields&) {
    ASSERT_NE(e.api, nullptr);
    seen.push_back(std::string(e.api->target) + '|' + std::string(e.api->setting) + '|' +
                   std::string(e.api->named_access_key));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"ci|Inactive|AKIA1", "i-1|false|"}));
}

TEST(CloudTrail, ReadsRecordsTheWayLookupEventsPrintsThem) {
  const char* text =
      R"({"Events":[{"EventId":"e-1","EventName":"RunInstances","CloudTrailEvent":"{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-02-23T14:12:00Z\",\"eventSource\":\"sts.amazonaws.com\",\"eventName\":\"GetCallerIdentity\",\"awsRegion\":\"us-east-1\",\"eventID\":\"e-9\"}"}]})";
  std::string ids;
  const auto decoded = testing::decode_stream(
      text, [&](const event::Event& e, const event::Fields&) { ids += e.record_id; });
  EXPECT_EQ(ids, "e-9");
  EXPECT_EQ(decoded.formats, (std::vector<std::string>{"cloudtrail"}));
}

TEST(CloudTrail, ReadsRecordsThatLogstashPassedOn) {
  std::string text(kLaunch);
  const size_t at = text.find("eventTime");
  text.replace(at, 9, "@timestamp");
  text.insert(1, R"("@version":"1",)");
  int events = 0;
  testing::decode_stream(text, [&](const event::Event& e, const event::Fields&) {
    ++events;
    EXPECT_EQ(to_rfc3339(e.time), "2025-02-23T14:12:00Z");
  });
  EXPECT_EQ(events, 1);
}

TEST(CloudTrail, SkipsInsightsAndDigestsAndRejectsWhatHasNoTime) {
  const auto decoded = testing::decode_stream(
      R"({"Records":[{"eventVersion":"1.07","eventTime":"2025-01-01T00:00:00Z","awsRegion":"us-east-1","eventType":"AwsCloudTrailInsight"},
         {"eventVersion":"1.08","eventTime":"soon","eventSource":"s","eventName":"n","awsRegion":"r"}]}
         {"digestStartTime":"2025-01-01T00:00:00Z","digestS3Object":"x"})",
      [](const event::Event&, const event::Fields&) { FAIL() << "nothing here is an event"; });
  EXPECT_EQ(decoded.skipped, (std::vector<std::string>{"CloudTrail Insight", "CloudTrail digest"}));
  EXPECT_EQ(decoded.rejected, (std::vector<std::string>{"eventTime is missing or not a time"}));
}

}  // namespace
}  // namespace davy::decode
