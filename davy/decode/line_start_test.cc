// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/line_start.h"

#include <string>

#include <gtest/gtest.h>

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
        "2024-03-04T12:00:00.000Z {not json}", R"(2024-03-04T12:00:00Z stdout P {"half)",
        R"(type=EXECVE msg=audit(1709553600.123:55): argc=1 a0="{"x"})",
        R"(2024-03-04T12:00:00Z two words {"a":1})", R"(<script> {"a":1})", R"(words {"a":1})"}) {
    EXPECT_EQ(json_prefix(line), 0u) << line;
  }
  EXPECT_EQ(json_prefix("falco[1]: " + std::string(1000, ' ') + R"({"a":1})"), 0u);
}

}  // namespace
}  // namespace davy::decode
