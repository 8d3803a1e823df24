// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_cutter.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/base/text.h"
#include "davy/decode/json_brackets.h"

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

TEST(JsonCutter, AGenericKeyWrapsOnlyBesidePagingKeys) {
  const std::string record = R"({"items":[{"k":1}],"u":"x"})";
  struct Row {
    std::string text;
    std::vector<std::string> records;
  };
  const Row rows[] = {
      {record, {record}},
      {record + "\n" + record + "\n", {record, record}},
      {R"({"items":[{"k":1},{"k":2}]})", {R"({"k":1})", R"({"k":2})"}},
      {R"({"value":[{"k":1}],"@odata.nextLink":"https://x/?a={b}","count":3})", {R"({"k":1})"}},
      {R"({"events":[{"k":1}],"searchedLogStreams":[{"a":true}],"nextToken":"t"})", {R"({"k":1})"}},
      {R"({"value":[{"k":1}],"unit":"Percent"})", {R"({"value":[{"k":1}],"unit":"Percent"})"}},
      {R"({"items":[{"k":1}],"nextToken":{"a":"}"},"u":1})",
       {R"({"items":[{"k":1}],"nextToken":{"a":"}"},"u":1})"}},
  };
  for (const Row& row : rows) {
    for (size_t piece : {1UL, 7UL, 4096UL}) {
      SCOPED_TRACE(row.text + " in pieces of " + std::to_string(piece));
      EXPECT_EQ(cut_in_pieces(row.text, piece), (Outcome{row.records, {}}));
    }
  }
}

// One damaged record of a list costs itself only, whatever is lost in it.
TEST(JsonCutter, ADamagedRecordOfAListDoesNotSwallowTheNext) {
  const auto record = [](int number) {
    return R"({"v":"1","id":")" + std::to_string(number) +
           R"(","list":[{"v2":"a"},{"v2":"b"}],"text":"{\"v\":\"1\"},{}","tail":{"x":"y"}})";
  };
  const std::string good = record(10);
  for (size_t lost = 0; lost < good.size(); ++lost) {
    if (good[lost] != '"' && good[lost] != '{' && good[lost] != '}' && good[lost] != '[' &&
        good[lost] != ']') {
      continue;
    }
    for (const char* end : {"]}", "]", ""}) {
      std::string damaged = good;
      damaged.erase(lost, 1);
      std::string text = *end == '\0' ? "" : end == std::string_view("]") ? "[" : R"({"Records":[)";
      for (int i = 0; i < 20; ++i)
        text += (i == 10 ? damaged : record(i)) + (*end == '\0' ? "" : i < 19 ? "," : "");
      text += end;
      SCOPED_TRACE(damaged + " in a list that ends in '" + end + "'");
      const Outcome whole = cut_in_pieces(text, 1 << 20);
      EXPECT_TRUE(cut_in_pieces(text, 5) == whole);
      size_t found = 0;
      for (int i = 0; i < 20; ++i) {
        const bool kept =
            std::find(whole.records.begin(), whole.records.end(), record(i)) != whole.records.end();
        found += kept ? 1 : 0;
      }
      EXPECT_GE(found, 18u);
    }
  }
}

TEST(JsonCutter, HolesAreCountedOnce) {
  const std::string text = "{\"a\":1}\n" + std::string(300, '\0') + "{\"b\":2}\n";
  for (size_t piece : {1UL, 64UL, 4096UL}) {
    EXPECT_EQ(cut_in_pieces(text, piece),
              (Outcome{{R"({"a":1})", R"({"b":2})"}, {"NUL bytes between records"}}));
  }
}

TEST(JsonCutter, AfterAnOverlongRecordTheListGoesOn) {
  for (size_t presented : {10UL, 16UL, 17UL, 18UL, 30UL}) {
    JsonCutter cutter;
    CutResult result;
    const std::string begin = R"({"Records":[{"a":1},)";
    cutter.cut(begin, false, result);
    EXPECT_EQ(result.consumed, begin.size());
    const std::string_view rest = R"({"a":"very long},{"a":2},{"a":3}]})";
    cutter.give_up(rest.substr(0, presented), result);
    EXPECT_EQ(result.rejects.size(), 1u);
    size_t at = result.consumed;
    while (!rest.substr(at).starts_with(R"({"a":2)")) {
      ASSERT_TRUE(cutter.skip(rest.substr(at), result));
      at += result.consumed;
    }
    cutter.cut(rest.substr(at), true, result);
    EXPECT_EQ(result.records.size(), 2u);
    EXPECT_TRUE(result.rejects.empty());
  }
}

TEST(NestedDeeperThan, CountsOpenBracketsOutsideStrings) {
  const auto nested = [](size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_FALSE(nested_deeper_than(nested(128), 128));
  EXPECT_TRUE(nested_deeper_than(nested(129), 128));
  EXPECT_TRUE(nested_deeper_than(nested(10'000), 128));
  EXPECT_FALSE(nested_deeper_than("{\"a\":\"" + std::string(500, '[') + "\"}", 128));
  std::string flat = "[";
  for (int i = 0; i < 500; ++i)
    flat += "{},";
  EXPECT_FALSE(nested_deeper_than(flat, 128));
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
    RC_ASSERT(find_value_end(text, 0) == naive(text));
  }));
}

}  // namespace
}  // namespace davy::decode
