// SPDX-License-Identifier: Apache-2.0
// For tests: a JSON object as the Fields a decoder would fill for a schema, and rules tried on it
// with both engines.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "davy/event/field.h"
#include "davy/sigma/matcher.h"
#include "davy/sigma/rule_set.h"

namespace davy::sigma::testing {

/// Arrays are transparent, containers carry their raw JSON, `a[0].b` picks an element.
class JsonEvent {
 public:
  JsonEvent(std::string_view json, const event::Schema& schema);
  const event::Fields& fields() const { return fields_; }

 private:
  event::Fields fields_;
  std::deque<std::string> texts_;
};

/// A rule with the given `detection:` body (indented by two) for any logsource.
std::string rule_text(std::string_view detection);

/// Loads one text; the report is kept when asked for.
RuleSet load(const std::string& yaml, LoadReport* report = nullptr,
             const Placeholders& placeholders = {});

/// Code of the first error, or "" when the document was accepted.
std::string refusal(const std::string& yaml, const Placeholders& placeholders = {});

/// Which rules match, by the compiled matcher; a disagreement with the reference is reported as a
/// failure of the running test.
std::vector<RuleIndex> matching(const RuleSet& rules, std::string_view json,
                                const Target& target = {});

/// Whether one rule with this detection body matches; fails the test when it does not load.
bool detects(std::string_view detection, std::string_view json,
             const Placeholders& placeholders = {});

}  // namespace davy::sigma::testing
