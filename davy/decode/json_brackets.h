// SPDX-License-Identifier: Apache-2.0
// Where a JSON value ends and how deep it nests, told by its brackets alone. A block scanner (64
// bytes a step) finds quotes, escapes and brackets as bit masks: it costs a fraction of parsing.
#pragma once

#include <cstddef>
#include <string_view>

namespace davy::decode {

/// Deepest nesting that is read; deeper records are hostile and rejected.
inline constexpr int kMaxJsonDepth = 128;

/// The length of the JSON value that starts at data[0], or npos when it is incomplete. `depth` is
/// how many brackets are already open.
size_t find_value_end(std::string_view data, int depth);

/// True when more than `limit` brackets are open somewhere in the value.
bool nested_deeper_than(std::string_view json, int limit);

}  // namespace davy::decode
