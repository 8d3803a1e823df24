// SPDX-License-Identifier: Apache-2.0
// The values of JSON that are neither string nor container, judged by their letters: simdjson looks
// only at those that are asked for.
#pragma once

namespace davy::decode {

/// Whether a whole number, true, false or null stands at `text`, with what may follow a value
/// behind it. At least five bytes can be read, and something that is part of no number follows.
bool is_json_scalar(const char* text);

}  // namespace davy::decode
