// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/dns_name.h"

#include <algorithm>

#include "davy/base/text.h"

namespace davy::decode {

std::string_view normal_name(std::string_view name, Arena& arena) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return name;
  }
  char* place = arena.allocate(name.size());
  std::transform(name.begin(), name.end(), place, ascii_lower);
  return {place, name.size()};
}

}  // namespace davy::decode
