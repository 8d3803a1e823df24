// SPDX-License-Identifier: Apache-2.0
// Reads the small objects inside a document, one after the other, each with its own fields: where
// the elements of a list leave keys out, the values of the list's paths no longer stand side by
// side.
//
//   PartReader<kFieldCount> item(kPaths);
//   for_each_element(list, parser, [&](auto json) { if (item.read(json)) use(item.text(kName)); });
#pragma once

#include <array>
#include <string_view>

#include "davy/decode/field_slots.h"
#include "davy/decode/json_walker.h"
#include "davy/event/field.h"

namespace davy::decode {

/// Own parser, own fields: what one read() gave is gone with the next.
template <size_t N>
class PartReader {
 public:
  explicit PartReader(const std::array<std::string_view, N>& paths,
                      KeyCase key_case = KeyCase::kExact)
      : schema_(declare(paths)), walker_(schema_, key_case), slots_(schema_, paths) {}

  bool read(std::string_view json) {
    fields_.reset(schema_.size());
    return walker_.walk(json, parser_, fields_).empty();
  }
  std::string_view text(size_t field) const { return fields_.text(slots_[field]); }
  event::Fields::Range values(size_t field) const { return fields_.values(slots_[field]); }

 private:
  static event::Schema declare(const std::array<std::string_view, N>& paths) {
    event::Schema schema;
    for (std::string_view path : paths)
      schema.add(path);
    return schema;
  }

  event::Schema schema_;
  JsonWalker walker_;
  FieldSlots<N> slots_;
  JsonParser parser_;
  event::Fields fields_;
};

}  // namespace davy::decode
