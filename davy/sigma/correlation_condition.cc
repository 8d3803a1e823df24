// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation_condition.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/yaml.h"

namespace davy::sigma {
namespace {

using Problem = CorrelationProblem;
using Kind = ExpressionStep::Kind;

struct Operator {
  std::string_view name;
  Comparison op;
};
constexpr Operator kOperators[] = {
    {"gt", Comparison::kGt},   {"gte", Comparison::kGte}, {"lt", Comparison::kLt},
    {"lte", Comparison::kLte}, {"eq", Comparison::kEq},   {"neq", Comparison::kNeq},
};
// The commoner of two equally near names first: it is the one suggested.
const std::vector<std::string_view> kConditionKeys = {"gte", "lte", "gt",    "lt",
                                                      "eq",  "neq", "field", "percentile"};

// Counts above this would need more memory per group than the engine spends (correlation_run.h).
constexpr double kMaxCount = 1 << 20;
constexpr size_t kMaxFields = 8;
constexpr size_t kMaxExpressionBytes = 64 * 1024;
constexpr size_t kMaxExpressionSteps = 2000;
constexpr int kMaxExpressionDepth = 64;

bool is_temporal(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

bool is_lower(Comparison op) {
  return op == Comparison::kGt || op == Comparison::kGte;
}
bool is_upper(Comparison op) {
  return op == Comparison::kLt || op == Comparison::kLte;
}

/// False when no number satisfies both bounds, or they are not a range.
bool is_range(const Bound& a, const Bound& b) {
  if (is_upper(a.op) && is_lower(b.op)) return is_range(b, a);
  if (a.op == Comparison::kNeq || b.op == Comparison::kNeq)
    return a.op != Comparison::kEq && b.op != Comparison::kEq;
  if (!is_lower(a.op) || !is_upper(b.op)) return false;
  const bool touching = a.op == Comparison::kGte && b.op == Comparison::kLte;
  return touching ? a.number <= b.number : a.number < b.number;
}

/// True when no count from 1 to `most` satisfies `bound`.
bool excludes_every_count(const Bound& bound, double most) {
  switch (bound.op) {
    case Comparison::kGt: return most <= bound.number;
    case Comparison::kGte: return most < bound.number;
    case Comparison::kLt: return bound.number <= 1;
    case Comparison::kLte: return bound.number < 1;
    case Comparison::kEq: return bound.number < 1 || most < bound.number;
    case Comparison::kNeq: return false;
  }
  return false;
}

void read_fields(const YamlNode& node, CorrelationRule& rule, CorrelationProblems& problems) {
  if (!reads_numbers(rule.type) && rule.type != CorrelationType::kValueCount) {
    problems.add(Problem::kFieldUnused, node.line(),
                 fmt::format("'{}' does not look at a field; 'field' is ignored",
                             correlation_type_name(rule.type)),
                 "use a value_… type, or take the field out");
    return;
  }
  if (node.is_scalar() && !node.text().empty()) rule.fields.push_back(node.text());
  for (const YamlNode& item : node.items()) {
    if (!item.is_scalar() || item.text().empty()) {
      problems.add(Problem::kField, item.line(),
                   "'field' lists something that is not a field name");
      return;
    }
    rule.fields.push_back(item.text());
  }
  if (rule.fields.empty()) {
    problems.add(Problem::kField, node.line(), "'field' has to be a field name or a list of them");
  } else if (rule.fields.size() > 1 && reads_numbers(rule.type)) {
    problems.add(Problem::kField, node.line(),
                 fmt::format("'{}' reads one field, not {}", correlation_type_name(rule.type),
                             rule.fields.size()),
                 "only value_count takes a list: it counts distinct combinations");
  } else if (rule.fields.size() > kMaxFields) {
    problems.add(Problem::kLimit, node.line(),
                 fmt::format("'field' lists {} fields, at most {} are allowed", rule.fields.size(),
                             kMaxFields));
  }
}

void read_percentile(const YamlNode& node, CorrelationRule& rule, CorrelationProblems& problems) {
  const auto number = node.is_scalar() ? parse_number(node.text()) : std::nullopt;
  if (rule.type != CorrelationType::kValuePercentile) {
    problems.add(
        Problem::kPercentile, node.line(),
        fmt::format("'percentile' has no meaning for '{}'", correlation_type_name(rule.type)),
        "use type value_percentile");
  } else if (!number || *number < 0 || *number > 100) {
    problems.add(Problem::kPercentile, node.line(),
                 "'percentile' has to be a number from 0 to 100");
  } else {
    rule.percentile = *number;
  }
}

void read_bound(Comparison op, const YamlNode& node, CorrelationRule& rule,
                CorrelationProblems& problems) {
  const auto number = node.is_scalar() ? parse_number(node.text()) : std::nullopt;
  if (!number) {
    problems.add(Problem::kThreshold, node.line(), "a threshold has to be a number");
    return;
  }
  const Bound bound{op, *number};
  if (!reads_numbers(rule.type)) {
    const double most = is_temporal(rule.type) ? static_cast<double>(rule.rules.size()) : kMaxCount;
    if (*number < 0 || *number != std::floor(*number)) {
      problems.add(Problem::kThreshold, node.line(),
                   "a count is compared with a whole number from 0 up");
    } else if (!is_temporal(rule.type) && *number > kMaxCount) {
      problems.add(Problem::kLimit, node.line(),
                   fmt::format("counts up to {} are kept per group and timespan",
                               with_thousands(static_cast<uint64_t>(kMaxCount))),
                   "lower the threshold or shorten the timespan");
    } else if (excludes_every_count(bound, most)) {
      problems.add(Problem::kNeverHolds, node.line(),
                   is_temporal(rule.type)
                       ? fmt::format("no count of {} rules satisfies this", rule.rules.size())
                       : "no count of at least one satisfies this",
                   "windows without any event are not reported");
    }
  }
  rule.bounds.push_back(bound);
}

void check_bounds(int line, const CorrelationRule& rule, CorrelationProblems& problems) {
  if (rule.bounds.empty()) {
    problems.add(Problem::kOperator, line, "the condition has no operator",
                 "add one of gt, gte, lt, lte, eq, neq");
  } else if (rule.bounds.size() > 2) {
    problems.add(Problem::kOperator, line,
                 fmt::format("the condition has {} operators, at most two make a range",
                             rule.bounds.size()));
  } else if (rule.bounds.size() == 2 && !is_range(rule.bounds[0], rule.bounds[1])) {
    problems.add(Problem::kNeverHolds, line,
                 "the two operators are not a range that a number can be in",
                 "combine one of gt, gte with one of lt, lte");
  }
}

void parse_operator_map(const YamlNode& condition, CorrelationRule& rule,
                        CorrelationProblems& problems) {
  const size_t before = problems.errors();
  for (const YamlEntry& entry : condition.entries()) {
    const YamlNode& key_node = entry.key;
    const YamlNode& value = entry.value;
    const std::string key = key_node.is_scalar() ? key_node.text() : std::string();
    const auto* op = std::find_if(std::begin(kOperators), std::end(kOperators),
                                  [&](const Operator& o) { return o.name == key; });
    if (op != std::end(kOperators)) {
      read_bound(op->op, value, rule, problems);
    } else if (key == "field") {
      read_fields(value, rule, problems);
    } else if (key == "percentile") {
      read_percentile(value, rule, problems);
    } else {
      problems.add(Problem::kOperator, key_node.line(),
                   fmt::format("unknown operator '{}'", printable(key, 60)),
                   suggestion(key, kConditionKeys));
    }
  }
  // What could not be read has been told; an operator missing because of it has not to be.
  if (problems.errors() == before) check_bounds(condition.line(), rule, problems);
}

/// Recursive descent over words and parentheses; emits postfix steps.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, CorrelationRule& rule) : text_(text), rule_(rule) {
    names_given_ = !rule.rules.empty();
    advance();
  }

  /// Empty when all went well, else what is wrong.
  std::string parse() {
    parse_or(0);
    if (error_.empty() && !token_.empty())
      fail(fmt::format("unexpected '{}'", printable(token_, 60)));
    return error_;
  }
  const std::string& unknown_rule() const { return unknown_rule_; }

 private:
  void advance() {
    while (at_ < text_.size() && is_ascii_space(text_[at_]))
      ++at_;
    const size_t start = at_;
    if (at_ < text_.size() && is_parenthesis(text_[at_])) {
      ++at_;
    } else {
      while (at_ < text_.size() && !is_ascii_space(text_[at_]) && !is_parenthesis(text_[at_]))
        ++at_;
    }
    token_ = text_.substr(start, at_ - start);
  }
  static bool is_parenthesis(char c) { return c == '(' || c == ')'; }
  bool at_word(std::string_view word) const { return equals_ignore_case(token_, word); }
  void fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }
  void emit(Kind kind, uint16_t member = 0) {
    if (rule_.expression.size() >= kMaxExpressionSteps) {
      fail(fmt::format("more than {} terms", kMaxExpressionSteps));
    } else {
      rule_.expression.push_back({kind, member});
    }
  }

  void parse_or(int depth) { parse_chain("or", Kind::kOr, depth); }
  void parse_chain(std::string_view word, Kind kind, int depth) {
    const auto operand = [&] {
      if (kind == Kind::kOr) {
        parse_chain("and", Kind::kAnd, depth);
      } else {
        parse_not(depth);
      }
    };
    operand();
    while (error_.empty() && at_word(word)) {
      advance();
      operand();
      emit(kind);
    }
  }
  void parse_not(int depth) {
    size_t negations = 0;
    while (at_word("not")) {
      advance();
      ++negations;
    }
    parse_primary(depth);
    if (negations % 2 == 1) emit(Kind::kNot);
  }
  void parse_primary(int depth) {
    if (depth > kMaxExpressionDepth) return fail("parentheses are nested too deep");
    if (token_.empty()) return fail("it ends where a rule name is expected");
    if (token_ == ")" || at_word("and") || at_word("or")) {
      return fail(fmt::format("'{}' stands where a rule name is expected", token_));
    }
    if (token_ != "(") return parse_rule();
    advance();
    parse_or(depth + 1);
    if (!error_.empty()) return;
    if (token_ != ")") return fail("a closing parenthesis is missing");
    advance();
  }
  void parse_rule() {
    auto& rules = rule_.rules;
    auto place = std::find(rules.begin(), rules.end(), token_);
    if (place == rules.end()) {
      if (names_given_ && unknown_rule_.empty()) unknown_rule_ = std::string(token_);
      place = rules.insert(rules.end(), std::string(token_));
    }
    emit(Kind::kRule, static_cast<uint16_t>(place - rules.begin()));
    advance();
  }

  std::string_view text_;
  CorrelationRule& rule_;
  size_t at_ = 0;
  std::string_view token_;
  std::string error_;
  std::string unknown_rule_;
  bool names_given_ = false;
};

void check_expression_rules(const std::vector<std::string>& given, const std::string& unknown,
                            int line, const CorrelationRule& rule, CorrelationProblems& problems) {
  if (!unknown.empty()) {
    problems.add(Problem::kExpressionRules, line,
                 fmt::format("the condition names '{}', which 'rules' does not list",
                             printable(unknown, 100)),
                 suggestion(unknown, {given.begin(), given.end()}));
    return;
  }
  for (size_t member = 0; member < given.size(); ++member) {
    const bool used = std::any_of(
        rule.expression.begin(), rule.expression.end(),
        [&](const auto& step) { return step.kind == Kind::kRule && step.member == member; });
    if (!used) {
      problems.add(Problem::kExpressionRules, line,
                   fmt::format("'rules' lists '{}', which the condition does not name",
                               printable(given[member], 100)),
                   "name it in the condition, or leave 'rules' out");
    }
  }
}

}  // namespace

void parse_expression(std::string_view text, int line, CorrelationRule& rule,
                      CorrelationProblems& problems) {
  if (text.size() > kMaxExpressionBytes) {
    problems.add(Problem::kLimit, line,
                 fmt::format("the condition is longer than {} bytes", kMaxExpressionBytes));
    return;
  }
  const std::vector<std::string> given = rule.rules;
  ExpressionParser parser(text, rule);
  if (const std::string error = parser.parse(); !error.empty()) {
    problems.add(Problem::kExpression, line, fmt::format("the condition cannot be read: {}", error),
                 "write rule names joined by and, or, not and parentheses");
    return;
  }
  check_expression_rules(given, parser.unknown_rule(), line, rule, problems);
}

void parse_condition(const YamlNode& condition, int line, CorrelationRule& rule,
                     CorrelationProblems& problems) {
  if (!condition || condition.is_null()) {
    if (!is_temporal(rule.type)) {
      problems.add(Problem::kConditionMissing, line,
                   fmt::format("'{}' needs a condition", correlation_type_name(rule.type)),
                   "for example 'condition: {gte: 10}'");
    }
  } else if (condition.is_map()) {
    parse_operator_map(condition, rule, problems);
  } else if (condition.is_scalar() && is_temporal(rule.type)) {
    parse_expression(condition.text(), condition.line(), rule, problems);
  } else {
    problems.add(Problem::kConditionShape, condition.line(),
                 condition.is_scalar()
                     ? fmt::format("a condition in words is for temporal types, not for '{}'",
                                   correlation_type_name(rule.type))
                     : std::string("the condition has to be a map of operators"),
                 "for example 'condition: {gte: 10}'");
  }
  const bool reads_values = reads_numbers(rule.type) || rule.type == CorrelationType::kValueCount;
  if (reads_values && rule.fields.empty() && condition.is_map() && !condition["field"]) {
    problems.add(
        Problem::kField, condition.line(),
        fmt::format("'{}' needs 'field' in its condition", correlation_type_name(rule.type)));
  }
}

}  // namespace davy::sigma
