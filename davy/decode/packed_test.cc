// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/packed.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "davy/decode/testing.h"
#include "davy/source/test_data.h"

namespace davy::decode {
namespace {

using source::gzip;
using Texts = std::vector<std::string>;

constexpr std::string_view kCall =
    R"({"eventVersion":"1.08","eventTime":"2026-03-04T14:12:00Z","eventSource":"sts.amazonaws.com","eventName":"GetCallerIdentity","awsRegion":"us-east-1","eventID":"e-9"})";
constexpr std::string_view kFlow =
    "2 123456789010 eni-1235b8ca123456789 172.31.16.139 198.51.100.21 20641 443 6 20 4249 "
    "1418530010 1418530070 ACCEPT OK";
const std::string kDelivery =
    R"({"messageType":"DATA_MESSAGE","owner":"111122223333","logEvents":[{"id":"1","message":")" +
    std::string(kFlow) + "\"}]}";

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::string awslogs(std::string_view base64_text) {
  return fmt::format(R"({{"awslogs":{{"data":"{}"}}}})", base64_text);
}

/// A record of a Kinesis event to a function: it has the four keys of a CloudTrail record.
std::string kinesis(std::string_view bytes) {
  return fmt::format(
      R"({{"kinesis":{{"kinesisSchemaVersion":"1.0","partitionKey":"1","data":"{}"}},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"s","eventName":"aws:kinesis:record","awsRegion":"us-east-1"}})",
      base64(bytes));
}

testing::Decoded decode(std::string_view text) {
  return testing::decode_stream(text, [](const event::Event&, const event::Fields&) {});
}

std::string rejection(std::string_view text) {
  const auto decoded = decode(text);
  EXPECT_EQ(decoded.formats, Texts{});
  return decoded.rejected.size() == 1 ? decoded.rejected[0] : "";
}

TEST(Packed, GivesWhatItCarries) {
  const std::string call(kCall);
  const std::string lines = call + "\n" + call + "\n";
  const std::string list = R"({"Records":[)" + call + "," + call + "]}";
  struct Case {
    std::string text;
    Texts formats;
  };
  const Case cases[] = {
      {awslogs(base64(gzip(kDelivery))), {"vpc_flow"}},
      {R"({"Records":[)" + kinesis(gzip(kDelivery)) + "," + kinesis(call) + "]}",
       {"vpc_flow", "cloudtrail"}},
      {kinesis(source::zstd(lines)), {"cloudtrail", "cloudtrail"}},
      {kinesis(call + call), {"cloudtrail", "cloudtrail"}},
      {kinesis(list), {"cloudtrail", "cloudtrail"}},
      {kinesis("[" + call + "]"), {"cloudtrail"}},
      {kinesis("\xef\xbb\xbf" + call), {"cloudtrail"}},
      {kinesis(std::string(kFlow) + "\n" + std::string(kFlow) + "\n"), {"vpc_flow", "vpc_flow"}},
      {kinesis(gzip(gzip(call))), {"cloudtrail"}},
      {kinesis(awslogs(base64(gzip(kDelivery)))), {"vpc_flow"}},
      {fmt::format(
           R"({{"Records":[{{"SequenceNumber":"1","ApproximateArrivalTimestamp":1.5,"Data":"{}","PartitionKey":"p"}}],"NextShardIterator":"n","MillisBehindLatest":0}})",
           base64(call)),
       {"cloudtrail"}},
      {fmt::format(
           R"([{{"kinesisSchemaVersion":"1.0","partitionKey":"1","data":"{}","eventSource":"aws:kinesis","awsRegion":"r"}}])",
           base64(call)),
       {"cloudtrail"}},
      {fmt::format(
           R"({{"invocationId":"i","deliveryStreamArn":"arn:d","region":"r","records":[{{"recordId":"1","data":"{}"}},{{"recordId":"2","data":"{}"}}]}})",
           base64(call), base64(gzip(kDelivery))),
       {"cloudtrail", "vpc_flow"}},
      {fmt::format(R"({{"records":[{{"recordId":"1","result":"Ok","data":"{}"}}]}})", base64(call)),
       {"cloudtrail"}},
      {fmt::format(R"({{"requestId":"q","timestamp":1578090901599,"records":[{{"data":"{}"}}]}})",
                   base64(call)),
       {"cloudtrail"}},
      {fmt::format(
           R"({{"eventSource":"aws:kafka","records":{{"t-0":[{{"topic":"t","partition":0,"value":"{}"}}],"t-1":[{{"value":"{}"}},{{"value":"{}"}}]}}}})",
           base64(call), base64(kFlow), base64(gzip(call))),
       {"cloudtrail", "vpc_flow", "cloudtrail"}},
      {fmt::format(R"({{"message":{{"data":"{}","messageId":"1"}},"subscription":"s"}})",
                   base64(call)),
       {"cloudtrail"}},
      {fmt::format(R"({{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"{}"}})",
                   base64(call)),
       {"cloudtrail"}},
  };
  for (const Case& one : cases) {
    const auto decoded = decode(one.text);
    EXPECT_EQ(decoded.formats, one.formats) << one.text;
    EXPECT_EQ(decoded.rejected, Texts{}) << one.text;
  }
}

TEST(Packed, SlashesOfBase64MayBeEscaped) {
  const std::string call = R"({"a":"???>>>",)" + std::string(kCall.substr(1));
  std::string packed = base64(call);
  ASSERT_NE(packed.find('/'), std::string::npos);
  for (size_t at = packed.find('/'); at != std::string::npos; at = packed.find('/', at + 2))
    packed.insert(at, 1, '\\');
  for (const std::string& text :
       {awslogs(packed),
        fmt::format(R"({{"eventSource":"aws:kafka","records":{{"t-0":[{{"value":"{}"}}]}}}})",
                    packed)}) {
    const auto decoded = decode(text);
    EXPECT_EQ(decoded.formats, Texts{"cloudtrail"}) << text;
    EXPECT_EQ(decoded.rejected, Texts{}) << text;
  }
}

TEST(Packed, WhatTheDeliverySaysReachesTheRecord) {
  const std::string query =
      R"({\"query_name\":\"a.example.\",\"query_timestamp\":\"2026-03-04T14:02:00Z\",\"vpc_id\":\"v\"})";
  const std::string delivery =
      R"({"messageType":"DATA_MESSAGE","owner":"111122223333","logEvents":[{"id":"1","message":")" +
      query + "\"}]}";
  testing::decode_stream(awslogs(base64(gzip(delivery))),
                         [](const event::Event& event, const event::Fields&) {
                           EXPECT_EQ(event.account, "111122223333");
                         });
}

TEST(Packed, SaysWhyItGivesNothing) {
  constexpr std::string_view kNoBase64 = "packed content is not base64";
  constexpr std::string_view kDamaged = "packed content is damaged or ends too early";
  const std::string whole = gzip(kDelivery);
  EXPECT_EQ(rejection(awslogs("H4sI!")), kNoBase64);
  EXPECT_EQ(rejection(awslogs("H4s=I===")), kNoBase64);
  EXPECT_EQ(rejection(awslogs("H4sI")), kDamaged);
  EXPECT_EQ(rejection(awslogs(base64(whole.substr(0, whole.size() - 9)))), kDamaged);
  EXPECT_EQ(rejection(awslogs(base64("\x1f\x8b\x08 and more garbage than gzip"))), kDamaged);
  EXPECT_EQ(rejection(kinesis("no log at all")), "text of no format Davy knows");
  EXPECT_EQ(rejection(kinesis(std::string("\0\xff\x80 garbage", 11))),
            "text of no format Davy knows");
  EXPECT_EQ(rejection(kinesis(R"({"a":1})")), "JSON of no format Davy knows");
  EXPECT_EQ(rejection(kinesis("\xf3\x89\x9a\xc2 aggregate")),
            "records aggregated by the Kinesis Producer Library: Davy does not read them yet");
  EXPECT_EQ(rejection(kinesis(gzip(gzip(gzip(gzip(kDelivery)))))),
            "packed content expands too far, as a decompression bomb does");

  EXPECT_EQ(decode(awslogs("")).skipped, Texts{"empty message"});
  EXPECT_EQ(decode(R"({"awslogs":{}})").skipped, Texts{"packed delivery without data"});
  EXPECT_EQ(decode(R"({"eventSource":"aws:kafka","records":{}})").skipped,
            Texts{"packed delivery without data"});
}

TEST(Packed, AValueThatIsNoneCostsItself) {
  const auto decoded = decode(kinesis(std::string(kCall) + " and " + std::string(kCall)));
  EXPECT_EQ(decoded.formats, (Texts{"cloudtrail", "cloudtrail"}));
  EXPECT_EQ(decoded.rejected, Texts{"not a JSON object"});
}

TEST(Packed, BombsAreStopped) {
  constexpr std::string_view kBomb = "packed content expands too far, as a decompression bomb does";
  const std::string small = source::zstd(std::string(8 << 20, ' '));
  EXPECT_EQ(rejection(kinesis(small)), kBomb) << "1100 times the record, once it is past 1 MiB";
  EXPECT_EQ(rejection(kinesis(gzip(std::string(80 << 20, ' ')))), kBomb);
  EXPECT_EQ(rejection(kinesis(kinesis(gzip(gzip(std::string(80 << 20, ' ')))))), kBomb);
  // Many in one record are one.
  std::string many = R"({"requestId":"q","timestamp":1,"records":[)";
  const std::string one = base64(gzip(std::string(900 << 10, ' ')));
  for (int i = 0; i < 500; ++i)
    many += (i == 0 ? "{\"data\":\"" : ",{\"data\":\"") + one + "\"}";
  EXPECT_EQ(rejection(many + "]}"), kBomb);
}

TEST(Packed, NestingHasALimit) {
  std::string text(kCall);
  for (int i = 0; i < 8; ++i)
    text = kinesis(text);
  EXPECT_EQ(decode(text).formats, Texts{"cloudtrail"});
  EXPECT_EQ(rejection(kinesis(text)), "more than 8 envelopes deep");
}

TEST(Packed, OrderOfRecordsDoesNotMatter) {
  const std::string call(kCall);
  const std::string packed = kinesis(kDelivery);
  const auto first = decode(packed + "\n" + call + "\n" + call + "\n");
  const auto last = decode(call + "\n" + call + "\n" + packed + "\n");
  EXPECT_EQ(first.formats, (Texts{"vpc_flow", "cloudtrail", "cloudtrail"}));
  EXPECT_EQ(last.formats, (Texts{"cloudtrail", "cloudtrail", "vpc_flow"}));
}

}  // namespace
}  // namespace davy::decode
