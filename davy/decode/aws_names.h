// SPDX-License-Identifier: Apache-2.0
// AWS identifiers recognised by their form, wherever they stand in a text: "i-0a1b2c3d4e5f67890
// CPU" holds an instance. Ids are 8 or 17 hexadecimal digits; anything from 8 to 17 is accepted,
// since masked and invented ones are common in shared logs.
#pragma once

#include <string_view>

namespace davy::decode {

/// The first instance id in `text`, or empty.
std::string_view find_instance_id(std::string_view text);

/// Whether `text` is the id of a long-term (AKIA…) or temporary (ASIA…) access key.
bool is_access_key_id(std::string_view text);

}  // namespace davy::decode
