// SPDX-License-Identifier: Apache-2.0
// Whether a word stands in one of the lists that the readers of this folder keep as tables.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace davy::intel {

template <size_t kCount>
bool holds(const std::string_view (&list)[kCount], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

}  // namespace davy::intel
