// SPDX-License-Identifier: Apache-2.0
// The rules that apply to one combination of logsources, compiled.
//
// Every rule names witnesses: predicates of which one has fired whenever the rule holds. The tests
// behind witnesses run for every event; a rule is looked at only when one of its witnesses fired,
// and the remaining tests of a field run only when such a rule asks for them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "davy/event/field.h"
#include "davy/sigma/internal/field_tests.h"
#include "davy/sigma/internal/fired.h"
#include "davy/sigma/internal/predicate.h"
#include "davy/sigma/rule_set.h"

namespace davy::sigma::internal {

class Plan {
 public:
  /// What one thread needs to run one plan.
  struct Workspace {
    const Plan* plan = nullptr;
    Fired fired;
    std::vector<uint8_t> is_candidate;
    std::vector<uint32_t> candidates;
    std::vector<uint8_t> lazy_done;  ///< per lazy field: ran for this event
    std::vector<uint32_t> lazy_ran;
    std::vector<uint8_t> lazy_prepared;
    std::vector<uint8_t> eager_prepared;
  };

  /// `applicable` are ascending indices into `rules`.
  Plan(uint32_t mask, const std::vector<Rule>& rules, const std::vector<RuleIndex>& applicable,
       const SlotsOf& slots_of);

  uint32_t mask() const { return mask_; }
  std::unique_ptr<Workspace> make_workspace() const;
  void match(const event::Fields& fields, Workspace& work, ScanSpace& space,
             std::vector<RuleIndex>& matches) const;

  std::atomic<const Plan*> next{nullptr};  ///< the matcher's list of plans

 private:
  enum class Op : uint8_t { kFired, kNotFired, kTrue, kFalse, kJumpIfFalse, kJumpIfTrue };
  struct Instruction {
    Op op;
    uint32_t argument = 0;
  };
  struct Program {
    RuleIndex rule;
    uint32_t begin;
    uint32_t end;
  };
  struct PredicateState {
    bool eager = false;
    uint32_t lazy_begin = 0;  ///< range of lazy_fields_of_
    uint32_t lazy_end = 0;
  };

  void emit(const Formula& formula);
  void add_triggers(const std::vector<std::vector<uint32_t>>& rules_of);
  void group_predicates(const std::vector<Predicate>& predicates);
  bool holds(uint32_t predicate, const event::Fields& fields, Workspace& work,
             ScanSpace& space) const;
  bool run(const Program& program, const event::Fields& fields, Workspace& work,
           ScanSpace& space) const;

  uint32_t mask_;
  std::vector<std::unique_ptr<FieldTests>> eager_;
  std::vector<std::unique_ptr<FieldTests>> lazy_;
  std::vector<PredicateState> predicates_;
  std::vector<uint32_t> lazy_fields_of_;
  std::vector<uint32_t> trigger_begin_;  ///< per predicate and one past the end
  std::vector<uint32_t> triggers_;       ///< programs, by predicate
  std::vector<Program> programs_;
  std::vector<uint32_t> always_;  ///< programs that can hold with nothing fired
  std::vector<Instruction> code_;
};

}  // namespace davy::sigma::internal
