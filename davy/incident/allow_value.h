// SPDX-License-Identifier: Apache-2.0
// Single values of an allow-list entry: ids, patterns, addresses, dates, each checked for its form
// and for saying something.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "davy/incident/allow_list.h"

namespace davy::incident {

struct ReadValue {
  std::optional<AllowedValue> value;
  std::string problem;  ///< "is no address or block", when there is no value
  std::string hint;
  bool too_wide = false;  ///< well-formed, and fits everything
};
ReadValue read_allowed_value(ScopeKey key, std::string_view text);

/// A day or a time of RFC 3339. Of a day the beginning and `whole_day` more.
std::optional<Time> read_date(std::string_view text, DurationNs whole_day);

}  // namespace davy::incident
