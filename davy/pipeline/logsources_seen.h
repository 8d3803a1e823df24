// SPDX-License-Identifier: Apache-2.0
// Which logsources the records of an input have: tells "the rule did not match" from "the rule was
// never asked".
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "davy/pipeline/match_tables.h"

namespace davy::pipeline {

class LogsourcesSeen {
 public:
  /// `tables` outlive this.
  explicit LogsourcesSeen(const MatchTables& tables) : tables_(tables) {}

  /// A record of `format`; `logsources` as in Event.
  void add(size_t format, uint32_t logsources);
  bool empty() const { return seen_.empty(); }

  /// True when the rule is asked about such a record: of its logsource, or JSON of no known format.
  bool is_asked(const sigma::RuleInfo& rule, size_t format, uint32_t logsources) const;
  /// True when it was asked about one of the records seen.
  bool was_asked(const sigma::RuleInfo& rule) const;

  /// "aws/cloudtrail, linux/auditd": each once, in order.
  std::string names() const;

 private:
  const MatchTables& tables_;
  std::set<std::pair<size_t, uint32_t>> seen_;
  std::pair<size_t, uint32_t> last_{SIZE_MAX, 0};  ///< records of one kind come in runs
};

}  // namespace davy::pipeline
