// SPDX-License-Identifier: Apache-2.0
// Every renderer on every fixture against tests/golden/report. DAVY_GOLDEN_UPDATE=1 rewrites them;
// the difference is then reviewed like code.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>

#include <gtest/gtest.h>

#include "davy/report/fixture.h"
#include "davy/report/report.h"

namespace davy::report {
namespace {

struct GoldenCase {
  std::string_view file;
  std::function<std::string()> render;
};

TerminalOptions terminal(Color color, int width, bool verbose) {
  return {color, width, verbose};
}

std::vector<GoldenCase> cases() {
  const auto plain = terminal(Color::kNever, 100, false);
  return {
      {"incidents.txt", [=] { return to_terminal(three_incidents(), plain); }},
      {"incidents-narrow-verbose.txt",
       [] { return to_terminal(three_incidents(), terminal(Color::kNever, 60, true)); }},
      {"incidents-color.txt",
       [] { return to_terminal(three_incidents(), terminal(Color::kAlways, 100, false)); }},
      {"incidents.json", [] { return to_json(three_incidents()); }},
      {"incidents.jsonl", [] { return to_jsonl(three_incidents()); }},
      {"incidents.md", [] { return to_markdown(three_incidents()); }},
      {"incidents.html", [] { return to_html(three_incidents()); }},
      {"leaked-key-ir.txt",
       [] { return to_ir(three_incidents().incidents[0], three_incidents()); }},
      {"workload-ir.txt", [] { return to_ir(three_incidents().incidents[2], three_incidents()); }},
      {"hostile.txt", [=] { return to_terminal(hostile_incidents(), plain); }},
      {"hostile.json", [] { return to_json(hostile_incidents()); }},
      {"hostile.md", [] { return to_markdown(hostile_incidents()); }},
      {"hostile.html", [] { return to_html(hostile_incidents()); }},
      {"hostile-ir.txt",
       [] { return to_ir(hostile_incidents().incidents[0], hostile_incidents()); }},
      {"nothing.txt", [=] { return to_terminal(nothing_found(), plain); }},
      {"nothing.json", [] { return to_json(nothing_found()); }},
      {"nothing.md", [] { return to_markdown(nothing_found()); }},
      {"nothing.html", [] { return to_html(nothing_found()); }},
  };
}

TEST(Golden, EveryReportIsAsReviewed) {
  const bool update = std::getenv("DAVY_GOLDEN_UPDATE") != nullptr;
  for (const GoldenCase& golden : cases()) {
    SCOPED_TRACE(golden.file);
    const std::string path =
        std::string(DAVY_SOURCE_DIR) + "/tests/golden/report/" + std::string(golden.file);
    const std::string rendered = golden.render();
    if (update) {
      std::ofstream(path, std::ios::binary) << rendered;
      continue;
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << "missing; run with DAVY_GOLDEN_UPDATE=1 and review";
    std::ostringstream expected;
    expected << file.rdbuf();
    EXPECT_EQ(rendered, expected.str());
  }
}

}  // namespace
}  // namespace davy::report
