// SPDX-License-Identifier: Apache-2.0
// Whoever writes a user agent or a file name chooses bytes of a record. Bytes that are no text must
// not cost the record: in a string, each is replaced by U+FFFD.
#pragma once

#include <string_view>

#include "davy/base/arena.h"

namespace davy::decode {

/// `json` with every byte that is no UTF-8 and every escape that stands for no character (a lone
/// surrogate, "\x") replaced by U+FFFD in its strings, and raw control characters escaped; in
/// `arena`, padded like a record. Empty when there is nothing to replace.
std::string_view repair_json_text(std::string_view json, Arena& arena);

/// Lets a parser repair text it cannot read. Without one such text is damage.
struct JsonRepair {
  Arena& arena;
  bool used = false;
};

}  // namespace davy::decode
