// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/ssm.h"

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

std::string result(std::string_view output, std::string_view end = "2026-03-04T14:15:01Z") {
  return R"({"CommandId":"2f1c9b6e","InstanceId":"i-0a1b2c3d4e5f67890","PluginName":"aws:runShellScript",
 "ExecutionStartDateTime":"2026-03-04T14:15:00Z","ExecutionEndDateTime":")" +
         std::string(end) + R"(","Status":"Success","StandardOutputContent":")" +
         std::string(output) + R"(","StandardErrorContent":""})";
}

TEST(Ssm, UnwrapsTheProcessListing) {
  std::string seen;
  const auto decoded = testing::decode_stream(
      result(
          R"(USER PID %CPU RSS COMMAND\nroot 2 0.0 0 [kthreadd]\nroot 9 99.5 4 /tmp/x -o \"a\"\nroot 10 0 4 -bash\n)"),
      [&](const event::Event& e, const event::Fields&) {
        EXPECT_EQ(e.instance, "i-0a1b2c3d4e5f67890");
        EXPECT_EQ(e.record_id, "2f1c9b6e:i-0a1b2c3d4e5f67890");
        EXPECT_EQ(to_rfc3339(e.time), "2026-03-04T14:15:01Z");
        EXPECT_EQ(e.logsources, 0b111u);
        ASSERT_NE(e.process, nullptr);
        EXPECT_FALSE(e.process->started);
        seen += std::string(e.process->path) + "|" + std::string(e.process->command_line) + "\n";
      });
  EXPECT_EQ(seen, "/tmp/x|/tmp/x -o \"a\"\n|-bash\n");
  EXPECT_EQ(decoded.formats, (std::vector<std::string>{"ssm", "ssm"}));
}

TEST(Ssm, TakesTheStartWhenTheCommandHasNotEnded) {
  std::string time;
  testing::decode_stream(
      result(R"(PID CMD\n1 a\n)", ""),
      [&](const event::Event& e, const event::Fields&) { time = to_rfc3339(e.time); });
  EXPECT_EQ(time, "2026-03-04T14:15:00Z");
}

TEST(Ssm, SaysWhyOtherRecordsAreLeftOut) {
  const std::pair<std::string, std::string> cases[] = {
      {result("hello"), "SSM output that is no process listing"},
      {result(""), "SSM output that is no process listing"},
      {result("PID CMD\\n"), "process listing without processes"},
      {R"({"TypeName":"AWS:Application","InstanceId":"i-1","SchemaVersion":"1.1","Entries":[]})",
       "SSM inventory"},
      {R"({"Entities":[{"Id":"i-1","Data":{"AWS:Application":{"TypeName":"AWS:Application"}}}]})",
       "SSM inventory"},
      {R"({"resourceId":"i-1","captureTime":"2026-03-04T14:15:01Z","schemaVersion":"1.1","Name":"a"})",
       "SSM inventory"},
  };
  for (const auto& [text, reason] : cases) {
    const auto decoded = testing::decode_stream(
        text, [](const event::Event&, const event::Fields&) { FAIL() << "no event here"; });
    EXPECT_EQ(decoded.skipped, (std::vector<std::string>{reason})) << text;
    EXPECT_TRUE(decoded.rejected.empty()) << text;
  }
}

TEST(Ssm, RejectsAListingWithoutATime) {
  const auto decoded = testing::decode_stream(
      R"({"CommandId":"c","InstanceId":"i","StandardOutputContent":"PID CMD\n1 a"})",
      [](const event::Event&, const event::Fields&) { FAIL() << "no event here"; });
  EXPECT_EQ(decoded.rejected,
            (std::vector<std::string>{"neither ExecutionEndDateTime nor the start is a time"}));
}

}  // namespace
}  // namespace davy::decode
