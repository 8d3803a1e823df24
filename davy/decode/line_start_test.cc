// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/line_start.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

TEST(LineStart, TellsJsonFromTextThatBeginsWithABracket) {
  for (const char* text : {R"({"a":1})", "{\n  \"a\"", "[{", "[ \n {"})
    EXPECT_EQ(json_start(text), JsonStart::kYes) << text;
  for (const char* text : {"{}", "{ margin: 0; }", "[2024-03-04 12:00:00] x", "[1,2]", "[]", "x{"})
    EXPECT_EQ(json_start(text), JsonStart::kNo) << text;
  for (const char* text : {"", "{", "[ ", "{\n\n"})
    EXPECT_EQ(json_start(text), JsonStart::kUndecided) << text;
}

TEST(LineStart, KnowsWhatShippersPutBeforeJson) {
  for (const std::string prefix :
       {"2024-03-04T12:00:00.000Z ", "2024-03-04T12:00:00+00:00\t",
        "2024-03-04T12:00:00.123456789Z stdout F ", "2024-03-04T12:00:00.1+02:00 stderr F ",
        "2024-03-04T12:00:00.123456+00:00 eni-1-all ",
        "Mar  4 12:00:00 host falco[123]: ", "Mar 14 12:00:00 host falco: ",
        "<134>Mar  4 12:00:00 host falco[123]: ", "2024-03-04T12:00:00+0000 host falco[9]: ",
        "falco[123]: ", "<134>1 2024-03-04T12:00:00Z host falco 123 ID7 - ",
        R"(<134>1 2024-03-04T12:00:00Z host falco 123 - [x@1 a="b"] )"}) {
    EXPECT_EQ(json_prefix(prefix + R"({"rule":"x"})"), prefix.size()) << prefix;
  }
}

TEST(LineStart, LeavesOtherLinesAlone) {
  for (const char* line :
       {R"({"rule":"x"})", "",
        "2024-03-04T12:00:00.000Z 2 123456789010 eni-1 - - - - - - - 1 2 - OK",
        R"(2024-03-04 12:00:00.000,"{""a"":1}")", "2024-03-04T12:00:00.000Z {not json}",
        R"(2024-03-04T12:00:00Z stdout P {"half)",
        R"(type=EXECVE msg=audit(1709553600.123:55): argc=1 a0="{"x"})",
        R"(2024-03-04T12:00:00Z two words {"a":1})", R"(<script> {"a":1})", R"(words {"a":1})"}) {
    EXPECT_EQ(json_prefix(line), 0u) << line;
  }
  EXPECT_EQ(json_prefix("falco[1]: " + std::string(1000, ' ') + R"({"a":1})"), 0u);
}

TEST(LineStart, KnowsLinesThatLostTheirJson) {
  for (const char* line : {"2024-03-04T12:00:00.000Z", "2024-03-04T12:00:00.000Z "})
    EXPECT_EQ(remnant_of(line), Remnant::kEmpty) << line;
  EXPECT_EQ(remnant_of("2024-03-04T12:00:00.1Z stdout P {\"half\":"), Remnant::kPart);
  for (const char* line : {"", "hello", "2024-03-04T12:00:00.000Z hello", "2024-03-04 {}"})
    EXPECT_EQ(remnant_of(line), Remnant::kNone) << line;
}

// The same lines as the message of an envelope.

using Texts = std::vector<std::string>;

const std::string kQuery =
    R"({"query_name":"a.example.","query_timestamp":"2026-03-04T14:02:00Z","vpc_id":"vpc-1"})";
const std::string kStamp = "2024-03-04T12:00:00.123456789Z ";

testing::Decoded decode(const std::string& text) {
  return testing::decode_stream(text, [](const event::Event&, const event::Fields&) {});
}

TEST(LineStart, MessagesMayHaveAHead) {
  EXPECT_EQ(decode(kStamp + kQuery).formats, Texts{"route53"});
  EXPECT_EQ(decode(kStamp + "stdout F " + kQuery).formats, Texts{});  // a workload printed it
  EXPECT_EQ(decode("Mar  4 12:00:00 host x[1]: " + kQuery).formats, Texts{"route53"});
  const auto lines = decode(kStamp + kQuery + "\n" + kStamp + kQuery + "\r\n" + kStamp + "\n");
  EXPECT_EQ(lines.formats, (Texts{"route53", "route53"}));
  EXPECT_EQ(lines.rejected, Texts{});
}

TEST(LineStart, LinesOfAMessageThatAreLostAreNamed) {
  const std::string good = kStamp + kQuery + "\n";
  EXPECT_EQ(decode(good + kStamp + "stdout P {\"half\":\n" + good).rejected,
            Texts{"part of a line that the container runtime split"});
  EXPECT_EQ(decode(good + kStamp + "hello").rejected, Texts{"not a JSON object"});
  for (const char* text : {"2024-03-04T12:00:00.000Z hello", "2024-03-04T12:00:00.000Z",
                           "2024-03-04T12:00:00.000Z stdout P {}"}) {
    EXPECT_EQ(decode(text).rejected, Texts{"text of no format Davy knows"}) << text;
  }
}

}  // namespace
}  // namespace davy::decode
