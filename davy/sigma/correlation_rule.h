// SPDX-License-Identifier: Apache-2.0
// A Sigma correlation document as read: what it counts, over which rules, per which group, in which
// span of time. Internal to davy/sigma: the loader parses documents with parse_correlation(), binds
// the names they use with resolve_references() and refuses what chain_order() leaves out.
// Diagnostic codes DVY-R2xx are listed in docs/diagnostics-correlation.md.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/diagnostic.h"
#include "davy/base/result.h"
#include "davy/base/time.h"
#include "davy/sigma/rule_set.h"

namespace davy {
class YamlNode;
}

namespace davy::sigma {

inline constexpr RuleIndex kNoRule = std::numeric_limits<RuleIndex>::max();

enum class CorrelationType : uint8_t {
  kEventCount,       ///< distinct records
  kValueCount,       ///< distinct values of a field, or of a tuple of fields
  kTemporal,         ///< distinct rules, in any order
  kTemporalOrdered,  ///< distinct rules, in the order of `rules`
  kValueSum,
  kValueAvg,
  kValuePercentile,
  kValueMedian,
};

std::string_view correlation_type_name(CorrelationType type);

/// True for the types that read a number out of each record.
bool reads_numbers(CorrelationType type);

enum class Comparison : uint8_t { kGt, kGte, kLt, kLte, kEq, kNeq };

/// One operator of a condition; the bounds of a rule hold together.
struct Bound {
  Comparison op = Comparison::kGte;
  double number = 0;
  bool operator==(const Bound&) const = default;
};

/// One step of a boolean condition in postfix order.
struct ExpressionStep {
  enum class Kind : uint8_t { kRule, kNot, kAnd, kOr };
  Kind kind = Kind::kRule;
  uint16_t member = 0;  ///< for kRule: index into `rules` and `members`
  bool operator==(const ExpressionStep&) const = default;
};

/// Under the name `alias`, group-by and condition mean `field` in the records of one rule.
struct FieldAlias {
  std::string alias;
  std::string rule;  ///< as written
  std::string field;
  RuleIndex member = kNoRule;  ///< set by resolve_references()
};

struct CorrelationRule {
  CorrelationType type = CorrelationType::kEventCount;
  std::vector<std::string> rules;  ///< names or ids as written; from the expression when not given
  std::vector<RuleIndex> members;  ///< parallel to `rules`, set by resolve_references()
  std::vector<std::string> group_by;  ///< field names or aliases; empty: one group for everything
  std::vector<FieldAlias> aliases;
  std::vector<std::string> fields;  ///< what value_* reads; several make a tuple (value_count only)
  DurationNs timespan = 0;
  std::vector<Bound> bounds;               ///< empty for temporal types: every rule has to occur
  std::vector<ExpressionStep> expression;  ///< instead of bounds, temporal types only
  double percentile = 50;                  ///< value_percentile only
  bool generate = false;                   ///< the referenced rules report on their own as well
  RuleInfo info;
};

/// Reads one YAML document with a `correlation` key. What is wrong is appended to `diagnostics`; on
/// an error there the Result carries the first of them.
Result<CorrelationRule> parse_correlation(const YamlNode& document, const std::string& file,
                                          Diagnostics& diagnostics);

/// Title, id, tags and the rest of what is said about any Sigma document (the logsource and the
/// `davy:` map too). Never fails: wrong types leave a member empty, for lint() to tell.
RuleInfo read_rule_info(const YamlNode& document, const std::string& file);

/// The id of a rule that states none: stable as long as its file name and title are.
std::string derived_rule_id(std::string_view file, std::string_view title);

/// Fills `members` and the aliases' `member`. `find` knows rules by id and by name, correlations
/// included. False when a reference leads nowhere; each such has its diagnostic.
bool resolve_references(CorrelationRule& rule,
                        const std::function<std::optional<RuleIndex>(std::string_view)>& find,
                        Diagnostics& diagnostics);

/// Positions in `rules`, each after all the correlations it refers to. `first` is the index of
/// rules[0] in the RuleSet. Correlations that lead back to themselves, or refer to one that does,
/// are left out: the loader refuses them, judge() never holds them.
std::vector<size_t> chain_order(std::span<const CorrelationRule> rules, RuleIndex first);

/// The Sigma field that `name` (of group_by or fields) means in the records of members[member].
std::string_view field_for_member(const CorrelationRule& rule, size_t member,
                                  std::string_view name);

/// Every Sigma field the rule reads from the records of its members, sorted, each once: what
/// Matcher::compile has to add to the schema.
std::vector<std::string> fields_read(const CorrelationRule& rule);

/// The correlations of a loaded set and the RuleIndex of the first (the rest follow in order).
std::span<const CorrelationRule> correlation_rules(const RuleSet& rules);
RuleIndex first_correlation(const RuleSet& rules);

}  // namespace davy::sigma
