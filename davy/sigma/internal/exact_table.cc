// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/exact_table.h"

namespace davy::sigma::internal {

void ExactTable::add(std::string_view text, bool cased, uint32_t predicate) {
  entries_.push_back({std::string(text), cased, predicate});
  lengths_ |= uint64_t{1} << length_class(text.size());
}

void ExactTable::finish() {
  size_t size = 4;
  while (size < entries_.size() * 2)
    size *= 2;
  places_.assign(size, {0, kFree});
  mask_ = size - 1;
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    const uint64_t hash = hash_folded(entries_[i].key);
    size_t place = hash & mask_;
    while (places_[place].entry != kFree)
      place = (place + 1) & mask_;
    places_[place] = {static_cast<uint32_t>(hash >> 32), i};
  }
}

}  // namespace davy::sigma::internal
