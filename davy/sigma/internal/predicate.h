// SPDX-License-Identifier: Apache-2.0
// Predicates: the distinct elementary questions of many rules about the events of one format, all
// put positively so that an absent field answers none of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "davy/event/field.h"
#include "davy/sigma/internal/rule.h"

namespace davy::sigma::internal {

/// Stands for "any value of the record" where a slot is asked for.
inline constexpr event::Slot kKeywordSlot = event::kNoSlot;

struct Predicate {
  enum class Kind : uint8_t { kExists, kNotNull, kTest };
  Kind kind;
  const Test* test = nullptr;       ///< kTest only; owned by the rule tree
  std::vector<event::Slot> slots;   ///< a value of any of them will do
  std::vector<event::Slot> others;  ///< field references: the slots of the other field
  uint32_t rules = 0;               ///< how many rules ask
  uint32_t siblings = 0;            ///< different exact texts the rules know of this field
};

/// What a rule says, as an expression over predicates with negation at the leaves.
struct Formula {
  enum class Op : uint8_t { kAnd, kOr, kFired, kNotFired };
  Op op;
  std::vector<Formula> children;
  uint32_t predicate = 0;
};

using SlotsOf = std::function<const std::vector<event::Slot>&(const std::string& field)>;

class PredicateTable {
 public:
  explicit PredicateTable(SlotsOf slots_of) : slots_of_(std::move(slots_of)) {}

  /// The rule over the table's predicates, adding those that are new.
  Formula lower(const Rule& rule);

  /// Call once, after the last lower(): costs depend on what all rules ask of a field.
  void count_siblings();

  const std::vector<Predicate>& all() const { return predicates_; }

 private:
  Formula lower(const Condition& condition, const Rule& rule, bool negate);
  Formula lower(const Block& block, bool negate);
  Formula lower(const Item& item, bool negate);
  Formula lower(const Test& test, const Item& item, bool negate);
  Formula leaf(Predicate predicate, std::string key, bool negate);

  SlotsOf slots_of_;
  std::vector<Predicate> predicates_;
  std::map<std::string, uint32_t> by_key_;
  uint32_t lowering_ = 0;            ///< number of the rule being lowered
  std::vector<uint32_t> last_rule_;  ///< per predicate: the last rule counted in `rules`
};

/// Expected price of asking a predicate of every event: how often it will hold, in events per
/// million, and what asking costs, in the same unit. Guesses; only the choice of witnesses depends
/// on them, never a result.
uint64_t cost(const Predicate& predicate);

/// Predicates of which at least one has fired whenever the formula holds, chosen cheap; nothing
/// when it can hold with none fired.
std::optional<std::vector<uint32_t>> witnesses(const Formula& formula,
                                               const std::vector<Predicate>& predicates);

}  // namespace davy::sigma::internal
