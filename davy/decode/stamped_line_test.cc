// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/stamped_line.h"

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

constexpr std::string_view kQuery =
    R"({"query_name":"a.example.","query_timestamp":"2026-03-04T14:02:00Z","vpc_id":"vpc-1"})";
constexpr std::string_view kFlow =
    "2 123456789010 eni-1235b8ca123456789 172.31.16.139 198.51.100.21 20641 443 6 20 4249 "
    "1418530010 1418530070 ACCEPT OK";

testing::Decoded decode(const std::string& text) {
  return testing::decode_stream(text, [](const event::Event&, const event::Fields&) {});
}

using Texts = std::vector<std::string>;

TEST(StampedLine, ExportsOfCloudWatchLogs) {
  const std::string line = "2024-03-04T12:00:00.000Z " + std::string(kQuery);
  const auto decoded = decode(line + "\n" + line + "\r\n2024-03-04T12:00:00.000Z \n");
  EXPECT_EQ(decoded.formats, (Texts{"route53", "route53"}));
  EXPECT_EQ(decoded.rejected, Texts{});
}

// They come with their header line and columns of choice: their own decoder sees to the time.
TEST(StampedLine, ExportsOfFlowLogsAreFlowLogs) {
  EXPECT_EQ(decode("2024-03-04T12:00:00.000Z " + std::string(kFlow) + "\n").formats,
            Texts{"vpc_flow"});
}

TEST(StampedLine, ContainerLogs) {
  const std::string stamp = "2024-03-04T12:00:00.123456789Z ";
  EXPECT_EQ(decode(stamp + "stdout F " + std::string(kQuery)).formats, Texts{"route53"});
  EXPECT_EQ(decode("2024-03-04T12:00:00.123456789+02:00 stderr F " + std::string(kQuery)).formats,
            Texts{"route53"});
}

TEST(StampedLine, SaysWhichLinesItLost) {
  const std::string stamp = "2024-03-04T12:00:00.000Z ";
  const std::string good = stamp + std::string(kQuery) + "\n";
  EXPECT_EQ(decode(good + "  a line that goes on").rejected,
            Texts{"line without the time that lines of its file begin with"});
  EXPECT_EQ(decode(good + stamp + "stdout P {\"half\":").rejected,
            Texts{"part of a line that the container runtime split"});
  EXPECT_EQ(decode(good + stamp + "hello").rejected, Texts{"text of no format Davy knows"});
}

TEST(StampedLine, TimesAloneDoNotMakeALog) {
  for (const char* text :
       {"2024-03-04T12:00:00.000Z hello", "2024-03-04T12:00:00.000Z", "2024-99-04T12:00:00.000Z {}",
        "hello {}", "2024-03-04T12:00:00.000Z stdout P {}"}) {
    EXPECT_EQ(decode(text).rejected, Texts{"text of no format Davy knows"}) << text;
  }
}

}  // namespace
}  // namespace davy::decode
