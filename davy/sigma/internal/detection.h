// SPDX-License-Identifier: Apache-2.0
// The selections of a `detection:` or `filter:` map.
#pragma once

#include <string_view>
#include <vector>

#include "davy/sigma/internal/reader.h"
#include "davy/sigma/internal/rule.h"

namespace davy::sigma::internal {

/// Every key of `map` but those in `reserved` is a selection; in document order.
std::vector<Selection> read_selections(Reader& reader, const YamlNode& map,
                                       const std::vector<std::string_view>& reserved);

/// Joins the map's condition, or list of them (any of which will do), over `selections`, and
/// appends the texts. Refuses with a reason when one cannot be read.
Condition read_conditions(Reader& reader, const YamlNode& map,
                          const std::vector<Selection>& selections,
                          std::vector<std::string>& texts);

}  // namespace davy::sigma::internal
