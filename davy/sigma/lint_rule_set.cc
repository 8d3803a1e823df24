// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "davy/sigma/correlation_rule.h"
#include "davy/sigma/lint.h"

namespace davy::sigma {

Diagnostics lint(const RuleSet& rules) {
  std::vector<RuleInfo> infos;
  for (size_t i = 0; i < rules.size(); ++i)
    infos.push_back(rules.info(static_cast<RuleIndex>(i)));
  return lint(infos, correlation_rules(rules));
}

}  // namespace davy::sigma
