// SPDX-License-Identifier: Apache-2.0
// From finished runs to matches, inner correlations before those they feed. Internal to davy/sigma.
//
// A match of an inner correlation takes part in the outer one as one thing (it counts once) that
// occurs whenever one of the inner windows that held ended; to the numeric types, which would count
// it many times, only at the first. Its fields are the inner group-by names.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "davy/sigma/correlation.h"
#include "davy/sigma/correlation_rule.h"
#include "davy/sigma/correlation_run.h"

namespace davy::sigma {

/// Group-by values -> the group's matches in order.
using GroupRuns = std::map<std::vector<std::string>, std::vector<RunEntry>>;

class CorrelationJudge {
 public:
  CorrelationJudge(std::span<const CorrelationRule> rules, RuleIndex first);

  /// Judges rules[position]; to be called in chain_order().
  void add(size_t position, GroupRuns runs);

  /// All matches so far, in (rule, group, first) order.
  std::vector<CorrelationMatch> matches() const;

 private:
  struct Held {
    CorrelationMatch match;
    Hash128 key;             ///< stands for the match in outer correlations
    std::vector<Time> ends;  ///< of the windows that held
  };
  struct Point {
    RunEntry entry;
    const Held* inner = nullptr;
  };
  using GroupPoints = std::map<std::vector<std::string>, std::vector<Point>>;

  void add_inner(size_t position, size_t member, GroupPoints& groups) const;
  void judge_group(size_t position, const std::vector<std::string>& group,
                   std::vector<Point>& points);
  CorrelationMatch describe(size_t position, const std::vector<std::string>& group,
                            std::span<const Point> points) const;

  std::span<const CorrelationRule> rules_;
  RuleIndex first_;
  std::vector<std::vector<Held>> held_;  // parallel to rules_
};

}  // namespace davy::sigma
