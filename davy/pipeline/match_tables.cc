// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/match_tables.h"

namespace davy::pipeline {

MatchTables::MatchTables(const sigma::RuleSet& rule_set, decode::PlainJson plain)
    : catalog(plain), rules(rule_set) {
  for (size_t i = 0; i < catalog.size(); ++i) {
    const decode::Format& format = catalog.format(i);
    sigma::Target target;
    target.logsources = format.logsources;
    target.resolve = format.resolve_field;
    targets.push_back(target);
    matchers.push_back(format.envelope ? nullptr
                                       : sigma::Matcher::compile(rules, target, catalog.schema(i)));
  }
}

}  // namespace davy::pipeline
