// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/value.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/time.h"

namespace davy::sigma::internal {
namespace {

int64_t iso_week(std::chrono::sys_days day) {
  using namespace std::chrono;
  // The ISO week belongs to the year of its Thursday.
  const int64_t from_monday = (weekday{day} - Monday).count();
  const sys_days thursday = day + days{3 - from_monday};
  const sys_days new_year = sys_days{year_month_day{thursday}.year() / January / 1};
  return (thursday - new_year).count() / 7 + 1;
}

constexpr std::string_view kComparisonSigns[] = {"=", "<", "<=", ">", ">="};
constexpr std::string_view kTimePartNames[] = {"minute", "hour", "day", "week", "month", "year"};
constexpr std::string_view kExtentNames[] = {"equals", "starts with", "ends with", "contains"};

std::optional<Whole> read_whole(std::string_view text) {
  if (const auto number = parse_int<int64_t>(text)) return *number;
  if (const auto number = parse_int<uint64_t>(text)) return *number;
  return std::nullopt;
}

std::string show(const Number& number) {
  return number.exact ? fmt::format("{}", *number.exact) : fmt::format("{}", number.value);
}

std::string_view sign(Comparison comparison) {
  return kComparisonSigns[static_cast<size_t>(comparison)];
}

struct Describe {
  std::string operator()(const PatternTest& t) const {
    std::string text = t.pattern.cased ? "is exactly '" : "is '";
    // A dash of windash must not read like a literal one (whose backslash would be doubled):
    // descriptions identify tests.
    for (const Pattern::Part& part : t.pattern.parts) {
      Pattern one;
      one.parts.push_back(part);
      text += part.kind == Pattern::Kind::kDash ? "\\-" : to_sigma(one);
    }
    return text + "'";
  }
  std::string operator()(const RegexTest& t) const {
    return fmt::format("has regex /{}/", t.regex->source());
  }
  std::string operator()(const NumberTest& t) const {
    return fmt::format("is number {} or '{}'", show(t.number), t.text);
  }
  std::string operator()(const CompareTest& t) const {
    return fmt::format("{} {}", sign(t.comparison), show(t.number));
  }
  std::string operator()(const NetworkTest& t) const { return "is in " + t.text; }
  std::string operator()(const TimeTest& t) const {
    return fmt::format("{} {} {}", kTimePartNames[static_cast<size_t>(t.part)], sign(t.comparison),
                       t.number);
  }
  std::string operator()(const ExistsTest& t) const { return t.expected ? "exists" : "is absent"; }
  std::string operator()(const NullTest&) const { return "is null or absent"; }
  std::string operator()(const FieldRefTest& t) const {
    return fmt::format("{} field {}{}", kExtentNames[static_cast<size_t>(t.extent)], t.other,
                       t.cased ? " (exact case)" : "");
  }
  std::string operator()(const ElementTest& t) const {
    const std::string which = t.which == ElementTest::Which::kAny ? "any element"
                              : t.which == ElementTest::Which::kAll
                                  ? "all elements"
                                  : fmt::format("element {}", t.index);
    return fmt::format("{}: {}", which, describe(*t.block));
  }
};

std::string comparable(const FieldRefTest& test, std::string_view text) {
  return test.cased ? std::string(text) : to_lower(text);
}

bool stands_in(Extent extent, std::string_view text, std::string_view other) {
  switch (extent) {
    case Extent::kWhole: return text == other;
    case Extent::kStart: return text.starts_with(other);
    case Extent::kEnd: return text.ends_with(other);
    // Unlike std::search and find(), memmem is linear: both texts are the attacker's to choose.
    case Extent::kAnywhere:
      return memmem(text.data(), text.size(), other.data(), other.size()) != nullptr;
  }
  return false;
}

}  // namespace

std::optional<Number> read_number(std::string_view text) {
  // Most values are words: do not ask the parser about them.
  if (text.empty() || text.size() > 64) return std::nullopt;
  const char first = text.front();
  if (!is_ascii_digit(first) && first != '-' && first != '.') return std::nullopt;
  const std::optional<double> value = parse_number(text);
  if (!value) return std::nullopt;
  return Number{*value, read_whole(text)};
}

bool same_number(const Number& a, const Number& b) {
  return a.exact && b.exact ? *a.exact == *b.exact : a.value == b.value;
}

bool compare(const Number& left, Comparison comparison, const Number& right) {
  const bool exact = left.exact && right.exact;
  const bool less = exact ? *left.exact < *right.exact : left.value < right.value;
  const bool equal = same_number(left, right);
  switch (comparison) {
    case Comparison::kEqual: return equal;
    case Comparison::kLess: return less;
    case Comparison::kLessOrEqual: return less || equal;
    case Comparison::kGreater: return !less && !equal;
    case Comparison::kGreaterOrEqual: return !less;
  }
  return false;
}

std::optional<NetworkTest> read_network(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<Address> address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  // Bits of a dotted network count from its first octet, not from the IPv6 prefix that maps it.
  const bool dotted = text.find(':') == text.npos;
  const uint8_t whole = dotted ? 32 : 128;
  uint8_t bits = whole;
  if (slash != text.npos) {
    const auto written = parse_int<uint8_t>(text.substr(slash + 1));
    if (!written || *written > whole) return std::nullopt;
    bits = *written;
  }
  return NetworkTest{*address, static_cast<uint8_t>(dotted ? bits + 96 : bits), std::string(text)};
}

bool contains(const NetworkTest& network, const Address& address) {
  const bool v4 = network.address.is_v4() && network.bits >= 96;
  if (v4 != address.is_v4()) return false;
  // The bits that may differ: low ones, then high ones. Shifting by 64 is undefined.
  const unsigned free = 128u - network.bits;
  const uint64_t low = free >= 64 ? 0 : ~uint64_t{0} << free;
  const uint64_t high = free >= 128 ? 0 : free <= 64 ? ~uint64_t{0} : ~uint64_t{0} << (free - 64);
  return ((network.address.high ^ address.high) & high) == 0 &&
         ((network.address.low ^ address.low) & low) == 0;
}

std::optional<int64_t> read_time_part(std::string_view text, TimePart part) {
  using namespace std::chrono;
  const std::optional<Time> time = parse_time(text);
  if (!time) return std::nullopt;
  const sys_time<nanoseconds> point{nanoseconds{time->ns}};
  const sys_days day = floor<days>(point);
  const year_month_day date{day};
  const auto since_midnight = point - day;
  switch (part) {
    case TimePart::kMinute: return floor<minutes>(since_midnight).count() % 60;
    case TimePart::kHour: return floor<hours>(since_midnight).count();
    case TimePart::kDay: return unsigned{date.day()};
    case TimePart::kWeek: return iso_week(day);
    case TimePart::kMonth: return unsigned{date.month()};
    case TimePart::kYear: return int{date.year()};
  }
  return std::nullopt;
}

bool holds(const PatternTest& test, std::string_view text) {
  return matches(test.pattern, text);
}

bool holds(const RegexTest& test, std::string_view text) {
  return test.regex->search(text);
}

bool holds(const NumberTest& test, std::string_view text) {
  if (equals_ignore_case(text, test.text)) return true;
  const std::optional<Number> number = read_number(text);
  return number && same_number(*number, test.number);
}

bool holds(const CompareTest& test, std::string_view text) {
  const std::optional<Number> number = read_number(text);
  return number && compare(*number, test.comparison, test.number);
}

bool holds(const NetworkTest& test, std::string_view text) {
  const std::optional<Address> address = parse_address(text);
  return address && contains(test, *address);
}

bool holds(const TimeTest& test, std::string_view text) {
  const std::optional<int64_t> part = read_time_part(text, test.part);
  return part && compare({static_cast<double>(*part), *part}, test.comparison,
                         {static_cast<double>(test.number), test.number});
}

bool reference_holds(const FieldRefTest& test, const std::vector<event::Value>& values,
                     const std::vector<event::Value>& others) {
  std::vector<std::string> wanted;
  for (const event::Value& other : others) {
    if (wanted.size() == kMaxReferenced) break;
    if (is_scalar(other)) wanted.push_back(comparable(test, other.text));
  }
  for (const event::Value& value : values) {
    if (!is_scalar(value)) continue;
    const std::string text = comparable(test, value.text);
    for (const std::string& other : wanted) {
      if (stands_in(test.extent, text, other)) return true;
    }
  }
  return false;
}

std::string describe(const Test& test) {
  return std::visit(Describe{}, test);
}

std::string describe(const Block& block) {
  if (block.op == Block::Op::kItem) {
    std::string text = fmt::format("{}{}{}", block.item.negated ? "not " : "", block.item.field,
                                   block.item.all ? " all" : "");
    for (const auto& alternatives : block.item.values) {
      text += '[';
      for (const Test& test : alternatives)
        text += fmt::format("({})", describe(test));
      text += ']';
    }
    return text;
  }
  constexpr std::string_view kNames[] = {"and", "or", "not"};
  std::string text = fmt::format("{}(", kNames[static_cast<size_t>(block.op)]);
  for (const Block& child : block.children)
    text += fmt::format("{};", describe(child));
  return text + ')';
}

}  // namespace davy::sigma::internal
