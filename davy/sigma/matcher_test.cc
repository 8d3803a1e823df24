// SPDX-License-Identifier: Apache-2.0
// What rules mean, shown on events. Every case runs through the compiled matcher and the reference.
#include "davy/sigma/matcher.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "davy/sigma/internal/encode.h"
#include "davy/sigma/testing/json_event.h"

namespace davy::sigma {
namespace {

using testing::detects;
using testing::load;
using testing::matching;
using testing::rule_text;

/// One selection with one item.
bool item_detects(std::string_view key, std::string_view value, std::string_view json) {
  return detects(fmt::format("  s:\n    {}: {}\n  condition: s", key, value), json);
}

struct Case {
  std::string_view key;
  std::string_view value;
  std::string_view json;
  bool expected;
};

void check(std::span<const Case> cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(item_detects(c.key, c.value, c.json), c.expected)
        << c.key << ": " << c.value << "  on  " << c.json;
  }
}

TEST(MatcherTest, ComparesTextWholeAndWithoutCase) {
  constexpr Case kCases[] = {
      {"f", "RunInstances", R"({"f": "runinstances"})", true},
      {"f", "RunInstances", R"({"f": "RunInstances2"})", false},
      {"f|cased", "RunInstances", R"({"f": "runinstances"})", false},
      {"f|cased", "RunInstances", R"({"f": "RunInstances"})", true},
      {"f", "[a, b]", R"({"f": "B"})", true},
      {"f", "''", R"({"f": ""})", true},
      {"f", "''", R"({"f": "x"})", false},
      {"f", "''", R"({"g": "x"})", false},
      {"f", "x", R"({"f": null})", false},
      {"f", "Ärger", R"({"f": "Ärger"})", true},
      {"f", "averyveryverylongvalueindeed", R"({"f": "AVERYVERYVERYLONGVALUEINDEED"})", true},
      {"f", "averyveryverylongvalueindeed", R"({"f": "averyveryverylongvalueindeex"})", false},
      {"f", "'@x'", R"({"f": "`x"})", false},  // equal but for the bit that folds letters
      {"a.b", "x", R"({"a": {"b": "X"}})", true},
      {"a.b", "x", R"({"a": [{"b": "y"}, {"b": "x"}]})", true},
      {"f", "x", R"({"f": {"x": "x"}})", false},
  };
  check(kCases);
}

TEST(MatcherTest, Wildcards) {
  constexpr Case kCases[] = {
      {"f", "'a*'", R"({"f": "ABC"})", true},
      {"f", "'a*'", R"({"f": "a"})", true},
      {"f", "'*c'", R"({"f": "abc"})", true},
      {"f", "'*b*'", R"({"f": "abc"})", true},
      {"f", "'a?c'", R"({"f": "abc"})", true},
      {"f", "'a?c'", R"({"f": "ac"})", false},
      {"f", "'a?c'", R"({"f": "aéc"})", true},
      {"f", "'a??c'", R"({"f": "aéc"})", false},
      {"f", "'a*b*c'", R"({"f": "a--b-b--c"})", true},
      {"f", "'a*b*c'", R"({"f": "a--c--b"})", false},
      {"f", "'*'", R"({"f": ""})", true},
      {"f", "'*'", R"({"f": null})", false},
      {"f", "'*'", R"({"g": 1})", false},
      {"f", "'a*z'", R"({"f": "a\nz"})", true},
      {"f", "'*ab'", R"({"f": "aab"})", true},
      {"f", "'?*b'", R"({"f": "b"})", false},
      {"f|cased", "'A*'", R"({"f": "abc"})", false},
  };
  check(kCases);
}

// The escapes table of the specification: a backslash escapes only *, ? and itself.
TEST(MatcherTest, Escapes) {
  constexpr Case kCases[] = {
      {"f", R"('a\*')", R"({"f": "a*"})", true},
      {"f", R"('a\*')", R"({"f": "ab"})", false},
      {"f", R"('a\?')", R"({"f": "a?"})", true},
      {"f", R"('a\?')", R"({"f": "ab"})", false},
      {"f", R"('C:\Windows\x')", R"({"f": "c:\\windows\\x"})", true},
      {"f", R"('C:\\Windows')", R"({"f": "c:\\windows"})", true},
      {"f", R"('a\\*')", R"({"f": "a\\bc"})", true},
      {"f", R"('a\\*')", R"({"f": "abc"})", false},
      {"f", R"('\\\\server')", R"({"f": "\\\\server"})", true},
      {"f", R"('a\\\*')", R"({"f": "a\\*"})", true},
      {"f", R"('a\\\*')", R"({"f": "a\\b"})", false},
      {"f", R"('a\')", R"({"f": "a\\"})", true},
      {"f|contains", R"('\temp\')", R"({"f": "c:\\TEMP\\x"})", true},
      {"f|contains", R"('100\*')", R"({"f": "is 100* sure"})", true},
      {"f|contains", R"('100\*')", R"({"f": "is 1000 sure"})", false},
  };
  check(kCases);
}

TEST(MatcherTest, ContainsStartsEnds) {
  constexpr Case kCases[] = {
      {"f|contains", "xmrig", R"({"f": "/tmp/XMRig -o"})", true},
      {"f|contains", "xmrig", R"({"f": "xmri"})", false},
      {"f|contains", "'*b*'", R"({"f": "abc"})", true},
      {"f|startswith", "ab", R"({"f": "ABC"})", true},
      {"f|startswith", "ab", R"({"f": "cab"})", false},
      {"f|endswith", "bc", R"({"f": "ABC"})", true},
      {"f|endswith", "bc", R"({"f": "abcd"})", false},
      {"f|contains|all", "[a, b]", R"({"f": "xbxa"})", true},
      {"f|contains|all", "[a, b]", R"({"f": "xb"})", false},
      {"f|contains|cased", "Ab", R"({"f": "xAbx"})", true},
      {"f|contains|cased", "Ab", R"({"f": "xabx"})", false},
      {"f|contains", "''", R"({"f": "x"})", true},
      {"f|contains", "3333", R"({"f": "pool:3333"})", true},
      {"f|contains|all", "[a, b]", R"({"f": ["a", "b"]})", true},
  };
  check(kCases);
}

TEST(MatcherTest, NumbersMatchAsNumberAndAsText) {
  constexpr Case kCases[] = {
      {"f", "22", R"({"f": 22})", true},
      {"f", "22", R"({"f": "22"})", true},
      {"f", "22", R"({"f": 22.0})", true},
      {"f", "22", R"({"f": "022"})", true},
      {"f", "'22'", R"({"f": 22})", true},
      {"f", "'022'", R"({"f": 22})", false},
      {"f", "22", R"({"f": 23})", false},
      {"f", "1.5", R"({"f": "1.50"})", true},
      {"f", "1e3", R"({"f": 1000})", true},
      {"f", "0x10", R"({"f": "0X10"})", true},
      {"f", "-0", R"({"f": 0})", true},
      {"f", "[3333, 4444]", R"({"f": "4444"})", true},
      // Too large for a double to tell apart.
      {"f", "9007199254740993", R"({"f": "9007199254740992"})", false},
      {"f", "9007199254740993", R"({"f": "9007199254740993"})", true},
      {"f", "18446744073709551615", R"({"f": 18446744073709551615})", true},
      {"f", "18446744073709551615", R"({"f": "18446744073709551614"})", false},
      {"f|gt", "18446744073709551614", R"({"f": 18446744073709551615})", true},
      {"f|lt", "9223372036854775808", R"({"f": 9223372036854775807})", true},
      {"f|gt", "-1", R"({"f": 18446744073709551615})", true},
      {"f|gte", "10", R"({"f": 10})", true},
      {"f|gt", "10", R"({"f": "10"})", false},
      {"f|lt", "10", R"({"f": "9.5"})", true},
      {"f|lte", "10", R"({"f": "ten"})", false},
      {"f|gte", "10", R"({"g": 11})", false},
      {"f", "true", R"({"f": true})", true},
      {"f", "true", R"({"f": "True"})", true},
      {"f", "'false'", R"({"f": false})", true},
      {"f", "true", R"({"f": false})", false},
  };
  check(kCases);
}

TEST(MatcherTest, NullAndExistence) {
  constexpr Case kCases[] = {
      {"f", "null", R"({"g": 1})", true},
      {"f", "null", R"({"f": null})", true},
      {"f", "null", R"({"f": ""})", false},
      {"f", "null", R"({"f": [null, "x"]})", false},
      {"f", "[null, x]", R"({"f": "x"})", true},
      {"f", "[null, x]", R"({})", true},
      {"f|exists", "true", R"({"f": ""})", true},
      {"f|exists", "yes", R"({"f": ""})", true},
      {"f|exists", "off", R"({"f": ""})", false},
      {"f|exists", "No", R"({"g": ""})", true},
      {"f|exists", "true", R"({"f": {"a": 1}})", true},
      {"f|exists", "true", R"({})", false},
      {"f|exists", "false", R"({})", true},
      {"f|exists", "false", R"({"f": 0})", false},
      {"f|neq", "x", R"({"f": "y"})", true},
      {"f|neq", "x", R"({"f": "x"})", false},
      {"f|neq", "x", R"({})", true},
      {"f|neq", "[x, y]", R"({"f": "y"})", false},
      {"f|contains|neq", "x", R"({"f": "axa"})", false},
  };
  check(kCases);
}

TEST(MatcherTest, Networks) {
  constexpr Case kCases[] = {
      {"f|cidr", "10.0.0.0/8", R"({"f": "10.255.1.2"})", true},
      {"f|cidr", "10.0.0.0/8", R"({"f": "11.0.0.1"})", false},
      {"f|cidr", "192.168.0.0/23", R"({"f": "192.168.1.255"})", true},
      {"f|cidr", "192.168.0.0/23", R"({"f": "192.168.2.0"})", false},
      {"f|cidr", "0.0.0.0/0", R"({"f": "8.8.8.8"})", true},
      {"f|cidr", "0.0.0.0/0", R"({"f": "2001:db8::1"})", false},
      {"f|cidr", "'::/0'", R"({"f": "8.8.8.8"})", false},
      {"f|cidr", "'::ffff:10.0.0.0/104'", R"({"f": "10.1.2.3"})", true},
      {"f|cidr", "10.0.0.0/8", R"({"f": "::ffff:10.1.2.3"})", true},
      {"f|cidr", "10.0.0.0/8", R"({"f": "010.1.2.3"})", false},
      {"f|cidr", "'2001:db8::/65'", R"({"f": "2001:db8::7fff:ffff:ffff:ffff"})", true},
      {"f|cidr", "'2001:db8::/65'", R"({"f": "2001:db8::8000:0:0:0"})", false},
      {"f|cidr", "'2001:db8::/64'", R"({"f": "2001:db8:0:1::1"})", false},
      {"f|cidr", "'2001:db8::/32'", R"({"f": "2001:db8::1\u0000evil"})", false},
      {"f|cidr", "'2001:db8::/32'", R"({"f": "2001:DB8:1::5"})", true},
      {"f|cidr", "'2001:db8::/32'", R"({"f": "2001:db9::"})", false},
      {"f|cidr", "10.0.0.0/8", R"({"f": "::ffff:10.1.1.1"})", true},
      {"f|cidr", "[10.0.0.0/8, 172.16.0.0/12]", R"({"f": "172.31.0.9"})", true},
      {"f|cidr", "10.0.0.0/8", R"({"f": "10.0.0"})", false},
      {"f|cidr", "10.0.0.0/8", R"({"f": "autoscaling.amazonaws.com"})", false},
      {"f|cidr|neq", "10.0.0.0/8", R"({"f": "8.8.8.8"})", true},
  };
  check(kCases);
}

TEST(MatcherTest, RegularExpressions) {
  constexpr Case kCases[] = {
      {"f|re", "'b+c'", R"({"f": "abbbcd"})", true},
      {"f|re", "'B+C'", R"({"f": "abbbcd"})", false},
      {"f|re|i", "'B+C'", R"({"f": "abbbcd"})", true},
      {"f|re", "'^b'", R"({"f": "ab"})", false},
      {"f|re", "'^b'", R"({"f": "a\nb"})", false},
      {"f|re|m", "'^b'", R"({"f": "a\nb"})", true},
      {"f|re", "'a.b'", R"({"f": "a\nb"})", false},
      {"f|re|s", "'a.b'", R"({"f": "a\nb"})", true},
      {"f|re|ignorecase|dotall", "'A.b'", R"({"f": "a\nB"})", true},
      {"f|re", "'^$'", R"({"f": ""})", true},
      {"f|re", "'a{2,3}$'", R"({"f": "caaa"})", true},
      {"f|re|startswith", "'b+'", R"({"f": "abb"})", false},
      {"f|re|startswith", "'b+'", R"({"f": "bba"})", true},
      {"f|re|endswith", "'b|c'", R"({"f": "abx"})", false},
      {"f|re|contains", "'b'", R"({"f": "abx"})", true},
      {"f|re", R"('\s')", R"({"f": "a\u000bb"})", true},
      {"f|re", R"('[\s]x')", R"({"f": "\u000bx"})", true},
      {"f|re", R"('(?<n>a)b')", R"({"f": "ab"})", true},
      {"f|re", R"('[[:digit:]\s]+z')", R"({"f": "1 2 z"})", true},
      {"f|re", "'^.é.$'", R"({"f": "ßéß"})", true},
      {"f|re|all", "['a', 'b']", R"({"f": "ba"})", true},
      {"f|re|neq", "'a'", R"({"f": "b"})", true},
  };
  check(kCases);
}

// formats.md K2, computed independently and equal to literals in public rules.
TEST(MatcherTest, Base64OffsetVectors) {
  using internal::base64_at_offsets;
  EXPECT_EQ(
      base64_at_offsets("stratum+tcp://"),
      (std::vector<std::string>{"c3RyYXR1bSt0Y3A6Ly", "N0cmF0dW0rdGNwOi8v", "zdHJhdHVtK3RjcDovL"}));
  EXPECT_EQ(base64_at_offsets("xmrig"), (std::vector<std::string>{"eG1yaW", "htcmln", "4bXJpZ"}));
}

TEST(MatcherTest, Encodings) {
  for (const std::string_view before : {"", "x", "xy"}) {
    const std::string encoded = internal::base64(fmt::format("{}stratum+tcp://pool", before));
    EXPECT_TRUE(item_detects("f|base64offset|contains", "'stratum+tcp://'",
                             fmt::format(R"({{"f": "echo {} | base64 -d"}})", encoded)))
        << before;
  }
  constexpr Case kCases[] = {
      {"f|base64", "xmrig", R"({"f": "eG1yaWc="})", true},
      {"f|base64|contains", "xmr", R"({"f": "echo eG1yaWc="})", true},
      {"f|base64|contains", "xmrig1", R"({"f": "x eG1yaWcx y"})", true},
      {"f|wide|base64", "ab", R"({"f": "YQBiAA=="})", true},
      {"f|utf16le|base64", "ab", R"({"f": "YQBiAA=="})", true},
      {"f|utf16be|base64", "ab", R"({"f": "AGEAYg=="})", true},
      {"f|utf16|base64", "ab", R"({"f": "//5hAGIA"})", true},
      {"f|utf16le|base64offset|contains", "'Net.WebClient'",
       R"({"f": "x TgBlAHQALgBXAGUAYgBDAGwAaQBlAG4AdAA= y"})", true},
      {"f|wide", "é", R"({"f": "\u0001"})", false},
  };
  check(kCases);
}

TEST(MatcherTest, WindashMeansEveryDash) {
  constexpr Case kCases[] = {
      {"f|windash", "'cmd -x'", R"({"f": "cmd /X"})", true},
      {"f|windash", "'cmd /x'", R"({"f": "cmd -x"})", true},
      {"f|windash|contains", "' -enc '", R"({"f": "pw \u2013enc abc"})", true},
      {"f|contains|windash", "' -enc '", R"({"f": "pw \u2015enc abc"})", true},
      {"f|contains|windash", "' -enc '", R"({"f": "pw \u2010enc abc"})", false},
      {"f|windash", "'a-b'", R"({"f": "a/b"})", false},  // not the start of an option
      {"f|windash", "'-a -b'", R"({"f": "/a -b"})", true},
      {"f|contains|all|windash", "['-a', '-b']", R"({"f": "/b /a"})", true},
      {"f|endswith|windash", "'-q'", R"({"f": "x /q"})", true},
  };
  check(kCases);
}

TEST(MatcherTest, PlaceholdersExpandToTheirValues) {
  const Placeholders placeholders = {{"%admins%", {"root", "adm_*"}}, {"hosts", {"a", "b"}}};
  const auto run = [&](std::string_view key, std::string_view value, std::string_view json) {
    return detects(fmt::format("  s:\n    {}: {}\n  condition: s", key, value), json, placeholders);
  };
  EXPECT_TRUE(run("f|expand", "'%admins%'", R"({"f": "ADM_joe"})"));
  EXPECT_FALSE(run("f|expand", "'%admins%'", R"({"f": "joe"})"));
  EXPECT_TRUE(run("f|expand", "'%admins%@%hosts%'", R"({"f": "root@b"})"));
  EXPECT_FALSE(run("f|expand", "'%admins%@%hosts%'", R"({"f": "root@c"})"));
  EXPECT_TRUE(run("f|contains|expand", "'%hosts%'", R"({"f": "xbx"})"));
  EXPECT_TRUE(run("f|expand", R"('\%admins\%')", R"({"f": "%admins%"})"));
  EXPECT_TRUE(run("f", "'%admins%'", R"({"f": "%ADMINS%"})"));
  EXPECT_EQ(testing::refusal(rule_text("  s:\n    f|expand: '%nobody%'\n  condition: s")),
            "DVY-R015");
}

TEST(MatcherTest, FieldReferences) {
  constexpr Case kCases[] = {
      {"f|fieldref", "g", R"({"f": "Joe", "g": "joe"})", true},
      {"f|fieldref|cased", "g", R"({"f": "Joe", "g": "joe"})", false},
      {"f|fieldref", "g", R"({"f": "Joe"})", false},
      {"f|fieldref", "g", R"({"f": null, "g": null})", false},
      {"f|fieldref|startswith", "g", R"({"f": "joe.doe", "g": "JOE"})", true},
      {"f|fieldref|endswith", "g", R"({"f": "joe.doe", "g": "doe"})", true},
      {"f|fieldref|contains", "g", R"({"f": "joe.doe", "g": "e.d"})", true},
      {"f|fieldref|neq", "g", R"({"f": "a", "g": "b"})", true},
      {"f|fieldref", "g", R"({"f": ["a", "b"], "g": ["c", "b"]})", true},
  };
  check(kCases);
}

TEST(MatcherTest, TimeParts) {
  // A Thursday in the first ISO week of 2026, a day after New Year's Eve.
  constexpr std::string_view kEvent = R"({"f": "2026-01-01T23:07:09Z"})";
  constexpr Case kCases[] = {
      {"f|minute", "7", kEvent, true},
      {"f|hour", "23", kEvent, true},
      {"f|day", "1", kEvent, true},
      {"f|week", "1", kEvent, true},
      {"f|month", "1", kEvent, true},
      {"f|year", "2026", kEvent, true},
      {"f|hour", "22", kEvent, false},
      {"f|hour|gte", "22", kEvent, true},
      {"f|hour|lt", "6", kEvent, false},
      {"f|hour", "1", R"({"f": "2026-01-02T00:07:09-01:00"})", true},
      {"f|week", "53", R"({"f": "2021-01-03T00:00:00Z"})", true},
      {"f|hour", "1", R"({"f": "soon"})", false},
  };
  check(kCases);
}

TEST(MatcherTest, KeywordsSearchTheWholeRecord) {
  constexpr std::string_view kEvent =
      R"({"a": "Invalid user", "b": [{"c": "xmrig --donate"}], "n": 3333})";
  const auto keywords = [&](std::string_view detection) { return detects(detection, kEvent); };
  EXPECT_TRUE(keywords("  k:\n    - XMRIG\n    - other\n  condition: k"));
  EXPECT_FALSE(keywords("  k:\n    - nothing\n  condition: k"));
  EXPECT_TRUE(keywords("  k: invalid\n  condition: k"));
  EXPECT_TRUE(keywords("  k: 3333\n  condition: k"));
  EXPECT_TRUE(keywords("  k:\n    '|all':\n      - user\n      - donate\n  condition: k"));
  EXPECT_FALSE(keywords("  k:\n    '|all':\n      - user\n      - absent\n  condition: k"));
  EXPECT_TRUE(keywords("  k:\n    '|re': 'x.r[ij]g'\n  condition: k"));
  EXPECT_TRUE(keywords("  k:\n    - 'in*user'\n  condition: k"));
  EXPECT_TRUE(keywords("  k:\n    - a: nope\n    - donate\n  condition: k"));
  EXPECT_TRUE(keywords("  k:\n    - nothing\n  condition: not k"));
}

TEST(MatcherTest, SelectionsAreMapsListsAndBoth) {
  const std::string detection =
      "  s:\n    - a: 1\n      b: 2\n    - c: 3\n  filter:\n    d|contains: x\n"
      "  condition: s and not filter";
  EXPECT_TRUE(detects(detection, R"({"a": 1, "b": 2})"));
  EXPECT_FALSE(detects(detection, R"({"a": 1, "b": 3})"));
  EXPECT_TRUE(detects(detection, R"({"c": 3, "d": "y"})"));
  EXPECT_FALSE(detects(detection, R"({"c": 3, "d": "axe"})"));
}

TEST(MatcherTest, ArraysOfObjectsMatchPerElement) {
  constexpr std::string_view kTask =
      R"({"containers": [{"name": "web", "image": "nginx", "cpu": 256},
                         {"name": "job", "image": "evil/xmrig", "cpu": 4096}], "none": []})";
  const auto run = [&](std::string_view selection) {
    return detects(fmt::format("  s:\n{}\n  condition: s", selection), kTask);
  };
  EXPECT_TRUE(run("    containers[any]:\n      image|contains: xmrig\n      cpu|gte: 1024"));
  EXPECT_FALSE(run("    containers[any]:\n      image|contains: nginx\n      cpu|gte: 1024"));
  // The same question without a quantifier mixes elements.
  EXPECT_TRUE(run("    containers.image|contains: nginx\n    containers.cpu|gte: 1024"));
  EXPECT_TRUE(run("    containers[all]:\n      cpu|gte: 256"));
  EXPECT_FALSE(run("    containers[all]:\n      cpu|gte: 257"));
  EXPECT_FALSE(run("    none[all]:\n      cpu|gte: 1"));
  EXPECT_TRUE(run("    none[all_or_empty]:\n      cpu|gte: 1"));
  EXPECT_TRUE(run("    containers[none]:\n      image|startswith: alpine"));
  EXPECT_FALSE(run("    containers[none]:\n      image|endswith: xmrig"));
  EXPECT_TRUE(run("    containers[1]:\n      name: job\n      cpu: 4096"));
  EXPECT_FALSE(run("    containers[0]:\n      name: job"));
  EXPECT_FALSE(run("    containers[7]:\n      name: job"));
  EXPECT_TRUE(run("    containers[0].name: web"));
  EXPECT_FALSE(run("    containers[1].name: web"));
  EXPECT_TRUE(run("    containers[any].image|contains: xmrig"));
  EXPECT_FALSE(run("    containers[any].image|contains|all:\n      - xmrig\n      - nginx"));
  EXPECT_TRUE(run("    containers.image|contains|all:\n      - xmrig\n      - nginx"));
  EXPECT_TRUE(run("    containers[any].port: null"));
  EXPECT_TRUE(run("    containers[any]:\n      - name: db\n      - name: job"));
}

TEST(MatcherTest, ArrayElementsMayBeScalarsOrNested) {
  constexpr std::string_view kEvent =
      R"({"ids": ["i-1", "i-2"], "nets": [{"ports": [{"from": 22}, {"from": 3333}], "id": "a"},
          {"ports": [{"from": 80}], "id": "b"}], "labels": [{"app.kubernetes.io/name": "x"}]})";
  const auto run = [&](std::string_view selection) {
    return detects(fmt::format("  s:\n{}\n  condition: s", selection), kEvent);
  };
  EXPECT_TRUE(run("    ids[any]: i-2"));
  EXPECT_TRUE(run("    ids[all]|startswith: i-"));
  EXPECT_FALSE(run("    ids[all]: i-2"));
  EXPECT_TRUE(run("    nets[any]:\n      id: a\n      ports[any]:\n        from: 3333"));
  EXPECT_FALSE(run("    nets[any]:\n      id: b\n      ports[any]:\n        from: 3333"));
  EXPECT_TRUE(run("    nets[all].ports[any].from|gte: 80"));
  EXPECT_FALSE(run("    nets[all].ports[all].from|gte: 80"));
  EXPECT_TRUE(run("    nets[any]:\n      id: a\n      ports.from: 22"));
  EXPECT_TRUE(run("    labels[any]:\n      app.kubernetes.io/name: X"));
}

TEST(MatcherTest, ResolvedNamesHaveAlternatives) {
  const RuleSet rules =
      load(rule_text("  s:\n    Image|endswith: /xmrig\n  n:\n    User: null\n"
                     "  condition: s and n"));
  Target target;
  target.resolve = [](std::string_view field, std::vector<std::string>& paths) {
    if (field == "Image") paths = {"exe", "process.path"};
    if (field == "User") paths = {"uid", "auid"};
  };
  EXPECT_EQ(matching(rules, R"({"exe": "/tmp/xmrig"})", target).size(), 1u);
  EXPECT_EQ(matching(rules, R"({"process": {"path": "/tmp/xmrig"}})", target).size(), 1u);
  EXPECT_EQ(matching(rules, R"({"exe": "/bin/sh", "process": {"path": "/xmrig"}})", target).size(),
            1u);
  EXPECT_EQ(matching(rules, R"({"exe": "/xmrig", "auid": 0})", target).size(), 0u);
  EXPECT_EQ(matching(rules, R"({"Image": "/tmp/xmrig"})", target).size(), 0u);
}

TEST(MatcherTest, LogsourcesSelectRules) {
  const auto rule = [](std::string_view title, std::string_view logsource) {
    return fmt::format(
        "title: {}\nlogsource: {}\ndetection:\n  s:\n    f: 1\n  condition: s\n---\n", title,
        logsource);
  };
  const RuleSet rules =
      load(rule("a", "{product: aws, service: cloudtrail}") + rule("b", "{product: aws}") +
           rule("c", "{category: process_creation}") + rule("d", "{product: azure}"));
  const event::Logsource logsources[] = {
      {"", "aws", "cloudtrail"}, {"process_creation", "linux", ""}, {"", "AWS", "guardduty"}};
  Target target;
  target.logsources = logsources;
  event::Schema schema;
  const auto matcher = Matcher::compile(rules, target, schema);
  EXPECT_EQ(matcher->applicable_rules(), 3u);
  const auto scratch = matcher->make_scratch();
  const testing::JsonEvent event(R"({"f": 1})", schema);
  const auto match = [&](uint32_t mask) {
    std::vector<RuleIndex> matches;
    matcher->match(mask, event.fields(), *scratch, matches);
    return matches;
  };
  using Indices = std::vector<RuleIndex>;
  EXPECT_EQ(match(1), (Indices{0, 1}));
  EXPECT_EQ(match(2), (Indices{2}));
  EXPECT_EQ(match(3), (Indices{0, 1, 2}));
  EXPECT_EQ(match(4), (Indices{1}));
  EXPECT_EQ(match(0), Indices{});
}

TEST(MatcherTest, ExplainNamesTheDecidingItem) {
  const RuleSet rules =
      load(rule_text("  s:\n    eventName: RunInstances\n    region|startswith: eu-\n"
                     "  condition: s"));
  event::Schema schema;
  const auto matcher = Matcher::compile(rules, {}, schema);
  const testing::JsonEvent event(R"({"eventName": "RunInstances", "region": "us-east-1"})", schema);
  const std::string text = explain(rules, 0, {}, schema, event.fields());
  EXPECT_NE(text.find("matches: no"), std::string::npos) << text;
  EXPECT_NE(text.find("eventName: yes ('RunInstances')"), std::string::npos) << text;
  EXPECT_NE(text.find("region|startswith: no ('us-east-1')"), std::string::npos) << text;
  EXPECT_NE(text.find("is 'eu-*': no"), std::string::npos) << text;
}

// Enough patterns on one field for the database to be used, on texts of every length.
TEST(MatcherTest, ManyPatternsOnOneField) {
  std::string yaml;
  for (int i = 0; i < 60; ++i) {
    yaml += fmt::format(
        "title: r{0}\nlogsource: {{product: test}}\ndetection:\n  s:\n    f|{1}: 'w{0}x'\n  "
        "condition: s\n---\n",
        i,
        i % 3 == 0   ? "contains"
        : i % 3 == 1 ? "startswith"
                     : "endswith");
  }
  yaml += rule_text("  s:\n    f|re: '^W[0-9]+X$'\n  condition: s") + "---\n";
  yaml +=
      "title: any\nlogsource: {product: test}\ndetection:\n  s:\n    f|re: '^.*$'\n  condition: "
      "s\n";
  const RuleSet rules = load(yaml);
  ASSERT_EQ(rules.size(), 62u);
  using Indices = std::vector<RuleIndex>;
  EXPECT_EQ(matching(rules, R"({"f": "..W3X.."})"), (Indices{3, 61}));
  EXPECT_EQ(matching(rules, R"({"f": "W4x.."})"), (Indices{4, 61}));
  EXPECT_EQ(matching(rules, R"({"f": "W5X"})"), (Indices{5, 60, 61}));
  EXPECT_EQ(matching(rules, R"({"f": "w3xw4x"})"), (Indices{3, 61}));
  EXPECT_EQ(matching(rules, R"({"f": ""})"), (Indices{61}));
  EXPECT_EQ(matching(rules, R"({"f": ["w8x", "w9x"]})"), (Indices{8, 9, 61}));
}

}  // namespace
}  // namespace davy::sigma
