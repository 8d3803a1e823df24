// SPDX-License-Identifier: Apache-2.0
// The rule tree: what a rule says, after modifiers have been applied and names in the condition
// resolved, and before anything is compiled for a format.
//
//   Rule -> Condition over Selections -> Block (and / or of items) -> Item (a field and its values)
//        -> Test (one elementary question about one field)
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "davy/base/address.h"
#include "davy/sigma/internal/pattern.h"
#include "davy/sigma/internal/regex.h"
#include "davy/sigma/key_places.h"
#include "davy/sigma/rule_set.h"

namespace davy::sigma::internal {

/// Holds every int64_t and every uint64_t.
__extension__ using Whole = __int128;

/// A number of a rule or a log. Whole numbers are compared exactly: account ids do not fit a
/// double.
struct Number {
  double value = 0;
  std::optional<Whole> exact;
};

enum class Comparison : uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
enum class TimePart : uint8_t { kMinute, kHour, kDay, kWeek, kMonth, kYear };
enum class Extent : uint8_t { kWhole, kStart, kEnd, kAnywhere };

struct Block;

struct PatternTest {
  Pattern pattern;
};
struct RegexTest {
  std::shared_ptr<const Regex> regex;
  Extent extent = Extent::kAnywhere;  ///< already part of the expression; kept for display
};
/// Equal as a number, or spelled the same.
struct NumberTest {
  Number number;
  std::string text;
};
struct CompareTest {
  Comparison comparison;
  Number number;
};
struct NetworkTest {
  Address address;
  uint8_t bits;  ///< of 128, as IPv4 addresses are mapped ones
  std::string text;
};
struct TimeTest {
  TimePart part;
  Comparison comparison;
  int64_t number;
};
struct ExistsTest {
  bool expected;
};
/// The field is absent, or has no value but null.
struct NullTest {};
struct FieldRefTest {
  std::string other;
  Extent extent;
  bool cased;
};
/// Questions about one element of an array, asked of the array's own raw JSON.
struct ElementTest {
  enum class Which : uint8_t { kAny, kAll, kIndex };
  Which which;
  uint32_t index = 0;
  std::shared_ptr<const Block> block;  ///< fields are relative to the element; "" is the element
};

using Test = std::variant<PatternTest, RegexTest, NumberTest, CompareTest, NetworkTest, TimeTest,
                          ExistsTest, NullTest, FieldRefTest, ElementTest>;

struct Item {
  std::string field;
  bool keyword = false;  ///< any value of the record; `field` is empty
  bool all = false;      ///< every value has to hold instead of any
  bool negated = false;
  std::vector<std::vector<Test>> values;  ///< per value as written: the tests that are alternatives
  std::string key;                        ///< as written, "CommandLine|contains|all"
  int line = 0;
};

struct Block {
  enum class Op : uint8_t { kAnd, kOr, kNot, kItem };
  Op op = Op::kAnd;
  std::vector<Block> children;
  Item item;  ///< kItem only
};

struct Selection {
  std::string name;
  Block block;
  int line = 0;
  int column = 0;
};

struct Condition {
  enum class Op : uint8_t { kAnd, kOr, kNot, kSelection };
  Op op = Op::kSelection;
  std::vector<Condition> children;
  uint32_t selection = 0;
};

struct Rule {
  RuleInfo info;
  std::vector<Selection> selections;
  Condition condition;
  KeyPlaces places;
  std::vector<std::string> condition_texts;  ///< the rule's own, then those of applied filters
};

}  // namespace davy::sigma::internal
