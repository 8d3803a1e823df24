// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/condition.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/diagnostic.h"
#include "davy/base/text.h"

namespace davy::sigma::internal {
namespace {

struct Token {
  std::string_view text;  ///< empty at the end
  size_t offset = 0;

  bool is(std::string_view keyword) const { return equals_ignore_case(text, keyword); }
};

std::vector<Token> tokenize(std::string_view text) {
  constexpr std::string_view kMarks = "()|";
  std::vector<Token> tokens;
  for (size_t i = 0; i < text.size();) {
    if (is_ascii_space(text[i])) {
      ++i;
      continue;
    }
    size_t end = i + 1;
    if (kMarks.find(text[i]) == kMarks.npos) {
      while (end < text.size() && !is_ascii_space(text[end]) &&
             kMarks.find(text[end]) == kMarks.npos) {
        ++end;
      }
    }
    tokens.push_back({text.substr(i, end - i), i});
    i = end;
  }
  tokens.push_back({{}, text.size()});
  return tokens;
}

class Parser {
 public:
  Parser(std::string_view text, const std::vector<std::string>& names)
      : tokens_(tokenize(text)), names_(names) {}

  Result<Condition> parse() {
    Condition condition = DAVY_TRY(parse_or(0));
    if (peek().text == "|") {
      return Error{
          ErrorCode::kUnsupported,
          "aggregation after '|' was removed from Sigma; write a correlation rule instead"};
    }
    if (!peek().text.empty()) return unexpected("'and', 'or' or the end");
    return condition;
  }

 private:
  using Op = Condition::Op;

  const Token& peek(size_t ahead = 0) const {
    return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
  }
  void advance() { ++next_; }

  Error unexpected(std::string_view wanted) const {
    const std::string found =
        peek().text.empty() ? "the end" : fmt::format("'{}'", printable(peek().text, 40));
    return Error{ErrorCode::kInvalidInput,
                 fmt::format("condition: expected {}, found {} at character {}", wanted, found,
                             peek().offset + 1)};
  }

  Result<Condition> parse_or(int depth) { return parse_chain(Op::kOr, "or", depth); }

  Result<Condition> parse_chain(Op op, std::string_view keyword, int depth) {
    Condition chain{op, {}, 0};
    for (;;) {
      chain.children.push_back(
          DAVY_TRY(op == Op::kOr ? parse_chain(Op::kAnd, "and", depth) : parse_not(depth)));
      if (!peek().is(keyword)) break;
      advance();
    }
    if (chain.children.size() > 1) return chain;
    Condition only = std::move(chain.children.front());
    return only;
  }

  Result<Condition> parse_not(int depth) {
    if (depth > kMaxConditionDepth) {
      return Error{ErrorCode::kLimitExceeded,
                   fmt::format("condition is nested deeper than {} levels", kMaxConditionDepth)};
    }
    if (!peek().is("not")) return parse_primary(depth);
    advance();
    Condition negation{Op::kNot, {}, 0};
    negation.children.push_back(DAVY_TRY(parse_not(depth + 1)));
    return negation;
  }

  Result<Condition> parse_primary(int depth) {
    if (peek().text == "(") {
      advance();
      Condition inner = DAVY_TRY(parse_or(depth + 1));
      if (peek().text != ")") return unexpected("')'");
      advance();
      return inner;
    }
    if (peek(1).is("of")) return parse_quantifier();
    const std::string_view name = peek().text;
    if (name.empty() || name == ")" || name == "|" || peek().is("and") || peek().is("or")) {
      return unexpected("a selection");
    }
    for (uint32_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) {
        advance();
        return Condition{Op::kSelection, {}, i};
      }
    }
    return unknown(name);
  }

  Error unknown(std::string_view name) const {
    const std::vector<std::string_view> known(names_.begin(), names_.end());
    const std::string_view near = nearest_name(name, known);
    return Error{
        ErrorCode::kInvalidInput,
        fmt::format("condition names '{}', which is not in the detection{}", printable(name, 60),
                    near.empty() ? "" : fmt::format("; did you mean '{}'?", near))};
  }

  Result<Condition> parse_quantifier() {
    const Token quantifier = peek();
    const bool every = quantifier.is("all");
    if (!every && !quantifier.is("1") && !quantifier.is("any")) {
      return Error{
          ErrorCode::kUnsupported,
          fmt::format("condition: '{} of' is not Sigma; only 1, any and all can be asked for",
                      printable(quantifier.text, 20))};
    }
    advance();
    advance();
    const std::string_view pattern = peek().text;
    if (pattern.empty() || pattern == "(" || pattern == ")" || pattern == "|") {
      return unexpected("'them' or a selection pattern");
    }
    const bool them = peek().is("them");
    Pattern wanted = parse_pattern(pattern);
    wanted.cased = true;
    Condition group{every ? Op::kAnd : Op::kOr, {}, 0};
    for (uint32_t i = 0; i < names_.size(); ++i) {
      const bool hidden = names_[i].starts_with('_') && (them || pattern.front() != '_');
      if (hidden || (!them && !matches(wanted, names_[i]))) continue;
      group.children.push_back({Op::kSelection, {}, i});
    }
    if (group.children.empty()) {
      return Error{ErrorCode::kInvalidInput,
                   fmt::format("condition: no selection fits '{}'", printable(pattern, 60))};
    }
    advance();
    return group;
  }

  std::vector<Token> tokens_;
  const std::vector<std::string>& names_;
  size_t next_ = 0;
};

}  // namespace

Result<Condition> parse_condition(std::string_view text, const std::vector<std::string>& names) {
  if (text.size() > kMaxConditionLength) {
    return Error{ErrorCode::kLimitExceeded,
                 fmt::format("condition is longer than {} bytes", kMaxConditionLength)};
  }
  return Parser(text, names).parse();
}

bool negates(const Condition& condition) {
  if (condition.op == Condition::Op::kNot) return true;
  for (const Condition& child : condition.children) {
    if (negates(child)) return true;
  }
  return false;
}

}  // namespace davy::sigma::internal
