// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/matcher.h"

#include <atomic>
#include <map>
#include <mutex>

#include "davy/base/text.h"
#include "davy/sigma/correlation_rule.h"
#include "davy/sigma/internal/field_paths.h"
#include "davy/sigma/internal/plan.h"
#include "davy/sigma/internal/rule_set_rep.h"

namespace davy::sigma {
namespace {

using internal::Block;
using internal::Plan;
using internal::Rule;
using internal::ScanSpace;
using internal::Test;

bool part_fits(const std::string& wanted, std::string_view have) {
  return wanted.empty() || equals_ignore_case(wanted, have);
}

struct ThreadScratch : Matcher::Scratch {
  ScanSpace space;
  std::vector<std::unique_ptr<Plan::Workspace>> workspaces;
  Plan::Workspace* last = nullptr;

  /// The workspace of the plan for `mask`, or null. Events of one logsource come in runs.
  Plan::Workspace* find(uint32_t mask) {
    if (last != nullptr && last->plan->mask() == mask) return last;
    for (const auto& work : workspaces) {
      if (work->plan->mask() == mask) return last = work.get();
    }
    return nullptr;
  }

  Plan::Workspace* add(const Plan& plan) {
    return last = workspaces.emplace_back(plan.make_workspace()).get();
  }
};

class CompiledMatcher : public Matcher {
 public:
  CompiledMatcher(const RuleSet& rules, const Target& target, event::Schema& schema)
      : rules_(rules.rep().rules), routed_(!target.logsources.empty()) {
    for (RuleIndex i = 0; i < rules_.size(); ++i) {
      const uint32_t bits = routed_ ? logsource_bits(rules_[i].info, target.logsources) : ~0u;
      if (bits == 0) continue;
      applicable_.push_back({i, bits});
      for (const auto& selection : rules_[i].selections) {
        want_fields(selection.block, target, schema);
      }
    }
    for (const CorrelationRule& correlation : correlation_rules(rules)) {
      for (const std::string& field : fields_read(correlation))
        want_field(field, target, schema);
    }
  }

  ~CompiledMatcher() override {
    for (const Plan* plan = plans_.load(); plan != nullptr;) {
      const Plan* next = plan->next.load();
      delete plan;
      plan = next;
    }
  }

  std::unique_ptr<Scratch> make_scratch() const override {
    return std::make_unique<ThreadScratch>();
  }

  void match(uint32_t logsources, const event::Fields& fields, Scratch& scratch,
             std::vector<RuleIndex>& matches) const override {
    auto& thread = static_cast<ThreadScratch&>(scratch);
    const uint32_t mask = routed_ ? logsources : 0;
    Plan::Workspace* work = thread.find(mask);
    if (work == nullptr) work = thread.add(plan_for(mask));
    work->plan->match(fields, *work, thread.space, matches);
  }

  size_t applicable_rules() const override { return applicable_.size(); }

 private:
  struct Applicable {
    RuleIndex rule;
    uint32_t logsources;
  };

  void want_field(const std::string& field, const Target& target, event::Schema& schema) {
    const auto [place, added] = slots_.try_emplace(field);
    if (!added) return;
    for (const std::string& path : internal::field_paths(target, field)) {
      place->second.push_back(schema.add(path));
    }
  }

  void want_fields(const Block& block, const Target& target, event::Schema& schema) {
    for (const Block& child : block.children)
      want_fields(child, target, schema);
    if (block.op != Block::Op::kItem) return;
    if (block.item.keyword) {
      schema.want_all_values();
    } else {
      want_field(block.item.field, target, schema);
    }
    for (const auto& alternatives : block.item.values) {
      for (const Test& test : alternatives) {
        if (const auto* reference = std::get_if<internal::FieldRefTest>(&test)) {
          want_field(reference->other, target, schema);
        }
      }
    }
  }

  const Plan* find_plan(uint32_t mask) const {
    const Plan* plan = plans_.load(std::memory_order_acquire);
    while (plan != nullptr && plan->mask() != mask) {
      plan = plan->next.load(std::memory_order_relaxed);
    }
    return plan;
  }

  /// Plans are only ever put in front of the list, so readers need no lock.
  const Plan& plan_for(uint32_t mask) const {
    if (const Plan* plan = find_plan(mask)) return *plan;
    const std::lock_guard lock(building_);
    if (const Plan* plan = find_plan(mask)) return *plan;
    std::vector<RuleIndex> rules;
    for (const Applicable& applicable : applicable_) {
      if (!routed_ || (applicable.logsources & mask) != 0) rules.push_back(applicable.rule);
    }
    auto plan = std::make_unique<Plan>(
        mask, rules_, rules, [this](const std::string& field) -> const std::vector<event::Slot>& {
          return slots_.at(field);
        });
    plan->next.store(plans_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    plans_.store(plan.get(), std::memory_order_release);
    return *plan.release();
  }

  const std::vector<Rule>& rules_;
  bool routed_;  ///< events say which logsources they have; otherwise every rule applies
  std::vector<Applicable> applicable_;
  std::map<std::string, std::vector<event::Slot>, std::less<>> slots_;
  mutable std::mutex building_;
  mutable std::atomic<const Plan*> plans_{nullptr};
};

}  // namespace

uint32_t logsource_bits(const RuleInfo& rule, std::span<const event::Logsource> logsources) {
  uint32_t bits = 0;
  for (size_t i = 0; i < logsources.size() && i < 32; ++i) {
    if (part_fits(rule.category, logsources[i].category) &&
        part_fits(rule.product, logsources[i].product) &&
        part_fits(rule.service, logsources[i].service)) {
      bits |= uint32_t{1} << i;
    }
  }
  return bits;
}

std::unique_ptr<Matcher> Matcher::compile(const RuleSet& rules, const Target& target,
                                          event::Schema& schema) {
  return std::make_unique<CompiledMatcher>(rules, target, schema);
}

}  // namespace davy::sigma
