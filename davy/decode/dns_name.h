// SPDX-License-Identifier: Apache-2.0
// Names as an event::DnsQuery holds them.
#pragma once

#include <string_view>

#include "davy/base/arena.h"

namespace davy::decode {

/// Lower case, without the dot that ends a fully qualified name.
std::string_view normal_name(std::string_view name, Arena& arena);

}  // namespace davy::decode
