// SPDX-License-Identifier: Apache-2.0
// Sigma filters: conditions added to rules from outside, with pySigma's meaning: the rule holds
// only where the filter's condition holds too, so a filter that suppresses says `condition: not …`.
#pragma once

#include <string>
#include <vector>

#include "davy/sigma/internal/reader.h"
#include "davy/sigma/internal/rule.h"

namespace davy::sigma::internal {

struct Filter {
  RuleInfo info;
  std::vector<std::string> rules;  ///< ids or names; empty: every rule of the logsource
  std::vector<Selection> selections;
  Condition condition;
  std::vector<std::string> condition_texts;
};

/// Reads the `filter` key of `document`; `info` is what was read of the rest.
Filter read_filter(Reader& reader, const YamlNode& document, RuleInfo info);

/// Adds each filter to the rules it names. Warns about filters that apply to nothing.
void apply_filters(const std::vector<Filter>& filters, std::vector<Rule>& rules,
                   Diagnostics& diagnostics);

}  // namespace davy::sigma::internal
