// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_walker.h"

#include <gtest/gtest.h>

#include "davy/decode/format.h"

namespace davy::decode {
namespace {

/// Walks `json` and joins the values of `path` with '|'.
std::string values_of(std::string json, std::string_view path, KeyCase key_case = KeyCase::kExact) {
  event::Schema schema;
  const event::Slot slot = schema.add(path);
  const JsonWalker walker(schema, key_case);
  JsonParser parser;
  event::Fields fields;
  fields.reset(schema.size());
  const size_t size = json.size();
  json.resize(size + RawRecord::kPadding);
  const std::string_view damage = walker.walk({json.data(), size}, parser, fields);
  if (!damage.empty()) return "damage: " + std::string(damage);
  std::string joined;
  for (const event::Value& value : fields.values(slot)) {
    if (!joined.empty()) joined += '|';
    joined += value.type == event::Value::Type::kNull ? "<null>" : std::string(value.text);
  }
  return joined;
}

TEST(JsonWalker, FollowsPathsThroughObjectsAndArrays) {
  EXPECT_EQ(values_of(R"({"a":{"b":"x"},"c":1})", "a.b"), "x");
  EXPECT_EQ(values_of(R"({"items":[{"n":1},{"m":2},{"n":3.5}]})", "items.n"), "1|3.5");
  EXPECT_EQ(values_of(R"({"items":[{"n":1},{"n":2}]})", "items[1].n"), "2");
  EXPECT_EQ(values_of(R"({"tags":["a","b"]})", "tags"), R"(["a","b"]|a|b)");
  EXPECT_EQ(values_of(R"({"out":{"proc.name":"xmrig"}})", "out.proc.name"), "xmrig");
  EXPECT_EQ(values_of(R"({"a":null,"b":true})", "a"), "<null>");
  EXPECT_EQ(values_of(R"({"a":"tab\tquote\" \u00e9"})", "a"), "tab\tquote\" \u00e9");
  EXPECT_EQ(values_of(R"({"\u0061":"x"})", "a"), "x");
  EXPECT_EQ(values_of(R"({"a":{"b":1}})", "a"), R"({"b":1})");
  EXPECT_EQ(values_of(R"({"other":1})", "a"), "");
}

TEST(JsonWalker, APickedElementStillCountsAmongAll) {
  event::Schema schema;
  const event::Slot all = schema.add("items.n");
  const event::Slot first = schema.add("items[0].n");
  const JsonWalker walker(schema);
  JsonParser parser;
  event::Fields fields;
  fields.reset(schema.size());
  std::string json = R"({"items":[{"n":1},{"n":2}]})";
  const size_t size = json.size();
  json.resize(size + RawRecord::kPadding);
  EXPECT_EQ(walker.walk({json.data(), size}, parser, fields), "");
  std::string seen;
  for (const event::Value& value : fields.values(all))
    seen += value.text;
  EXPECT_EQ(seen, "12");
  EXPECT_EQ(fields.text(first), "1");
}

TEST(JsonWalker, FoldsPascalCaseWhereAsked) {
  EXPECT_EQ(
      values_of(R"({"Service":{"DetectorId":"d"}})", "service.detectorId", KeyCase::kFoldFirst),
      "d");
  EXPECT_EQ(
      values_of(R"({"service":{"detectorId":"d"}})", "service.detectorId", KeyCase::kFoldFirst),
      "d");
  EXPECT_EQ(values_of(R"({"Service":1})", "service"), "");
}

TEST(JsonWalker, LooksAtValuesNobodyAsksFor) {
  for (const char* value :
       {"nul", "nulll", "tru", "falsee", "NaN", "Infinity", "-", "01", "1.", ".5", "1e", "+1", "1x",
        "0x10", "1.2.3", "--1", "undefined", "True", "'x'"}) {
    for (const char* frame : {R"({"a":"x","zz":%s})", R"({"a":"x","zz":{"y":[1,%s,2]}})",
                              R"({"zz":%s,"a":"x"})", "{\"a\":\"x\",\"zz\":%s\n}"}) {
      std::string json(frame);
      json.replace(json.find("%s"), 2, value);
      EXPECT_TRUE(values_of(json, "a").starts_with("damage: ")) << json;
    }
  }
  for (const char* value : {"null", "true", "false", "0", "-0", "10", "-1.5e+10", "1E5", "0.1",
                            "{}", "[]", "[ null , true ]", R"("tru")"}) {
    EXPECT_EQ(values_of(std::string(R"({"a":"x","zz":)") + value + "}", "a"), "x") << value;
  }
}

TEST(JsonWalker, SaysWhatIsWrong) {
  EXPECT_EQ(values_of("{\"a\":\"\xff\"}", "a"), "damage: invalid UTF-8");
  EXPECT_EQ(values_of(R"({"a":"x)", "a"), "damage: unclosed string");
  EXPECT_EQ(values_of(R"({"a":12x})", "a"), "damage: malformed number");
  EXPECT_EQ(values_of(R"({"a":1}{"b":2})", "a"), "damage: more than one JSON value in the record");
  EXPECT_EQ(values_of(R"([1])", "a"), "damage: not a JSON object");
}

}  // namespace
}  // namespace davy::decode
