// SPDX-License-Identifier: Apache-2.0
// Rules of a RuleSet compiled for the events of one format.
//
// Cost follows fields, not rules: identical predicates are evaluated once, equality goes through
// one hash table per field, contains / startswith / endswith / wildcard / regex of a field through
// one multi-pattern database, conditions are bit algebra over predicate results, and a rule none of
// whose required predicates fired is never touched.
// **The compiled matcher and reference_matches() always agree**: see matcher_property_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/diagnostic.h"
#include "davy/base/time.h"
#include "davy/event/field.h"
#include "davy/event/logsource.h"
#include "davy/sigma/rule_set.h"

namespace davy::sigma {

/// What the matcher has to know about a format.
struct Target {
  /// Event::logsources bit i refers to logsources[i]. Empty: the format is unknown (plain JSON) and
  /// every rule applies.
  std::span<const event::Logsource> logsources;
  /// Raw field paths that a Sigma field name stands for in this format, tried in order as
  /// alternatives (a value of any of them counts). Null: the name is the path.
  std::function<void(std::string_view sigma_field, std::vector<std::string>& paths)> resolve;
};

/// The logsources the rule is for, as bits of Event::logsources: bit i stands for logsources[i].
uint32_t logsource_bits(const RuleInfo& rule, std::span<const event::Logsource> logsources);

class Matcher {
 public:
  /// Adds every field the applicable rules read (group-by fields of correlations too) to `schema`.
  /// Databases are built lazily, on the first event of each logsource. `rules` has to outlive the
  /// matcher; `target` need not.
  static std::unique_ptr<Matcher> compile(const RuleSet& rules, const Target& target,
                                          event::Schema& schema);
  virtual ~Matcher() = default;

  /// Per-thread working memory.
  class Scratch {
   public:
    virtual ~Scratch() = default;
  };
  virtual std::unique_ptr<Scratch> make_scratch() const = 0;

  /// Appends, in ascending order, the detection rules that match. Thread-safe with one scratch per
  /// thread. Rules that do not report alone are included: correlations feed on them.
  virtual void match(uint32_t logsources, const event::Fields& fields, Scratch& scratch,
                     std::vector<RuleIndex>& matches) const = 0;

  /// Rules that can apply to this format at all.
  virtual size_t applicable_rules() const = 0;
};

/// The specification written down as plainly as possible: walks the rule tree for one event. Slow;
/// the oracle for the compiled matcher and the engine behind `davy rules explain`.
bool reference_matches(const RuleSet& rules, RuleIndex rule, const Target& target,
                       const event::Schema& schema, const event::Fields& fields);

/// Why the rule did or did not match: one line per selection, item and value, indented.
std::string explain(const RuleSet& rules, RuleIndex rule, const Target& target,
                    const event::Schema& schema, const event::Fields& fields);

}  // namespace davy::sigma
