// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/pattern_set.h"

#include <algorithm>
#include <string>

#include <hs.h>

#include "davy/base/text.h"

namespace davy::sigma::internal {
namespace {

/// Relative cost of trying one entry by itself, by Shape; a database pays off above kFew.
constexpr unsigned kShapeCost[] = {1, 1, 1, 3, 1, 6};
constexpr unsigned kRegexCost = 20;
constexpr unsigned kFew = 6;

bool contains_folded(std::string_view text, std::string_view literal) {
  if (literal.size() > text.size()) return false;
  const char first = ascii_lower(literal.front());
  const size_t last_start = text.size() - literal.size();
  for (size_t i = 0; i <= last_start; ++i) {
    if (ascii_lower(text[i]) == first &&
        equals_ignore_case(text.substr(i, literal.size()), literal)) {
      return true;
    }
  }
  return false;
}

struct Expression {
  std::string text;
  unsigned flags;
  uint32_t entry;
};

/// Prefixes and suffixes of some length are looked for as bare literals and judged by where they
/// were found: an anchored expression takes vectorscan many times longer to compile.
constexpr size_t kShortestFreeLiteral = 3;

bool is_free_literal(const ShapedLiteral& shaped) {
  return (shaped.shape == Shape::kPrefix || shaped.shape == Shape::kSuffix) &&
         shaped.literal.size() >= kShortestFreeLiteral;
}

std::string free_literal(std::string_view literal) {
  Pattern anywhere;
  anywhere.add(Pattern::Kind::kStar);
  anywhere.add_text(literal);
  anywhere.add(Pattern::Kind::kStar);
  return to_regex(anywhere);
}

/// Whether vectorscan can take the expression at all; cheaper to ask than to fail in the compiler.
bool is_supported(const Expression& expression) {
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* error = nullptr;
  const bool good =
      hs_expression_info(expression.text.c_str(), expression.flags, &info, &error) == HS_SUCCESS;
  std::free(info);
  hs_free_compile_error(error);
  return good;
}

}  // namespace

ScanSpace::~ScanSpace() {
  hs_free_scratch(scratch_);
}

bool ScanSpace::grow_for(const hs_database* database) {
  return hs_alloc_scratch(database, &scratch_) == HS_SUCCESS;
}

PatternSet::PatternSet() = default;
PatternSet::~PatternSet() {
  hs_free_database(compiled_.database);
}

void PatternSet::add(const PatternTest& test, uint32_t predicate) {
  entries_.push_back({&test.pattern, nullptr, shape_of(test.pattern), predicate});
}

void PatternSet::add(const RegexTest& test, uint32_t predicate) {
  entries_.push_back({nullptr, test.regex.get(), {Shape::kGeneral, {}}, predicate});
}

bool PatternSet::entry_holds(const Entry& entry, std::string_view text) {
  if (entry.regex != nullptr) return entry.regex->search(text);
  const std::string_view literal = entry.shape.literal;
  if (entry.pattern->cased || entry.shape.shape == Shape::kGeneral) {
    return matches(*entry.pattern, text);
  }
  if (text.size() < literal.size()) return false;
  switch (entry.shape.shape) {
    case Shape::kAny: return true;
    case Shape::kExact: return equals_ignore_case(text, literal);
    case Shape::kPrefix: return equals_ignore_case(text.substr(0, literal.size()), literal);
    case Shape::kSuffix:
      return equals_ignore_case(text.substr(text.size() - literal.size()), literal);
    default: return contains_folded(text, literal);
  }
}

void PatternSet::finish() {
  unsigned cost = 0;
  for (const Entry& entry : entries_) {
    cost +=
        entry.regex != nullptr ? kRegexCost : kShapeCost[static_cast<size_t>(entry.shape.shape)];
    if (entry_holds(entry, {})) on_empty_.push_back(entry.predicate);
  }
  // A lone regular expression has nothing to share a pass with.
  few_ = cost <= kFew || entries_.size() == 1;
}

void PatternSet::compile() const {
  std::vector<Expression> expressions;
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    Expression expression{{}, HS_FLAG_SINGLEMATCH, i};
    if (entry.regex != nullptr) {
      expression.text = entry.regex->source();
      expression.flags |= HS_FLAG_ALLOWEMPTY;
      if (!entry.regex->prefilterable() || !is_supported(expression)) {
        compiled_.singles.push_back(i);
        continue;
      }
    } else {
      const bool free = is_free_literal(entry.shape);
      expression.text = free ? free_literal(entry.shape.literal) : to_regex(*entry.pattern);
      // The first place a free literal is found at need not be the one that counts.
      if (free) expression.flags = 0;
      expression.flags |= HS_FLAG_DOTALL;
      if (!entry.pattern->cased) expression.flags |= HS_FLAG_CASELESS;
    }
    expressions.push_back(std::move(expression));
  }
  while (!expressions.empty() && compiled_.database == nullptr) {
    std::vector<const char*> texts;
    std::vector<unsigned> flags;
    std::vector<unsigned> ids;
    for (const Expression& expression : expressions) {
      texts.push_back(expression.text.c_str());
      flags.push_back(expression.flags);
      ids.push_back(expression.entry);
    }
    hs_compile_error_t* error = nullptr;
    if (hs_compile_multi(texts.data(), flags.data(), ids.data(),
                         static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr,
                         &compiled_.database, &error) == HS_SUCCESS) {
      break;
    }
    // One expression too many (or, with no index, all of them) is tried by itself from now on.
    const int culprit = error->expression;
    hs_free_compile_error(error);
    compiled_.database = nullptr;
    const auto first = expressions.begin() + std::max(culprit, 0);
    const auto last = culprit < 0 ? expressions.end() : first + 1;
    for (auto it = first; it != last; ++it)
      compiled_.singles.push_back(it->entry);
    expressions.erase(first, last);
  }
}

void PatternSet::prepare(ScanSpace& space) const {
  if (few_) return;
  std::call_once(once_, [this] { compile(); });
  if (compiled_.database != nullptr) space.grow_for(compiled_.database);
}

struct PatternSet::ScanContext {
  const PatternSet& set;
  std::string_view text;
  Fired& fired;
};

int PatternSet::on_match(unsigned id, unsigned long long, unsigned long long end, unsigned,
                         void* context) {
  const auto& scan = *static_cast<const ScanContext*>(context);
  const Entry& entry = scan.set.entries_[id];
  if (entry.regex != nullptr &&
      (scan.fired.test(entry.predicate) || !entry.regex->search(scan.text))) {
    return 0;
  }
  if (is_free_literal(entry.shape)) {
    const bool prefix = entry.shape.shape == Shape::kPrefix;
    if (end != (prefix ? entry.shape.literal.size() : scan.text.size())) return 0;
  }
  scan.fired.set(entry.predicate);
  return 0;
}

void PatternSet::scan(std::string_view text, const ScanSpace& space, Fired& fired) const {
  if (text.empty()) {
    for (const uint32_t predicate : on_empty_)
      fired.set(predicate);
    return;
  }
  const auto try_one = [&](const Entry& entry) {
    if (!fired.test(entry.predicate) && entry_holds(entry, text)) fired.set(entry.predicate);
  };
  if (few_) {
    for (const Entry& entry : entries_)
      try_one(entry);
    return;
  }
  for (const uint32_t i : compiled_.singles)
    try_one(entries_[i]);
  if (compiled_.database == nullptr) return;
  ScanContext context{*this, text, fired};
  const bool scanned = hs_scan(compiled_.database, text.data(), static_cast<unsigned>(text.size()),
                               0, space.get(), &PatternSet::on_match, &context) == HS_SUCCESS;
  // Never lose a match to a failing scanner.
  if (!scanned) {
    for (const Entry& entry : entries_)
      try_one(entry);
  }
}

}  // namespace davy::sigma::internal
