// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_cutter.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/base/text.h"

namespace davy::decode {
namespace {

struct Outcome {
  std::vector<std::string> records;
  std::vector<std::string> rejects;
  bool operator==(const Outcome&) const = default;
};

/// Feeds `text` in pieces of `piece` bytes, as a stream would.
Outcome cut_in_pieces(std::string_view text, size_t piece) {
  JsonCutter cutter;
  CutResult result;
  Outcome outcome;
  std::string pending;
  for (size_t at = 0; at < text.size() || !pending.empty();) {
    const std::string_view more = text.substr(std::min(at, text.size()), piece);
    at += more.size();
    pending += more;
    const bool last = at >= text.size();
    cutter.cut(pending, last, result);
    for (const Cut& cut : result.records)
      outcome.records.push_back(pending.substr(cut.begin, cut.length));
    for (const CutReject& reject : result.rejects)
      outcome.rejects.emplace_back(reject.reason);
    pending.erase(0, result.consumed);
    if (last) break;
  }
  return outcome;
}

TEST(JsonCutter, FindsTheRecordsOfEveryLayout) {
  struct Row {
    const char* name;
    const char* text;
    std::vector<std::string> records;
  };
  const Row rows[] = {
      {"one document", R"({"a":1})", {R"({"a":1})"}},
      {"lines", "{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":3}", {R"({"a":1})", R"({"b":2})", R"({"c":3})"}},
      {"concatenated", R"({"a":1}{"b":{"c":2}})", {R"({"a":1})", R"({"b":{"c":2}})"}},
      {"array", "[ {\"a\":1},\n {\"b\":2} ]", {R"({"a":1})", R"({"b":2})"}},
      {"wrapper", R"({"Records":[{"a":1},{"b":2}]})", {R"({"a":1})", R"({"b":2})"}},
      {"wrapper with tail",
       R"({"Events" : [{"a":1}],"NextToken":"x}"}{"c":3})",
       {R"({"a":1})", R"({"c":3})"}},
      {"empty wrapper", R"({"Records":[]})", {}},
      {"pretty",
       "{\n  \"a\": {\n    \"b\": \"}\"\n  }\n}\n",
       {"{\n  \"a\": {\n    \"b\": \"}\"\n  }\n}"}},
      {"brackets and quotes in strings",
       R"({"a":"}\"]","b":"\\"}{"c":"["})",
       {R"({"a":"}\"]","b":"\\"})", R"({"c":"["})"}},
      {"other first key is no wrapper",
       R"({"version":"0","detail":{}})",
       {R"({"version":"0","detail":{}})"}},
  };
  for (const Row& row : rows) {
    for (size_t piece : {1UL, 3UL, 64UL, 4096UL}) {
      SCOPED_TRACE(std::string(row.name) + " in pieces of " + std::to_string(piece));
      EXPECT_EQ(cut_in_pieces(row.text, piece), (Outcome{row.records, {}}));
    }
  }
}

TEST(JsonCutter, SaysWhatIsWrongAndGoesOn) {
  EXPECT_EQ(cut_in_pieces(R"({"a":1} oops
{"b":2})",
                          4096),
            (Outcome{{R"({"a":1})", R"({"b":2})"}, {"not a JSON object"}}));
  EXPECT_EQ(cut_in_pieces(R"({"Records":[{"a":1},{"b":)", 4096),
            (Outcome{{R"({"a":1})"}, {"truncated record: the input ends inside it"}}));
  EXPECT_EQ(cut_in_pieces(R"({"Records":[{"a":1}])", 4096), (Outcome{{R"({"a":1})"}, {}}));
}

TEST(JsonCutter, OneCorruptLineDoesNotSwallowTheNext) {
  const Outcome outcome = cut_in_pieces("{\"a\":1}\n{\"b\":\"unclosed\n{\"c\":3}\n", 4096);
  EXPECT_EQ(outcome.records,
            (std::vector<std::string>{R"({"a":1})", "{\"b\":\"unclosed", R"({"c":3})"}));
}

TEST(JsonCutter, ABadFirstLineDoesNotCostTheRest) {
  const Outcome outcome = cut_in_pieces("x{\"b\":\n{\"a\":1}\n{\"c\":\n{\"d\":2}\n", 4096);
  EXPECT_EQ(outcome.records.front(), "{\"b\":");
  EXPECT_EQ(outcome.records.back(), "{\"d\":2}");
  EXPECT_EQ(outcome.records.size(), 4u);
}

TEST(JsonCutter, RefusesHostileDepth) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const Outcome outcome = cut_in_pieces("{\"a\":" + deep + "}{\"b\":1}", 1 << 20);
  EXPECT_EQ(outcome.records, (std::vector<std::string>{R"({"b":1})"}));
  EXPECT_EQ(outcome.rejects, (std::vector<std::string>{"nested more than 1000 levels deep"}));
}

TEST(FindValueEnd, AgreesWithAByteByByteScan) {
  const auto naive = [](std::string_view text) {
    int depth = 0;
    bool inside = false;
    bool escape = false;
    for (size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (escape) {
        escape = false;
      } else if (inside && c == '\\') {
        escape = true;
      } else if (c == '"') {
        inside = !inside;
      } else if (!inside && (c == '{' || c == '[')) {
        ++depth;
      } else if (!inside && (c == '}' || c == ']') && --depth == 0) {
        return i + 1;
      }
    }
    return std::string_view::npos;
  };
  EXPECT_TRUE(rc::check([&](const std::vector<uint8_t>& picks) {
    // Backslashes outside strings are no JSON; the scanner need not define what they do there.
    std::string text = "{\"";
    for (uint8_t pick : picks)
      text += "{}[]\"\\\\aaaaaaaa"[pick % 14];
    text += "\"}";
    bool inside = true;
    bool escape = false;
    for (size_t i = 2; i < text.size(); ++i) {
      if (!inside && text[i] == '\\') text[i] = 'a';
      if (escape)
        escape = false;
      else if (text[i] == '\\')
        escape = true;
      else if (text[i] == '"')
        inside = !inside;
    }
    bool too_deep = false;
    RC_ASSERT(find_value_end(text, 0, too_deep) == naive(text));
  }));
}

}  // namespace
}  // namespace davy::decode
