// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_repair.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

namespace davy::decode {
namespace {

std::string repaired(std::string_view json) {
  Arena arena;
  return std::string(repair_json_text(json, arena));
}

TEST(JsonRepair, ReplacesWhatIsNoTextInStringsOnly) {
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(repaired("{\"a\":\"x\xff\xfey\"}"), "{\"a\":\"x" + mark + mark + "y\"}");
  EXPECT_EQ(repaired("{\"\xc3\":1}"), "{\"" + mark + "\":1}");
  EXPECT_EQ(repaired(R"(["\ud800bob"])"), "[\"" + mark + "bob\"]");
  EXPECT_EQ(repaired(R"(["\udc00\ud800\ud83d\ude00"])"), "[\"" + mark + mark + R"(\ud83d\ude00"])");
  EXPECT_EQ(repaired(R"(["\x41\uZZ"])"), "[\"" + mark + "x41" + mark + "ZZ\"]");
  EXPECT_EQ(repaired("[\"a\tb\x01\"]"), R"(["a\u0009b\u0001"])");
  for (const char* whole : {R"({"a":"é \" \\ \/ \u00e9 \ud83d\ude00"})", "{\xff:1}", "", "\"open"})
    EXPECT_EQ(repaired(whole), "") << whole;
}

TEST(JsonRepair, MakesAnyStringReadableOnce) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    std::string inside;
    for (const char c : text) {
      if (c != '"') inside += c;
    }
    if (inside.ends_with('\\')) inside += 'n';
    const std::string json = "{\"a\":\"" + inside + "\"}";
    const std::string after = repaired(json);
    const std::string& readable = after.empty() ? json : after;
    RC_ASSERT(nlohmann::json::accept(readable));
    RC_ASSERT(repaired(readable).empty());
  }));
}

}  // namespace
}  // namespace davy::decode
