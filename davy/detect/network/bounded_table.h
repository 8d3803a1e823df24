// SPDX-License-Identifier: Apache-2.0
// A hash table that keeps the `limit` entries of lowest rank, whatever order they come in.
//
// What has been dropped can never belong to the kept ones again (only lower ranks push others out),
// so a kept entry has seen all its records and the result does not depend on input order. Up to a
// quarter more than `limit` is held between two trims; kept() is exact.
//
// Entry has a member `key` of type Entry::Key: equality, a total order `rank() <=> rank()`, and
// `uint64_t hash() const`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace davy::detect {

template <typename Entry>
class BoundedTable {
 public:
  using Key = typename Entry::Key;
  using Rank = decltype(std::declval<const Key&>().rank());

  explicit BoundedTable(size_t limit) : limit_(limit), places_(kFirstPlaces) {}

  /// Null when absent. Valid until the next add().
  Entry* find(const Key& key, uint64_t hash) {
    for (size_t at = hash & (places_.size() - 1);; at = (at + 1) & (places_.size() - 1)) {
      const Place place = places_[at];
      if (place.entry == 0) return nullptr;
      if (place.tag == static_cast<uint32_t>(hash >> 32) && entries_[place.entry - 1].key == key) {
        return &entries_[place.entry - 1];
      }
    }
  }

  /// Adds an absent key; null when it ranks beyond what is kept. Valid until the next add().
  Entry* add(const Key& key, uint64_t hash) {
    if (highest_kept_ && *highest_kept_ < key.rank()) return nullptr;
    if (entries_.size() >= limit_ + limit_ / 4 + 1) {
      trim();
      if (*highest_kept_ < key.rank()) return nullptr;
    }
    if ((entries_.size() + 1) * 2 > places_.size()) rehash(places_.size() * 2);
    entries_.emplace_back();
    entries_.back().key = key;
    place(hash, entries_.size());
    return &entries_.back();
  }

  /// To be called when the entries of `other` have been added: what it left out is left out here.
  void adopt_bound(const BoundedTable& other) {
    if (!other.highest_kept_) return;
    if (!highest_kept_ || *other.highest_kept_ < *highest_kept_)
      highest_kept_ = other.highest_kept_;
  }

  /// The `limit` lowest entries, lowest first.
  std::vector<const Entry*> kept() const {
    std::vector<const Entry*> kept;
    kept.reserve(entries_.size());
    for (const Entry& entry : entries_)
      kept.push_back(&entry);
    std::sort(kept.begin(), kept.end(),
              [](const Entry* a, const Entry* b) { return a->key.rank() < b->key.rank(); });
    if (kept.size() > limit_) kept.resize(limit_);
    return kept;
  }

  /// True when something had to be left out.
  bool sampled() const { return highest_kept_.has_value() || entries_.size() > limit_; }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  struct Place {
    uint32_t tag = 0;
    uint32_t entry = 0;  ///< index into entries_ plus one; 0: free
  };

  void place(uint64_t hash, size_t entry) {
    size_t at = hash & (places_.size() - 1);
    while (places_[at].entry != 0)
      at = (at + 1) & (places_.size() - 1);
    places_[at] = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(entry)};
  }

  void rehash(size_t size) {
    places_.assign(size, {});
    for (size_t i = 0; i < entries_.size(); ++i)
      place(entries_[i].key.hash(), i + 1);
  }

  void trim() {
    const auto last = entries_.begin() + static_cast<std::ptrdiff_t>(limit_ - 1);
    std::nth_element(entries_.begin(), last, entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.key.rank() < b.key.rank(); });
    highest_kept_ = last->key.rank();
    entries_.erase(last + 1, entries_.end());
    rehash(places_.size());
  }

  static constexpr size_t kFirstPlaces = 1024;  // a power of two, as every size after it

  size_t limit_;
  std::vector<Entry> entries_;
  std::vector<Place> places_;
  std::optional<Rank> highest_kept_;
};

}  // namespace davy::detect
