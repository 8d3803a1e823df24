// SPDX-License-Identifier: Apache-2.0
// The rule tree evaluated as plainly as possible, over anything that can say what a field holds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "davy/event/field.h"
#include "davy/sigma/internal/rule.h"

namespace davy::sigma::internal {

/// One event, or one element of an array inside one.
class Record {
 public:
  virtual ~Record() = default;
  /// Appends the values of a Sigma field; the views live as long as the record.
  virtual void values(const std::string& field, std::vector<event::Value>& out) const = 0;
  /// What keywords are looked for in.
  virtual const std::vector<std::string_view>& keywords() const = 0;
};

bool holds(const Block& block, const Record& record);
bool holds(const Item& item, const Record& record);
bool holds(const Test& test, const Item& item, const Record& record);

/// `container` is the raw JSON of a value; anything but a readable array has no elements.
bool element_holds(const ElementTest& test, std::string_view container);

}  // namespace davy::sigma::internal
