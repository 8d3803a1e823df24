// SPDX-License-Identifier: Apache-2.0
// Where the fields of a correlation are found in the events of one format, and reading them.
// Internal to davy/sigma.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "davy/event/field.h"
#include "davy/sigma/correlation_rule.h"
#include "davy/sigma/matcher.h"

namespace davy::sigma {

/// Slots that may hold one field, the preferred first.
using FieldSlots = std::vector<event::Slot>;

/// The fields of one rule of one correlation.
struct MemberBinding {
  std::vector<FieldSlots> group_by;  ///< parallel to CorrelationRule::group_by
  std::vector<FieldSlots> fields;    ///< parallel to CorrelationRule::fields
};

MemberBinding bind_member(const CorrelationRule& rule, size_t member, const Target& target,
                          const event::Schema& schema);

/// Tuples of values, one per field, in order and each once.
struct Combinations {
  std::vector<std::vector<std::string_view>> tuples;
  bool cut = false;  ///< there were more than asked for
};

/// Every combination of the fields' values, at most `limit`, the smallest first. A field is read
/// from the first of its slots that has a value; when one has none, there are no combinations.
Combinations read_combinations(const std::vector<FieldSlots>& fields, const event::Fields& values,
                               size_t limit);

/// Every value of the field, in record order.
std::vector<std::string_view> read_values(const FieldSlots& slots, const event::Fields& values);

}  // namespace davy::sigma
