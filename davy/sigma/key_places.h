// SPDX-License-Identifier: Apache-2.0
// Where the values that lint() judges stand in the text of a rule.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "davy/base/text_place.h"

namespace davy {
class YamlNode;
}

namespace davy::sigma {

/// By top-level key; items of a list as "tags/0".
using KeyPlaces = std::vector<std::pair<std::string, TextPlace>>;

KeyPlaces read_key_places(const YamlNode& document);

}  // namespace davy::sigma
