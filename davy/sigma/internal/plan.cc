// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/plan.h"

#include <algorithm>
#include <map>
#include <set>

namespace davy::sigma::internal {
namespace {

/// Answered by the hash table of a field, at no further price where that table is asked anyway.
bool is_exact(const Predicate& predicate) {
  if (predicate.kind != Predicate::Kind::kTest) return false;
  if (const auto* pattern = std::get_if<PatternTest>(predicate.test)) {
    return shape_of(pattern->pattern).shape == Shape::kExact;
  }
  return std::holds_alternative<NumberTest>(*predicate.test);
}

using FieldMap = std::map<event::Slot, std::unique_ptr<FieldTests>>;

FieldTests& field(FieldMap& fields, event::Slot slot) {
  auto& tests = fields[slot];
  if (!tests) tests = std::make_unique<FieldTests>(slot);
  return *tests;
}

/// In slot order, so that plans do not depend on anything but the rules and the schema.
std::vector<std::unique_ptr<FieldTests>> finish(FieldMap& fields) {
  std::vector<std::unique_ptr<FieldTests>> list;
  for (auto& [slot, tests] : fields) {
    tests->finish();
    list.push_back(std::move(tests));
  }
  return list;
}

}  // namespace

Plan::Plan(uint32_t mask, const std::vector<Rule>& rules, const std::vector<RuleIndex>& applicable,
           const SlotsOf& slots_of)
    : mask_(mask) {
  PredicateTable table(slots_of);
  std::vector<Formula> formulas;
  for (const RuleIndex rule : applicable)
    formulas.push_back(table.lower(rules[rule]));

  table.count_siblings();

  predicates_.resize(table.all().size());
  std::vector<std::vector<uint32_t>> rules_of(table.all().size());
  for (uint32_t i = 0; i < applicable.size(); ++i) {
    const auto begin = static_cast<uint32_t>(code_.size());
    emit(formulas[i]);
    programs_.push_back({applicable[i], begin, static_cast<uint32_t>(code_.size())});
    const auto chosen = witnesses(formulas[i], table.all());
    if (!chosen) {
      always_.push_back(i);
      continue;
    }
    for (const uint32_t predicate : *chosen) {
      predicates_[predicate].eager = true;
      rules_of[predicate].push_back(i);
    }
  }
  add_triggers(rules_of);
  group_predicates(table.all());
}

void Plan::add_triggers(const std::vector<std::vector<uint32_t>>& rules_of) {
  trigger_begin_.push_back(0);
  for (const auto& programs : rules_of) {
    triggers_.insert(triggers_.end(), programs.begin(), programs.end());
    trigger_begin_.push_back(static_cast<uint32_t>(triggers_.size()));
  }
}

void Plan::group_predicates(const std::vector<Predicate>& predicates) {
  std::set<event::Slot> hashed;
  for (uint32_t id = 0; id < predicates.size(); ++id) {
    if (!predicates_[id].eager || !is_exact(predicates[id])) continue;
    hashed.insert(predicates[id].slots.begin(), predicates[id].slots.end());
  }
  FieldMap eager;
  FieldMap lazy;
  for (uint32_t id = 0; id < predicates.size(); ++id) {
    const Predicate& predicate = predicates[id];
    const bool free = is_exact(predicate) &&
                      std::all_of(predicate.slots.begin(), predicate.slots.end(),
                                  [&](event::Slot slot) { return hashed.count(slot) > 0; });
    predicates_[id].eager |= free;
    for (const event::Slot slot : predicate.slots) {
      field(predicates_[id].eager ? eager : lazy, slot).add(predicate, id);
    }
  }
  eager_ = finish(eager);
  lazy_ = finish(lazy);
  std::map<event::Slot, uint32_t> position;
  for (uint32_t i = 0; i < lazy_.size(); ++i)
    position[lazy_[i]->slot()] = i;
  for (uint32_t id = 0; id < predicates.size(); ++id) {
    PredicateState& state = predicates_[id];
    state.lazy_begin = static_cast<uint32_t>(lazy_fields_of_.size());
    if (!state.eager) {
      for (const event::Slot slot : predicates[id].slots) {
        lazy_fields_of_.push_back(position[slot]);
      }
    }
    state.lazy_end = static_cast<uint32_t>(lazy_fields_of_.size());
  }
}

void Plan::emit(const Formula& formula) {
  if (formula.op == Formula::Op::kFired || formula.op == Formula::Op::kNotFired) {
    const Op op = formula.op == Formula::Op::kFired ? Op::kFired : Op::kNotFired;
    code_.push_back({op, formula.predicate});
    return;
  }
  const bool conjunction = formula.op == Formula::Op::kAnd;
  if (formula.children.empty()) {
    code_.push_back({conjunction ? Op::kTrue : Op::kFalse, 0});
    return;
  }
  std::vector<size_t> jumps;
  for (size_t i = 0; i < formula.children.size(); ++i) {
    emit(formula.children[i]);
    if (i + 1 == formula.children.size()) break;
    jumps.push_back(code_.size());
    code_.push_back({conjunction ? Op::kJumpIfFalse : Op::kJumpIfTrue, 0});
  }
  for (const size_t jump : jumps)
    code_[jump].argument = static_cast<uint32_t>(code_.size());
}

std::unique_ptr<Plan::Workspace> Plan::make_workspace() const {
  auto work = std::make_unique<Workspace>();
  work->plan = this;
  work->fired.resize(predicates_.size());
  work->is_candidate.assign(programs_.size(), 0);
  work->candidates.reserve(programs_.size());
  work->lazy_done.assign(lazy_.size(), 0);
  work->lazy_ran.reserve(lazy_.size());
  work->lazy_prepared.assign(lazy_.size(), 0);
  work->eager_prepared.assign(eager_.size(), 0);
  return work;
}

bool Plan::holds(uint32_t predicate, const event::Fields& fields, Workspace& work,
                 ScanSpace& space) const {
  if (work.fired.test(predicate)) return true;
  const PredicateState& state = predicates_[predicate];
  bool ran = false;
  for (uint32_t i = state.lazy_begin; i < state.lazy_end; ++i) {
    const uint32_t tests = lazy_fields_of_[i];
    if (work.lazy_done[tests] != 0) continue;
    work.lazy_done[tests] = 1;
    work.lazy_ran.push_back(tests);
    if (!lazy_[tests]->is_keywords() && !fields.has(lazy_[tests]->slot())) continue;
    if (work.lazy_prepared[tests] == 0) {
      lazy_[tests]->prepare(space);
      work.lazy_prepared[tests] = 1;
    }
    lazy_[tests]->run(fields, space, work.fired);
    ran = true;
  }
  return ran && work.fired.test(predicate);
}

bool Plan::run(const Program& program, const event::Fields& fields, Workspace& work,
               ScanSpace& space) const {
  bool held = false;
  for (uint32_t at = program.begin; at < program.end;) {
    const Instruction& instruction = code_[at++];
    switch (instruction.op) {
      case Op::kFired: held = holds(instruction.argument, fields, work, space); break;
      case Op::kNotFired: held = !holds(instruction.argument, fields, work, space); break;
      case Op::kTrue: held = true; break;
      case Op::kFalse: held = false; break;
      case Op::kJumpIfFalse:
        if (!held) at = instruction.argument;
        break;
      case Op::kJumpIfTrue:
        if (held) at = instruction.argument;
        break;
    }
  }
  return held;
}

void Plan::match(const event::Fields& fields, Workspace& work, ScanSpace& space,
                 std::vector<RuleIndex>& matches) const {
  for (size_t i = 0; i < eager_.size(); ++i) {
    const FieldTests& tests = *eager_[i];
    if (!tests.is_keywords() && !fields.has(tests.slot())) continue;
    if (work.eager_prepared[i] == 0) {
      tests.prepare(space);
      work.eager_prepared[i] = 1;
    }
    tests.run(fields, space, work.fired);
  }
  if (work.fired.order().empty() && always_.empty()) return;

  const auto consider = [&](uint32_t program) {
    if (work.is_candidate[program] != 0) return;
    work.is_candidate[program] = 1;
    work.candidates.push_back(program);
  };
  for (const uint32_t predicate : work.fired.order()) {
    for (uint32_t i = trigger_begin_[predicate]; i < trigger_begin_[predicate + 1]; ++i) {
      consider(triggers_[i]);
    }
  }
  for (const uint32_t program : always_)
    consider(program);
  std::sort(work.candidates.begin(), work.candidates.end());
  for (const uint32_t program : work.candidates) {
    work.is_candidate[program] = 0;
    if (run(programs_[program], fields, work, space)) matches.push_back(programs_[program].rule);
  }
  work.candidates.clear();
  for (const uint32_t tests : work.lazy_ran)
    work.lazy_done[tests] = 0;
  work.lazy_ran.clear();
  work.fired.clear();
}

}  // namespace davy::sigma::internal
