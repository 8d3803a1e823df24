// SPDX-License-Identifier: Apache-2.0
// Elementary questions about one scalar value of a record: what the reference evaluator asks one by
// one and the compiled matcher asks in bulk. Both read numbers, addresses and times through here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "davy/event/field.h"
#include "davy/sigma/internal/rule.h"

namespace davy::sigma::internal {

/// Null and containers have no text to compare.
inline bool is_scalar(const event::Value& value) {
  return value.type != event::Value::Type::kNull && value.type != event::Value::Type::kContainer;
}

std::optional<Number> read_number(std::string_view text);
bool same_number(const Number& a, const Number& b);
bool compare(const Number& left, Comparison comparison, const Number& right);

/// Decimal whole number in its shortest spelling: equal to another one exactly when the texts are.
inline bool is_plain_integer(std::string_view text) {
  const size_t sign = !text.empty() && text.front() == '-' ? 1 : 0;
  if (text.size() == sign || text.size() > 18) return false;
  for (size_t i = sign; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  return text[sign] != '0' || text.size() == 1;
}

/// "10.0.0.0/8", "2001:db8::/32"; a lone address is a network of one.
std::optional<NetworkTest> read_network(std::string_view text);
bool contains(const NetworkTest& network, const Address& address);

/// The UTC calendar part of a time stamp written in any way base/time.h reads. Weeks are ISO 8601.
std::optional<int64_t> read_time_part(std::string_view text, TimePart part);

bool holds(const PatternTest& test, std::string_view text);
bool holds(const RegexTest& test, std::string_view text);
bool holds(const NumberTest& test, std::string_view text);
bool holds(const CompareTest& test, std::string_view text);
bool holds(const NetworkTest& test, std::string_view text);
bool holds(const TimeTest& test, std::string_view text);

/// How many values of the other field a reference is compared with, the first of the record: two
/// long arrays must not cost their product.
inline constexpr size_t kMaxReferenced = 64;
/// Whether one of `values` equals, begins with, ends with or contains one of `others` as the test
/// says. Takes time linear in the texts.
bool reference_holds(const FieldRefTest& test, const std::vector<event::Value>& values,
                     const std::vector<event::Value>& others);

/// One line that says what the test asks; equal for tests that ask the same.
std::string describe(const Test& test);
std::string describe(const Block& block);

}  // namespace davy::sigma::internal
