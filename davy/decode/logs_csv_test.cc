// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/logs_csv.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

const std::string kFlow =
    "2 123456789010 eni-1235b8ca123456789 172.31.16.139 198.51.100.21 20641 443 6 20 4249 "
    "1418530010 1418530070 ACCEPT OK";
const std::string kQuoted =
    R"("{""query_name"":""a.example."",""query_timestamp"":""2026-03-04T14:02:00Z"",""vpc_id"":""v""}")";

using Texts = std::vector<std::string>;

testing::Decoded decode(const std::string& text) {
  return testing::decode_stream(text, [](const event::Event&, const event::Fields&) {});
}

TEST(LogsCsv, SearchResults) {
  const auto decoded =
      decode("timestamp,message\n1418530010000," + kFlow + "\r\n1418530010000,\"" + kFlow + "\"\n");
  EXPECT_EQ(decoded.formats, (Texts{"vpc_flow", "vpc_flow"}));
  EXPECT_EQ(decoded.rejected, Texts{});
  EXPECT_EQ(decode("timestamp,message\n1418530010000," + kQuoted).formats, Texts{"route53"});
}

TEST(LogsCsv, ResultsOfLogsInsights) {
  EXPECT_EQ(decode("@timestamp,@message,@logStream,@log\n2026-03-04 14:02:00.000," + kQuoted +
                   ",eni-1-all,1:flow\n")
                .formats,
            Texts{"route53"});
  EXPECT_EQ(
      decode("\"@logStream\",\"@timestamp\",\"@message\"\neni-1-all,2026-03-04 14:02:00.000," +
             kFlow)
          .formats,
      Texts{"vpc_flow"});
}

TEST(LogsCsv, DamagedLinesAreRejected) {
  EXPECT_EQ(decode("timestamp,message\n1418530010000").rejected,
            Texts{"line: fewer fields than columns"});
  EXPECT_EQ(decode("timestamp,message\n1418530010000,\"{\"\"a").rejected,
            Texts{"line: a quoted field does not end"});
  EXPECT_EQ(decode("timestamp,message\n1418530010000,hello").rejected,
            Texts{"text of no format Davy knows"});
  EXPECT_EQ(decode("timestamp,host\n1418530010000,hello").rejected,
            Texts{"text of no format Davy knows"});
}

}  // namespace
}  // namespace davy::decode
