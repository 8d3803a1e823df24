// SPDX-License-Identifier: Apache-2.0
// A place in a text that a person wrote.
#pragma once

namespace davy {

/// Counted from 1; 0 means unknown.
struct TextPlace {
  int line = 0;
  int column = 0;

  bool operator==(const TextPlace&) const = default;
};

}  // namespace davy
