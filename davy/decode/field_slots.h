// SPDX-License-Identifier: Apache-2.0
// The slots of a decoder's own fields, resolved once from its table of paths.
//
//   enum Field { kTime, kName, kFieldCount };
//   constexpr std::array<std::string_view, kFieldCount> kPaths = {"time", "name"};
//   FieldSlots<kFieldCount> slots(schema, kPaths);   fields.text(slots[kTime]);
#pragma once

#include <array>
#include <string_view>

#include "davy/event/field.h"

namespace davy::decode {

template <size_t N>
class FieldSlots {
 public:
  FieldSlots(const event::Schema& schema, const std::array<std::string_view, N>& paths) {
    for (size_t i = 0; i < N; ++i)
      slots_[i] = schema.find(paths[i]);
  }
  event::Slot operator[](size_t field) const { return slots_[field]; }

 private:
  std::array<event::Slot, N> slots_{};
};

}  // namespace davy::decode
