// SPDX-License-Identifier: Apache-2.0
// The values of JSON that are neither string nor container, judged by their letters: simdjson looks
// only at those that are asked for.
#pragma once

#include <cstdint>
#include <span>

namespace davy::decode {

/// Whether each token of a padded document, told by where it begins in `json`, is a string, a mark
/// of structure, or a whole number, true, false or null with what may follow a value behind it.
bool are_json_tokens(const char* json, std::span<const uint32_t> tokens);

}  // namespace davy::decode
