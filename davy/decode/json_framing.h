// SPDX-License-Identifier: Apache-2.0
// JSON text before it is read: whether it is some, and the values of a line that holds several.
#pragma once

#include "davy/decode/json_cutter.h"

namespace davy::decode {

/// Cuts a line of JSON Lines that holds several values. What follows them and is none is one
/// reject.
void cut_values(std::string_view line, CutResult& result);

/// Whether a text that begins like this is JSON whose values are objects.
bool begins_like_json(std::string_view text);

}  // namespace davy::decode
