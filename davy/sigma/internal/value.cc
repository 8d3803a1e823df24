// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/value.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/time.h"

namespace davy::sigma::internal {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<Address> read_v4(std::string_view text) {
  Address address;
  size_t octet = 0;
  uint32_t number = 0;
  size_t digits = 0;
  for (const char c : text) {
    if (is_ascii_digit(c) && digits < 3) {
      number = number * 10 + static_cast<uint32_t>(c - '0');
      ++digits;
    } else if (c == '.' && digits > 0 && octet < 3 && number <= 255) {
      address.bytes[octet++] = static_cast<uint8_t>(number);
      number = 0;
      digits = 0;
    } else {
      return std::nullopt;
    }
  }
  if (octet != 3 || digits == 0 || number > 255) return std::nullopt;
  address.bytes[3] = static_cast<uint8_t>(number);
  return address;
}

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

}  // namespace

std::optional<Number> read_number(std::string_view text) {
  // Most values are words: do not ask the parser about them.
  if (text.empty() || text.size() > 64) return std::nullopt;
  const char first = text.front();
  if (!is_ascii_digit(first) && first != '-' && first != '.') return std::nullopt;
  const std::optional<double> value = parse_number(text);
  if (!value) return std::nullopt;
  return Number{*value, parse_int(text)};
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

std::optional<Address> read_address(std::string_view text) {
  if (text.find(':') == text.npos) return read_v4(text);
  char terminated[64];
  if (text.size() >= sizeof terminated) return std::nullopt;
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  Address address{{}, true};
  if (inet_pton(AF_INET6, terminated, address.bytes.data()) != 1) return std::nullopt;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin())) {
    Address v4;
    std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin());
    return v4;
  }
  return address;
}

std::optional<NetworkTest> read_network(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<Address> address = read_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const uint8_t whole = address->v6 ? 128 : 32;
  uint8_t bits = whole;
  if (slash != text.npos) {
    const std::optional<int64_t> written = parse_int(text.substr(slash + 1));
    if (!written || *written < 0 || *written > whole) return std::nullopt;
    bits = static_cast<uint8_t>(*written);
  }
  return NetworkTest{*address, bits, std::string(text)};
}

bool contains(const NetworkTest& network, const Address& address) {
  if (network.address.v6 != address.v6) return false;
  const size_t whole = network.bits / 8;
  if (std::memcmp(network.address.bytes.data(), address.bytes.data(), whole) != 0) return false;
  const unsigned rest = network.bits % 8u;
  if (rest == 0) return true;
  const unsigned differ =
      unsigned{network.address.bytes[whole]} ^ unsigned { address.bytes[whole] };
  return (differ >> (8u - rest)) == 0;
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
  const std::optional<Address> address = read_address(text);
  return address && contains(test, *address);
}

bool holds(const TimeTest& test, std::string_view text) {
  const std::optional<int64_t> part = read_time_part(text, test.part);
  return part && compare({static_cast<double>(*part), *part}, test.comparison,
                         {static_cast<double>(test.number), test.number});
}

bool holds(const FieldRefTest& test, std::string_view text, std::string_view other) {
  const auto same = [&](std::string_view a) {
    return test.cased ? a == other : equals_ignore_case(a, other);
  };
  if (text.size() < other.size()) return false;
  switch (test.extent) {
    case Extent::kWhole: return same(text);
    case Extent::kStart: return same(text.substr(0, other.size()));
    case Extent::kEnd: return same(text.substr(text.size() - other.size()));
    case Extent::kAnywhere:
      for (size_t i = 0; i + other.size() <= text.size(); ++i) {
        if (same(text.substr(i, other.size()))) return true;
      }
      return false;
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
