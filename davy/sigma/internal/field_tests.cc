// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/field_tests.h"

#include <cmath>

#include <fmt/format.h>

#include "davy/sigma/internal/evaluate.h"
#include "davy/sigma/internal/value.h"

namespace davy::sigma::internal {
namespace {

/// Whole doubles below this have one shortest decimal spelling.
constexpr double kExactDoubles = 1e15;

void fire_all(const std::vector<uint32_t>& predicates, Fired& fired) {
  for (const uint32_t predicate : predicates)
    fired.set(predicate);
}

}  // namespace

void FieldTests::add(const Predicate& predicate, uint32_t id) {
  if (predicate.kind == Predicate::Kind::kExists) return exists_.push_back(id);
  if (predicate.kind == Predicate::Kind::kNotNull) return not_null_.push_back(id);
  const Test& test = *predicate.test;
  if (const auto* pattern = std::get_if<PatternTest>(&test)) {
    const ShapedLiteral shaped = shape_of(pattern->pattern);
    if (shaped.shape == Shape::kExact)
      return exact_.add(shaped.literal, pattern->pattern.cased, id);
    if (shaped.shape == Shape::kAny) return any_text_.push_back(id);
    return patterns_.add(*pattern, id);
  }
  if (const auto* regex = std::get_if<RegexTest>(&test)) return patterns_.add(*regex, id);
  if (const auto* number = std::get_if<NumberTest>(&test)) return add_number(*number, id);
  if (const auto* t = std::get_if<CompareTest>(&test)) return compares_.push_back({t, id});
  if (const auto* t = std::get_if<NetworkTest>(&test)) return networks_.push_back({t, id});
  if (const auto* t = std::get_if<TimeTest>(&test)) return times_.push_back({t, id});
  if (const auto* t = std::get_if<ElementTest>(&test)) return elements_.push_back({t, id});
  if (const auto* t = std::get_if<FieldRefTest>(&test)) {
    references_.push_back({t, predicate.others, id});
  }
}

void FieldTests::add_number(const NumberTest& test, uint32_t id) {
  exact_.add(test.text, false, id);
  numbers_.push_back({&test, id});
  const Number& number = test.number;
  if (number.exact) {
    exact_.add(fmt::format("{}", *number.exact), false, id);
  } else if (std::floor(number.value) == number.value) {
    if (std::abs(number.value) < kExactDoubles) {
      exact_.add(fmt::format("{:.0f}", number.value), false, id);
    } else {
      always_parse_ = true;
    }
  }
}

void FieldTests::finish() {
  exact_.finish();
  patterns_.finish();
  simple_ = patterns_.empty() && exists_.empty() && not_null_.empty() && any_text_.empty() &&
            compares_.empty() && networks_.empty() && times_.empty() && elements_.empty() &&
            !always_parse_;
}

void FieldTests::run_value(const event::Value& value, const ScanSpace& space, Fired& fired) const {
  fire_all(exists_, fired);
  if (value.type == event::Value::Type::kNull) return;
  fire_all(not_null_, fired);
  if (value.type != event::Value::Type::kContainer) return run_text(value.text, space, fired);
  for (const auto& asked : elements_) {
    if (!fired.test(asked.predicate) && element_holds(*asked.test, value.text)) {
      fired.set(asked.predicate);
    }
  }
}

void FieldTests::run_text(std::string_view text, const ScanSpace& space, Fired& fired) const {
  exact_.find(text, [&](uint32_t id) { fired.set(id); });
  fire_all(any_text_, fired);
  if (!numbers_.empty() || !compares_.empty()) run_numbers(text, fired);
  if (!patterns_.empty()) patterns_.scan(text, space, fired);
  if (!networks_.empty()) {
    if (const auto address = parse_address(text)) {
      for (const auto& asked : networks_) {
        if (contains(*asked.test, *address)) fired.set(asked.predicate);
      }
    }
  }
  for (const auto& asked : times_) {
    if (holds(*asked.test, text)) fired.set(asked.predicate);
  }
}

void FieldTests::run_numbers(std::string_view text, Fired& fired) const {
  // A whole number in its shortest spelling has been found by the table already.
  const bool parse_equal = !numbers_.empty() && (always_parse_ || !is_plain_integer(text));
  if (!parse_equal && compares_.empty()) return;
  const std::optional<Number> number = read_number(text);
  if (!number) return;
  if (parse_equal) {
    for (const auto& asked : numbers_) {
      if (same_number(*number, asked.test->number)) fired.set(asked.predicate);
    }
  }
  for (const auto& asked : compares_) {
    if (compare(*number, asked.test->comparison, asked.test->number)) fired.set(asked.predicate);
  }
}

void FieldTests::run_references(const event::Fields& fields, Fired& fired) const {
  const auto collect = [&](event::Slot slot, std::vector<event::Value>& into) {
    for (const event::Value& value : fields.values(slot))
      into.push_back(value);
  };
  std::vector<event::Value> values;
  collect(slot_, values);
  if (values.empty()) return;
  for (const Reference& reference : references_) {
    std::vector<event::Value> others;
    for (const event::Slot other : reference.others)
      collect(other, others);
    if (reference_holds(*reference.test, values, others)) fired.set(reference.predicate);
  }
}

}  // namespace davy::sigma::internal
