// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/condition.h"

#include <string>

#include "davy/sigma/testing/json_event.h"

namespace davy::sigma::internal {
namespace {

const std::vector<std::string> kNames = {"a",     "b",       "c",      "sel_x",
                                         "sel_y", "_hidden", "_hid_2", "1st"};

std::string show(const Condition& condition) {
  if (condition.op == Condition::Op::kSelection) return kNames[condition.selection];
  if (condition.op == Condition::Op::kNot) return "!" + show(condition.children.front());
  std::string text;
  for (const Condition& child : condition.children) {
    if (!text.empty()) text += condition.op == Condition::Op::kAnd ? "&" : "|";
    text += show(child);
  }
  return "(" + text + ")";
}

std::string parsed(std::string_view text) {
  const Result<Condition> condition = parse_condition(text, kNames);
  return condition ? show(*condition) : condition.error().message();
}

struct Case {
  std::string_view text;
  std::string_view tree;
};

TEST(ConditionTest, ReadsEveryForm) {
  constexpr Case kCases[] = {
      {"a", "a"},
      {"((a))", "a"},
      {"a and b and c", "(a&b&c)"},
      {"a or b and not c", "(a|(b&!c))"},
      {"(a or b) and c", "((a|b)&c)"},
      {"not not a", "!!a"},
      {"not (a or b)", "!(a|b)"},
      {"A and b", "condition names 'A', which is not in the detection; did you mean 'a'?"},
      {"a AND NOT b Or c", "((a&!b)|c)"},
      {"1 of sel_*", "(sel_x|sel_y)"},
      {"any of sel_*", "(sel_x|sel_y)"},
      {"all of sel_*", "(sel_x&sel_y)"},
      {"all of *_y", "(sel_y)"},
      {"1 of them", "(a|b|c|sel_x|sel_y|1st)"},
      {"all of _hid*", "(_hidden&_hid_2)"},
      {"1 of *", "(a|b|c|sel_x|sel_y|1st)"},
      {"1st and a", "(1st&a)"},
      {"a and not 1 of sel_*", "(a&!(sel_x|sel_y))"},
      {"_hidden", "_hidden"},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(parsed(c.text), c.tree) << c.text;
}

TEST(ConditionTest, SaysWhatIsWrongAndWhere) {
  constexpr Case kCases[] = {
      {"", "condition: expected a selection, found the end at character 1"},
      {"a and", "condition: expected a selection, found the end at character 6"},
      {"a b", "condition: expected 'and', 'or' or the end, found 'b' at character 3"},
      {"(a or b", "condition: expected ')', found the end at character 8"},
      {"a or sel_z",
       "condition names 'sel_z', which is not in the detection; did you mean 'sel_x'?"},
      {"1 of nothing*", "condition: no selection fits 'nothing*'"},
      {"2 of sel_*", "condition: '2 of' is not Sigma; only 1, any and all can be asked for"},
      {"1 of (sel_*)",
       "condition: expected 'them' or a selection pattern, found '(' at character 6"},
      {"a | count() by b > 5",
       "aggregation after '|' was removed from Sigma; write a correlation rule instead"},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(parsed(c.text), c.tree) << c.text;
}

TEST(ConditionTest, BoundsDepthAndLength) {
  EXPECT_EQ(parsed(std::string(60, '(') + "a" + std::string(60, ')')), "a");
  EXPECT_EQ(parsed(std::string(100'00, '(') + "a"), "condition is nested deeper than 64 levels");
  std::string nots;
  for (int i = 0; i < 1000; ++i)
    nots += "not ";
  EXPECT_EQ(parsed(nots + "a"), "condition is nested deeper than 64 levels");
  EXPECT_EQ(parsed(std::string(kMaxConditionLength + 1, ' ')),
            "condition is longer than 65536 bytes");
}

TEST(ConditionTest, AListOfConditionsHoldsWhenOneDoes) {
  const std::string detection =
      "  x:\n    f: 1\n  y:\n    f: 2\n  condition:\n    - x\n    - y and not x";
  EXPECT_TRUE(testing::detects(detection, R"({"f": 1})"));
  EXPECT_TRUE(testing::detects(detection, R"({"f": 2})"));
  EXPECT_FALSE(testing::detects(detection, R"({"f": 3})"));
}

}  // namespace
}  // namespace davy::sigma::internal
