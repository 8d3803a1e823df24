// SPDX-License-Identifier: Apache-2.0
// Sigma's logsource: what kind of log an event comes from.
#pragma once

#include <string>
#include <string_view>

namespace davy::event {

/// Empty parts are unstated. A rule applies to an event when every part the rule states equals the
/// event's; an event may carry several logsources (auditd is both linux/auditd and
/// process_creation).
struct Logsource {
  std::string_view category;
  std::string_view product;
  std::string_view service;

  bool operator==(const Logsource&) const = default;
};

/// The stated parts from the widest to the narrowest: "aws/cloudtrail", "linux/process_creation".
std::string to_text(const Logsource& logsource);

}  // namespace davy::event
