// SPDX-License-Identifier: Apache-2.0
// The read-only tables of decoding and matching: formats with the fields asked of them, and the
// rules compiled for each format. Built once, shared by all threads.
#pragma once

#include <memory>
#include <vector>

#include "davy/decode/workbench.h"
#include "davy/sigma/matcher.h"
#include "davy/sigma/rule_set.h"

namespace davy::pipeline {

struct MatchTables {
  /// `rule_set` outlives this.
  MatchTables(const sigma::RuleSet& rule_set, decode::PlainJson plain);

  decode::Catalog catalog;
  std::vector<sigma::Target> targets;                     ///< by format
  std::vector<std::unique_ptr<sigma::Matcher>> matchers;  ///< by format; null for envelopes
  const sigma::RuleSet& rules;
};

}  // namespace davy::pipeline
