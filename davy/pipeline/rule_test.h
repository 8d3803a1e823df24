// SPDX-License-Identifier: Apache-2.0
// Runs the tests beside rules (<rule>.test.yml) through the real decoders and engine: what a test
// says of an event is what a scan would do with it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "davy/base/diagnostic.h"
#include "davy/sigma/rule_set.h"

namespace davy::pipeline {

struct RuleTestResult {
  std::string file;
  std::string test;
  bool passed = false;
  std::string message;  ///< why it failed
};

/// `tests` are (path, YAML text) of the test files. The rule of "a/b.test.yml" is the document of
/// "a/b.yml" in `rules`; a correlation in that file is what is tested when there is one. Files that
/// cannot be used are reported.
std::vector<RuleTestResult> run_rule_tests(
    const sigma::RuleSet& rules, const std::vector<std::pair<std::string, std::string>>& tests,
    Diagnostics& diagnostics);

struct Explanation {
  std::string text;
  size_t records = 0;  ///< that could be decoded
  bool matched = false;
  bool judged = true;  ///< false for a correlation, which one record cannot satisfy
};

/// Why the rule at `rule` of `rules` does or does not match each event of `log` (JSON or a text
/// log): for `davy rules explain`.
Explanation explain_log(const sigma::RuleSet& rules, sigma::RuleIndex rule, const std::string& log);

}  // namespace davy::pipeline
