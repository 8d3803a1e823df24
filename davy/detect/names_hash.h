// SPDX-License-Identifier: Apache-2.0
// All names a record tells as one hash, by which a record that tells nothing new is known.
#pragma once

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "davy/base/hash.h"

namespace davy::detect {

class NamesHash {
 public:
  /// The length stands before the name, so that different lists of names never read alike.
  template <typename Kind>
  void add(Kind kind, std::string_view name) {
    const auto length = static_cast<uint32_t>(name.size());
    text_.push_back(static_cast<char>(kind));
    for (int shift = 0; shift < 32; shift += 8)
      text_.push_back(static_cast<char>(length >> shift));
    text_.append(name);
  }
  /// Ends one list of names: what comes is of another kind.
  void divide() { text_.push_back('\n'); }
  Hash128 value() const { return hash128({text_.data(), text_.size()}); }

 private:
  fmt::memory_buffer text_;
};

}  // namespace davy::detect
