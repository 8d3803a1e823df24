// SPDX-License-Identifier: Apache-2.0
// Which predicates ask for exactly this text? One open-addressing table per field, whatever the
// number of rules; nothing is allocated or folded into a copy on look-up.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/text.h"

namespace davy::sigma::internal {

class ExactTable {
 public:
  void add(std::string_view text, bool cased, uint32_t predicate);
  void finish();  ///< call once, after the last add()
  bool empty() const { return entries_.empty(); }

  /// Calls hit(predicate) for each entry equal to `text`; a predicate may be hit twice.
  template <typename Hit>
  void find(std::string_view text, Hit&& hit) const {
    // Most values differ from every entry in length already.
    if ((lengths_ >> length_class(text.size()) & 1) == 0) return;
    const uint64_t hash = hash_folded(text);
    for (size_t place = hash & mask_;; place = (place + 1) & mask_) {
      const Place& p = places_[place];
      if (p.entry == kFree) return;
      if (p.tag == static_cast<uint32_t>(hash >> 32) && same(entries_[p.entry], text)) {
        hit(entries_[p.entry].predicate);
      }
    }
  }

 private:
  struct Entry {
    std::string key;
    bool cased;
    uint32_t predicate;
  };
  struct Place {
    uint32_t tag;
    uint32_t entry;
  };
  static constexpr uint32_t kFree = UINT32_MAX;

  static unsigned length_class(size_t length) {
    return length < 63 ? static_cast<unsigned>(length) : 63;
  }

  static uint64_t load(const char* from, size_t bytes) {
    uint64_t word = 0;
    std::memcpy(&word, from, bytes);
    return word | 0x2020202020202020u;  // folds letters; what else it merges is told apart later
  }

  static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
  }

  static uint64_t hash_folded(std::string_view text) {
    const char* data = text.data();
    const size_t size = text.size();
    uint64_t hash = size;
    if (size >= 8) {
      for (size_t i = 0; i + 8 < size; i += 8)
        hash = mix(hash, load(data + i, 8));
      return mix(hash, load(data + size - 8, 8)) * 0xd6e8feb86659fd93u;
    }
    if (size >= 4) {
      return mix(hash, load(data, 4) ^ (load(data + size - 4, 4) << 32)) * 0xd6e8feb86659fd93u;
    }
    for (size_t i = 0; i < size; ++i)
      hash = hash << 8 | static_cast<unsigned char>(data[i] | 0x20);
    return mix(hash, 0) * 0xd6e8feb86659fd93u;
  }

  static bool same(const Entry& entry, std::string_view text) {
    return entry.key == text || (!entry.cased && equals_ignore_case(entry.key, text));
  }

  std::vector<Entry> entries_;
  std::vector<Place> places_;
  size_t mask_ = 0;
  uint64_t lengths_ = 0;
};

}  // namespace davy::sigma::internal
