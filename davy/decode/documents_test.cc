// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/documents.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

const std::string kQuery =
    R"({"query_name":"a.example.","query_timestamp":"2026-03-04T14:02:00Z","vpc_id":"vpc-1"})";
const std::string kEscaped =
    R"({\"query_name\":\"a.example.\",\"query_timestamp\":\"2026-03-04T14:02:00Z\",\"vpc_id\":\"v\"})";

using Texts = std::vector<std::string>;

testing::Decoded decode(const std::string& text) {
  return testing::decode_stream(text, [](const event::Event&, const event::Fields&) {});
}

std::string cloud_event(const std::string& type, const std::string& data) {
  return R"({"specversion":"1.0","id":"1","source":"s","type":")" + type + R"(","data":)" + data +
         "}";
}

TEST(Documents, CloudEventsHoldObjectsAndStrings) {
  EXPECT_EQ(decode(cloud_event("t", kQuery)).formats, Texts{"route53"});
  EXPECT_EQ(decode(cloud_event("t", '"' + kEscaped + '"')).formats, Texts{"route53"});
}

TEST(Documents, CloudEventsOfNothingKnownAreNamed) {
  EXPECT_EQ(decode(cloud_event("t", R"({"a":1})")).rejected,
            Texts{"CloudEvents event: Davy does not read it yet"});
  EXPECT_EQ(decode(cloud_event("com.oraclecloud.x", R"({"a":1})")).rejected,
            Texts{"OCI audit event: Davy does not read it yet"});
  EXPECT_EQ(decode(cloud_event("t", R"({"logName":"x","protoPayload":{}})")).rejected,
            Texts{"Google Cloud audit log: Davy does not read it yet"});
}

TEST(Documents, ElasticHits) {
  const std::string hit = R"({"_index":"logs","_id":"1","_score":1.0,"_source":)" + kQuery + "}";
  EXPECT_EQ(decode(hit).formats, Texts{"route53"});
  EXPECT_EQ(
      decode(R"({"took":3,"hits":{"total":{"value":2},"hits":[)" + hit + "," + hit + "]}}").formats,
      (Texts{"route53", "route53"}));
  const std::string shipped =
      R"({"_index":"logs","_id":"1","_source":{"message":")" + kEscaped + R"("}})";
  EXPECT_EQ(decode(shipped).formats, Texts{"route53"});
  EXPECT_EQ(decode(R"({"_index":"logs","_id":"1","_source":{"a":1}})").rejected,
            Texts{"JSON of no format Davy knows"});
  const auto mixed = decode(R"({"hits":{"hits":[)" + hit + R"(,{"_id":"2","_source":{"a":1}}]}})");
  EXPECT_EQ(mixed.formats, Texts{"route53"});
  EXPECT_EQ(mixed.rejected, Texts{"JSON of no format Davy knows"});
}

TEST(Documents, ActionsOfABulkRequestAreSkipped) {
  const Texts skip{"action line of an Elasticsearch bulk request"};
  for (const char* line :
       {R"({"index":{"_index":"logs"}})", R"({"create":{"_index":"logs","_id":"1"}})",
        R"({ "index" : { "_index" : "logs" } })", R"({"delete":{"_id":"2"}})", R"({"index":{}})"}) {
    EXPECT_EQ(decode(line).skipped, skip) << line;
  }
  for (const char* line : {R"({"index":1})", R"({"index":{"a":1}})", R"({"index":{},"b":1})"})
    EXPECT_EQ(decode(line).rejected, Texts{"JSON of no format Davy knows"}) << line;
  const auto bulk = decode(R"({"index":{"_index":"logs"}})"
                           "\n" +
                           kQuery + "\n");
  EXPECT_EQ(bulk.formats, Texts{"route53"});
  EXPECT_EQ(bulk.rejected, Texts{});
}

}  // namespace
}  // namespace davy::decode
