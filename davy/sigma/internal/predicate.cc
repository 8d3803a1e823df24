// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/predicate.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "davy/base/text.h"
#include "davy/sigma/internal/value.h"

namespace davy::sigma::internal {
namespace {

Formula group(Formula::Op op, std::vector<Formula> children) {
  if (children.size() == 1) {
    Formula only = std::move(children.front());
    return only;
  }
  return {op, std::move(children), 0};
}

Formula::Op flip(bool conjunction, bool negate) {
  return conjunction != negate ? Formula::Op::kAnd : Formula::Op::kOr;
}

/// Events per million in which a test of this kind holds, and the price of asking.
struct Guess {
  uint64_t chance;
  uint64_t price;
};
constexpr uint64_t kMillion = 1'000'000;

struct Weigh {
  uint64_t siblings;

  /// The more values rules know of a field, the less each says about the rest of the world: one of
  /// two actions is common, one of two hundred API calls is not.
  Guess exact_text(std::string_view text) const {
    if (text.size() <= 1 || equals_ignore_case(text, "true") || equals_ignore_case(text, "false")) {
      return {kMillion / 2, 0};
    }
    return {kMillion / (4 * siblings + 1), 0};
  }

  Guess operator()(const PatternTest& test) const {
    const ShapedLiteral shaped = shape_of(test.pattern);
    if (shaped.shape == Shape::kExact) return exact_text(shaped.literal);
    if (shaped.shape == Shape::kAny) return {kMillion, 0};
    size_t longest = 0;
    for (const auto& part : test.pattern.parts)
      longest = std::max(longest, part.text.size());
    return {longest <= 3 ? kMillion / 10 : kMillion / 500, 20'000};
  }
  Guess operator()(const NumberTest& test) const {
    // Protocols and flags are small; ports, event ids and accounts are not.
    return {test.number.value < 256 ? kMillion / 16 : kMillion / 1000, 0};
  }
  Guess operator()(const RegexTest& test) const {
    return {kMillion / 200, test.regex->prefilterable() ? 50'000u : 150'000u};
  }
  Guess operator()(const CompareTest&) const { return {kMillion / 4, 5'000}; }
  Guess operator()(const NetworkTest&) const { return {kMillion / 8, 10'000}; }
  Guess operator()(const TimeTest&) const { return {kMillion / 8, 100'000}; }
  Guess operator()(const ExistsTest&) const { return {kMillion, 0}; }
  Guess operator()(const NullTest&) const { return {kMillion, 0}; }
  Guess operator()(const FieldRefTest&) const { return {kMillion / 4, 50'000}; }
  Guess operator()(const ElementTest&) const { return {kMillion / 10, 2 * kMillion}; }
};

struct Choice {
  bool possible = false;
  uint64_t cost = 0;
  std::vector<uint32_t> predicates;
};

Choice choose(const Formula& formula, const std::vector<Predicate>& predicates) {
  switch (formula.op) {
    case Formula::Op::kFired:
      return {true, cost(predicates[formula.predicate]), {formula.predicate}};
    case Formula::Op::kNotFired: return {};
    case Formula::Op::kAnd: {
      Choice best;
      for (const Formula& child : formula.children) {
        Choice choice = choose(child, predicates);
        if (choice.possible && (!best.possible || choice.cost < best.cost))
          best = std::move(choice);
      }
      return best;
    }
    case Formula::Op::kOr: {
      // No alternatives: never holds, so nothing needs to fire.
      Choice every{true, 0, {}};
      for (const Formula& child : formula.children) {
        const Choice choice = choose(child, predicates);
        if (!choice.possible) return {};
        every.cost += choice.cost;
        every.predicates.insert(every.predicates.end(), choice.predicates.begin(),
                                choice.predicates.end());
      }
      return every;
    }
  }
  return {};
}

}  // namespace

uint64_t cost(const Predicate& predicate) {
  if (predicate.kind != Predicate::Kind::kTest) return kMillion;
  const Guess guess = std::visit(Weigh{predicate.siblings}, *predicate.test);
  const bool keyword = predicate.slots.size() == 1 && predicate.slots[0] == kKeywordSlot;
  // What many rules ask for is common, and every one of them would be looked at.
  return std::min(guess.chance * predicate.rules, 2 * kMillion) + guess.price * (keyword ? 10 : 1);
}

std::optional<std::vector<uint32_t>> witnesses(const Formula& formula,
                                               const std::vector<Predicate>& predicates) {
  Choice choice = choose(formula, predicates);
  if (!choice.possible) return std::nullopt;
  std::sort(choice.predicates.begin(), choice.predicates.end());
  choice.predicates.erase(std::unique(choice.predicates.begin(), choice.predicates.end()),
                          choice.predicates.end());
  return std::move(choice.predicates);
}

void PredicateTable::count_siblings() {
  std::map<event::Slot, uint32_t> exact;
  const auto is_word = [](const Predicate& predicate) {
    const auto* pattern = predicate.kind == Predicate::Kind::kTest
                              ? std::get_if<PatternTest>(predicate.test)
                              : nullptr;
    return pattern != nullptr && shape_of(pattern->pattern).shape == Shape::kExact;
  };
  for (const Predicate& predicate : predicates_) {
    if (is_word(predicate)) ++exact[predicate.slots.front()];
  }
  for (Predicate& predicate : predicates_) {
    if (is_word(predicate)) predicate.siblings = exact[predicate.slots.front()];
  }
}

Formula PredicateTable::lower(const Rule& rule) {
  ++lowering_;
  return lower(rule.condition, rule, false);
}

Formula PredicateTable::lower(const Condition& condition, const Rule& rule, bool negate) {
  using Op = Condition::Op;
  if (condition.op == Op::kSelection) {
    return lower(rule.selections[condition.selection].block, negate);
  }
  if (condition.op == Op::kNot) return lower(condition.children.front(), rule, !negate);
  std::vector<Formula> children;
  for (const Condition& child : condition.children)
    children.push_back(lower(child, rule, negate));
  return group(flip(condition.op == Op::kAnd, negate), std::move(children));
}

Formula PredicateTable::lower(const Block& block, bool negate) {
  if (block.op == Block::Op::kItem) return lower(block.item, negate != block.item.negated);
  if (block.op == Block::Op::kNot) return lower(block.children.front(), !negate);
  std::vector<Formula> children;
  for (const Block& child : block.children)
    children.push_back(lower(child, negate));
  return group(flip(block.op == Block::Op::kAnd, negate), std::move(children));
}

Formula PredicateTable::lower(const Item& item, bool negate) {
  std::vector<Formula> values;
  for (const auto& alternatives : item.values) {
    std::vector<Formula> tests;
    for (const Test& test : alternatives)
      tests.push_back(lower(test, item, negate));
    values.push_back(group(flip(false, negate), std::move(tests)));
  }
  return group(flip(item.all, negate), std::move(values));
}

Formula PredicateTable::lower(const Test& test, const Item& item, bool negate) {
  using Kind = Predicate::Kind;
  Predicate predicate{Kind::kTest, &test, {kKeywordSlot}, {}, 0};
  if (!item.keyword) predicate.slots = slots_of_(item.field);
  std::string key = fmt::format("{}:", fmt::join(predicate.slots, ","));
  if (const auto* exists = std::get_if<ExistsTest>(&test)) {
    predicate.kind = Kind::kExists;
    return leaf(std::move(predicate), key + "exists", negate == exists->expected);
  }
  if (std::holds_alternative<NullTest>(test)) {
    predicate.kind = Kind::kNotNull;
    return leaf(std::move(predicate), key + "not null", !negate);
  }
  if (const auto* reference = std::get_if<FieldRefTest>(&test)) {
    predicate.others = slots_of_(reference->other);
  }
  // Descriptions of nested tests run into each other; those are not worth sharing anyway.
  const bool nested = std::holds_alternative<ElementTest>(test);
  key += nested ? fmt::format("element {}", predicates_.size()) : describe(test);
  return leaf(std::move(predicate), std::move(key), negate);
}

Formula PredicateTable::leaf(Predicate predicate, std::string key, bool negate) {
  const auto [place, added] =
      by_key_.emplace(std::move(key), static_cast<uint32_t>(predicates_.size()));
  const uint32_t id = place->second;
  if (added) {
    predicates_.push_back(std::move(predicate));
    last_rule_.push_back(0);
  }
  if (last_rule_[id] != lowering_) {
    last_rule_[id] = lowering_;
    ++predicates_[id].rules;
  }
  return {negate ? Formula::Op::kNotFired : Formula::Op::kFired, {}, id};
}

}  // namespace davy::sigma::internal
