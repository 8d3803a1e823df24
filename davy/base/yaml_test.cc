// SPDX-License-Identifier: Apache-2.0
#include "davy/base/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace davy {
namespace {

/// The tree in one line: "text" when quoted, null as ~, maps and lists as in JSON.
std::string shape(const YamlNode& node) {
  std::string text;
  switch (node.kind()) {
    case YamlNode::Kind::kAbsent: return "absent";
    case YamlNode::Kind::kNull: return "~";
    case YamlNode::Kind::kScalar:
      return node.is_quoted() ? fmt::format("\"{}\"", node.text()) : node.text();
    case YamlNode::Kind::kSequence:
      for (const YamlNode& item : node.items())
        text += (text.empty() ? "" : ", ") + shape(item);
      return "[" + text + "]";
    case YamlNode::Kind::kMap:
      for (const auto& [key, value] : node.entries())
        text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", shape(key), shape(value));
      return "{" + text + "}";
  }
  return text;
}

/// Documents and faults, a line each.
std::string told(std::string_view text) {
  const YamlStream stream = YamlStream::read(text);
  std::string lines;
  for (const YamlNode& document : stream.documents())
    lines += shape(document) + "\n";
  for (const YamlFault& fault : stream.faults())
    lines += fmt::format("{}:{}: {}\n", fault.line, fault.column, fault.message);
  return lines;
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

TEST(Yaml, ReadsTrees) {
  constexpr Case kCases[] = {
      {"a: 1\nb: [x, 'y', {c: d}]\n", "{a: 1, b: [x, \"y\", {c: d}]}\n"},
      {"a:\nb: ~\nc: null\nd: Null\ne: NULL\n", "{a: ~, b: ~, c: ~, d: ~, e: ~}\n"},
      {"a: ''\nb: 'null'\nc: nULL\n", "{a: \"\", b: \"null\", c: nULL}\n"},
      {"a: !!str null\nb: !!str '5'\n", "{a: null, b: 5}\n"},
      {"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a: \"x\ny\n\", b: \"x y\"}\n"},
      {"b: 1\na: 2\nb: 3\n", "{b: 1, a: 2, b: 3}\n"},
      {"~: 1\n? [x]\n: 2\n", "{~: 1, [x]: 2}\n"},
      {"- {}\n- []\n-\n", "[{}, [], ~]\n"},
      {"a: &x [1]\nb: *x\n", "{a: [1], b: [1]}\n"},
      {"a: 0o17\nb: 1_000\nc: 12:30:45\nd: 2026-01-01\ne: =\nf: <<\n",
       "{a: 0o17, b: 1_000, c: 12:30:45, d: 2026-01-01, e: =, f: <<}\n"},
      {"a: \"\\u00e9\\x41\\n\"\n",
       "{a: \"\xc3\xa9"
       "A\n\"}\n"},
      {"\xef\xbb\xbf"
       "a: 1\r\nb: 2\r\n",
       "{a: 1, b: 2}\n"},
      {"just text", "just text\n"},
      {"", ""},
      {"# nothing\n", ""},
      {"~\n", ""},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(told(c.text), c.expected) << c.text;
}

TEST(Yaml, FindsTheFirstOfAKey) {
  const YamlStream stream = YamlStream::read("a: 1\nb:\na: 2\n[c]: 3\n");
  const YamlNode& map = stream.documents()[0];
  EXPECT_EQ(map["a"].text(), "1");
  EXPECT_TRUE(map["b"]);
  EXPECT_TRUE(map["b"].is_null());
  EXPECT_FALSE(map["c"]);
  EXPECT_FALSE(map["c"]["d"]);
  EXPECT_EQ(map["c"].line(), 0);
}

TEST(Yaml, KnowsWhereANodeStands) {
  const YamlStream stream = YamlStream::read(
      "# comment\n"
      "a:\n"
      "  - &anchor !!str x\n"
      "  - {b: 'y'}\n"
      "--- # next\n"
      "c: |\n"
      "  text\n"
      "d: \xc3\xa9 # e\n");
  ASSERT_EQ(stream.documents().size(), 2u);
  const auto place = [](const YamlNode& node) {
    return fmt::format("{}:{}", node.line(), node.column());
  };
  const YamlNode& first = stream.documents()[0];
  const YamlNode& second = stream.documents()[1];
  EXPECT_EQ(place(first), "2:1");
  EXPECT_EQ(place(first["a"]), "3:3");
  EXPECT_EQ(place(first["a"].items()[0]), "3:5");
  EXPECT_EQ(place(first["a"].items()[1]), "4:5");
  EXPECT_EQ(place(first["a"].items()[1].get()["b"]), "4:9");
  EXPECT_EQ(place(second), "6:1");
  EXPECT_EQ(place(second["c"]), "6:4");
  EXPECT_EQ(place(second["d"]), "8:4");
}

TEST(Yaml, ABrokenDocumentCostsOnlyItself) {
  EXPECT_EQ(told("a: 1\n---\nb: [2\n---\nc: 3\n...\n---\n{d: 4} e\n---\nf: 5\n"),
            "{a: 1}\n"
            "{c: 3}\n"
            "{f: 5}\n"
            "4:1: did not find expected ',' or ']', while parsing a flow sequence at 3:4\n"
            "8:8: something follows the end of the document\n");
}

TEST(Yaml, FaultsSayWhere) {
  constexpr Case kCases[] = {
      {"a: 'x\nb: y\n",
       "3:1: found unexpected end of stream, while scanning a quoted scalar at 1:4\n"},
      {"a: 1\n\tb: 2\n",
       "2:1: found a tab character that violates indentation, while scanning a plain scalar at "
       "1:4\n"},
      {"a:\n\tb: 2\n",
       "2:1: found character that cannot start any token, while scanning for the next token at "
       "2:1\n"},
      {"a: 1\n  b: 2\n", "2:4: mapping values are not allowed in this context\n"},
      {"a: x\nb: \xff\n", "2:4: invalid leading UTF-8 octet\n"},
      {"a: x\nb: \xed\xa0\x80\n", "2:4: invalid Unicode character\n"},
      {"a: x\nb: \x01\n", "2:4: control characters are not allowed\n"},
      {"a: \"\\q\"\n",
       "1:5: found unknown escape character, while parsing a quoted scalar at 1:4\n"},
      {"a: 1\nlevel\n", "3:1: could not find expected ':', while scanning a simple key at 2:1\n"},
      {"a: *x\n", "1:4: the alias '*x' refers to nothing before it\n"},
      {"a: &x [*x]\n", "1:8: the alias '*x' refers to nothing before it\n"},
      {"a: !e!x y\n", "1:4: found undefined tag handle, while parsing a node at 1:4\n"},
      {"]\n", "1:1: did not find expected node content, while parsing a block node at 1:1\n"},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(told(c.text), c.expected) << c.text;
}

std::string nested(int levels) {
  return std::string(static_cast<size_t>(levels), '[') + "x" +
         std::string(static_cast<size_t>(levels), ']');
}

TEST(Yaml, DepthIsBounded) {
  EXPECT_EQ(told(nested(kMaxYamlDepth)), nested(kMaxYamlDepth) + "\n");
  EXPECT_EQ(told(nested(kMaxYamlDepth + 1)), "1:129: nested deeper than 128 levels\n");
  EXPECT_EQ(YamlStream::read(std::string(1'000'000, '[')).faults().size(), 1u);
  std::string block;
  for (int i = 0; i < 100'000; ++i)
    block += "- ";
  EXPECT_EQ(YamlStream::read(block).faults().size(), 1u);
}

TEST(Yaml, DepthBelowAliasesCounts) {
  std::string chain = "- &a0 [x]\n";
  for (int i = 1; i < 1000; ++i)
    chain += fmt::format("- &a{} [*a{}]\n", i, i - 1);
  EXPECT_EQ(told(chain), "128:10: nested deeper than 128 levels\n");
}

TEST(Yaml, AliasesShareTheirNode) {
  std::string bomb = "- &a0 [x, x]\n";
  for (int i = 1; i < 100; ++i)
    bomb += fmt::format("- &a{0} [*a{1}, *a{1}]\n", i, i - 1);
  const YamlStream stream = YamlStream::read(bomb);
  ASSERT_EQ(stream.documents().size(), 1u);
  const auto items = stream.documents()[0].get().items();
  EXPECT_EQ(&items[99].get().items()[0].get(), &items[98].get());
}

TEST(Yaml, NodesOutliveAMove) {
  YamlStream stream = YamlStream::read("a: [b]\n");
  const YamlNode& root = stream.documents()[0];
  const YamlStream moved = std::move(stream);
  EXPECT_EQ(&moved.documents()[0].get(), &root);
  EXPECT_EQ(shape(root), "{a: [b]}");
}

TEST(ParseYamlBool, KnowsTheWordsOfYaml11) {
  for (const std::string_view text : {"y", "Yes", "TRUE", "on"})
    EXPECT_EQ(parse_yaml_bool(text), true) << text;
  for (const std::string_view text : {"n", "No", "FALSE", "off"})
    EXPECT_EQ(parse_yaml_bool(text), false) << text;
  for (const std::string_view text : {"", "1", "maybe", "null"})
    EXPECT_EQ(parse_yaml_bool(text), std::nullopt) << text;
}

}  // namespace
}  // namespace davy
