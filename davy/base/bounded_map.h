// SPDX-License-Identifier: Apache-2.0
// A map from hashes to summaries that keeps the `limit` smallest keys.
//
// A key that was dropped can never belong to the smallest again, so a kept one has seen all its
// records: order, splits and duplicates change neither what is kept nor what is in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

namespace davy {

/// `Key` is a uniform hash, or begins with what ranks before it.
template <typename Value, typename Key = uint64_t>
class BoundedMap {
 public:
  explicit BoundedMap(size_t limit) : limit_(limit) {}

  /// The summary of `key`, made when absent; null when the key is beyond what is kept. Valid until
  /// the next call.
  Value* at(const Key& key) {
    const auto place = entries_.lower_bound(key);
    if (place != entries_.end() && place->first == key) return &place->second;
    if (entries_.size() == limit_) {
      cut_ = true;
      if (place == entries_.end()) return nullptr;
      entries_.erase(std::prev(entries_.end()));
    }
    return &entries_[key];
  }

  /// Null when absent.
  const Value* find(const Key& key) const {
    const auto place = entries_.find(key);
    return place == entries_.end() ? nullptr : &place->second;
  }

  /// Value has `merge(const Value&)`.
  void merge(const BoundedMap& other) {
    for (const auto& [key, theirs] : other.entries_) {
      if (Value* const mine = at(key)) mine->merge(theirs);
    }
    cut_ = cut_ || other.cut_;
  }

  /// Likewise by `merge_values(Value& mine, Value& theirs)`, which may take theirs apart.
  template <typename MergeValues>
  void merge(BoundedMap&& other, const MergeValues& merge_values) {
    for (auto& [key, theirs] : other.entries_) {
      if (Value* const mine = at(key)) merge_values(*mine, theirs);
    }
    cut_ = cut_ || other.cut_;
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  bool empty() const { return entries_.empty(); }

  /// True when something had to be left out.
  bool cut() const { return cut_; }

 private:
  size_t limit_;
  std::map<Key, Value> entries_;
  bool cut_ = false;
};

}  // namespace davy
