// SPDX-License-Identifier: Apache-2.0
// Wildcard patterns and regular expressions that are asked of the same field: a few are tried one
// after the other, many are found in one pass by a vectorscan database.
//
// The database is compiled when a value is first looked at. Regular expressions are only candidates
// there, confirmed by the engine that defines their meaning; those vectorscan cannot take are tried
// one by one.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "davy/sigma/internal/fired.h"
#include "davy/sigma/internal/rule.h"

struct hs_scratch;
struct hs_database;

namespace davy::sigma::internal {

/// Per-thread working memory of vectorscan, enough for every database it was prepared for.
class ScanSpace {
 public:
  ScanSpace() = default;
  ScanSpace(const ScanSpace&) = delete;
  ScanSpace& operator=(const ScanSpace&) = delete;
  ~ScanSpace();
  bool grow_for(const hs_database* database);
  hs_scratch* get() const { return scratch_; }

 private:
  hs_scratch* scratch_ = nullptr;
};

class PatternSet {
 public:
  PatternSet();
  ~PatternSet();
  PatternSet(const PatternSet&) = delete;
  PatternSet& operator=(const PatternSet&) = delete;

  /// The tests have to outlive the set.
  void add(const PatternTest& test, uint32_t predicate);
  void add(const RegexTest& test, uint32_t predicate);
  void finish();
  bool empty() const { return entries_.empty(); }

  /// Compiles the database if that has not happened, and makes `space` fit for it. Thread-safe.
  void prepare(ScanSpace& space) const;

  /// Fires the predicates of every entry that `text` satisfies. `space` has to be prepared.
  void scan(std::string_view text, const ScanSpace& space, Fired& fired) const;

 private:
  struct Entry {
    const Pattern* pattern;  ///< null for a regular expression
    const Regex* regex;
    ShapedLiteral shape;
    uint32_t predicate;
  };
  struct ScanContext;

  static bool entry_holds(const Entry& entry, std::string_view text);
  static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                      void* context);
  void compile() const;

  std::vector<Entry> entries_;
  std::vector<uint32_t> on_empty_;  ///< predicates that hold for the empty text
  bool few_ = true;

  struct Compiled {
    hs_database* database = nullptr;
    std::vector<uint32_t> singles;  ///< entries outside the database
  };
  mutable std::once_flag once_;
  mutable Compiled compiled_;
};

}  // namespace davy::sigma::internal
