// SPDX-License-Identifier: Apache-2.0
// Whatever an attacker writes into a log shows up as text: never as a terminal command, markup, a
// link, or an order of characters other than the one stored.
#include <algorithm>
#include <set>

#include "tests/cli/records.h"
#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/base/text.h"

namespace davy::tests {
namespace {

// What the payloads would be in the medium if they came through as they are.
constexpr std::pair<const char*, const char*> kActive[] = {
    {"html", "<script>alert"},     {"html", "<img src=x"},     {"html", "\" onmouseover"},
    {"markdown", "<script>alert"}, {"markdown", "<img src=x"}, {"markdown", "\n# Heading"},
};

/// Survives every escaping, so that a test can tell that the field was shown at all.
constexpr std::string_view kMarker = "QXMARKQX";

// One kind of hostility each; JSON spells what C++ would make invisible.
constexpr std::pair<const char*, const char*> kPayloads[] = {
    {"terminal", R"(\u001b]0;owned\u0007\u001b[2J\u001b[31m\u009b31m)"},
    {"markup", R"(<script>alert(1)</script><img src=x onerror=alert(1)>)"},
    {"attribute", R"(\" onmouseover=\"alert(1)\" x='y)"},
    {"formula", R"(=cmd|' /C calc'!A1)"},
    {"direction", R"(\u202egnp.exe\u2066\u200f)"},
    {"lines", R"(\r\n\n# Heading\n| a | b |\n)"},
    {"link", R"([click](javascript:alert(1)) ![x](http://x.test/x.png))"},
    {"nul", R"(\u0000after)"},
};

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// The mass launch with hostile names in place of its user, key, agent, image, network and key
/// pair.
std::string hostile_log(const std::string& payload) {
  const std::string hostile = std::string(kMarker) + payload;
  std::vector<std::string> records = mass_launch_records();
  for (std::string& record : records) {
    nlohmann::json parsed = nlohmann::json::parse(record);
    std::set<std::string> values = {"ci-deploy", "AKIAIOSFODNN7EXAMPLE"};
    for (const char* path :
         {"/userAgent", "/requestParameters/keyName", "/requestParameters/groupName",
          "/requestParameters/subnetId", "/requestParameters/groupDescription"}) {
      const nlohmann::json::json_pointer pointer(path);
      if (parsed.contains(pointer) && parsed[pointer].is_string())
        values.insert(parsed[pointer].get<std::string>());
    }
    for (const std::string& value : values)
      if (value.size() > 3) replace_all(record, value, hostile);
  }
  return as_lines(records);
}

struct Output {
  const char* name;
  std::string text;
};

std::vector<Output> outputs_for_people(const std::string& log) {
  std::vector<Output> outputs;
  for (const char* name : {"text", "html", "markdown", "ir"}) {
    const Ran ran = run_davy({"scan", log, "-o", name, "-v"});
    EXPECT_EQ(ran.exit_code, 1) << name << ran.err;
    outputs.push_back({name, ran.out});
  }
  return outputs;
}

/// Control characters, line separators of Unicode, and characters that reorder text.
std::string first_active_character(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
      return fmt::format("byte {:02x}", byte);
  }
  for (std::string_view active :
       {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
        "\u200e", "\u200f", "\u2028", "\u2029", "\u009b", "\u009d"}) {
    if (text.find(active) == std::string_view::npos) continue;
    return fmt::format("character at {}", text.find(active));
  }
  return "";
}

class HostileText : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(HostileText, StaysText) {
  const TestFolder folder;
  const std::string log = folder.write("log.json", hostile_log(GetParam().second));
  for (const Output& output : outputs_for_people(log)) {
    SCOPED_TRACE(output.name);
    EXPECT_NE(output.text.find(kMarker), std::string::npos) << "the field is not shown at all";
    EXPECT_EQ(first_active_character(output.text), "");
  }
}

TEST_P(HostileText, IsNeitherMarkupNorLink) {
  const TestFolder folder;
  const std::string log = folder.write("log.json", hostile_log(GetParam().second));
  for (const auto& [name, active] : kActive) {
    EXPECT_EQ(run_davy({"scan", log, "-o", name}).out.find(active), std::string::npos)
        << active << " is live in " << name;
  }
}

TEST_P(HostileText, KeepsMachineOutputWhole) {
  const TestFolder folder;
  const std::string log = folder.write("log.json", hostile_log(GetParam().second));
  const Ran whole = run_davy({"scan", log, "-o", "json"});
  EXPECT_NE(whole.json().dump().find(kMarker), std::string::npos);
  const Ran lines = run_davy({"scan", log, "-o", "jsonl"});
  for (const std::string& text : {whole.out, lines.out}) {
    EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 && c != '\n';
    }));
  }
  for (std::string_view line : split(lines.out, '\n')) {
    EXPECT_TRUE(line.empty() || nlohmann::json::accept(line)) << line.substr(0, 200);
  }
}

std::string payload_name(const testing::TestParamInfo<HostileText::ParamType>& payload) {
  return payload.param.first;
}
INSTANTIATE_TEST_SUITE_P(Payloads, HostileText, testing::ValuesIn(kPayloads), payload_name);

}  // namespace
}  // namespace davy::tests
