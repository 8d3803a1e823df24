// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/predicate.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

/// Weights by kind of test: what it costs to ask and how likely a yes is.
struct Weigh {
  uint64_t operator()(const PatternTest& test) const {
    const ShapedLiteral shaped = shape_of(test.pattern);
    if (shaped.shape == Shape::kExact) return 1;
    if (shaped.shape == Shape::kAny) return 1000;
    size_t longest = 0;
    for (const auto& part : test.pattern.parts)
      longest = std::max(longest, part.text.size());
    return longest <= 3 ? 64 : 8;
  }
  uint64_t operator()(const RegexTest& test) const { return test.regex->prefilterable() ? 20 : 60; }
  uint64_t operator()(const NumberTest&) const { return 1; }
  uint64_t operator()(const CompareTest&) const { return 60; }
  uint64_t operator()(const NetworkTest&) const { return 20; }
  uint64_t operator()(const TimeTest&) const { return 200; }
  uint64_t operator()(const ExistsTest&) const { return 1000; }
  uint64_t operator()(const NullTest&) const { return 1000; }
  uint64_t operator()(const FieldRefTest&) const { return 300; }
  uint64_t operator()(const ElementTest&) const { return 2000; }
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
  const uint64_t weight =
      predicate.kind == Predicate::Kind::kTest ? std::visit(Weigh{}, *predicate.test) : 1000;
  const bool keyword = predicate.slots.size() == 1 && predicate.slots[0] == kKeywordSlot;
  return weight * predicate.rules * (keyword ? 8 : 1);
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
