// SPDX-License-Identifier: Apache-2.0
// A set that keeps, of each kind of item, the `limit` whose text has the smallest hash.
//
// What is kept is a function of the set of all items added, so order, splits and duplicates change
// nothing; the bound is per kind, so that a flood of one kind (instances, names) cannot push
// another (the access key) out. The hash makes the choice a fair sample that nobody steers by
// naming.
//
//   BoundedSet<Entity, &Entity::type, &Entity::id> entities;  // 600 of each type
#pragma once

#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <type_traits>
#include <vector>

#include "davy/base/hash.h"

namespace davy {

inline constexpr size_t kMaxPerKind = 600;  ///< a launch of 500 instances fits

template <typename Item, auto kKind, auto kText, size_t kLimit = kMaxPerKind>
class BoundedSet {
 public:
  void add(Item item) {
    const uint64_t hash = hash64(item.*kText);
    const auto kind = item.*kKind;
    const auto [place, added] = entries_.insert({hash, std::move(item)});
    if (!added || ++counts_[kind] <= kLimit) return;
    const auto next = counts_.upper_bound(kind);
    const auto past = next == counts_.end() ? entries_.end() : entries_.lower_bound(next->first);
    entries_.erase(std::prev(past));
    counts_[kind] = kLimit;
    cut_ = true;
  }

  void merge(const BoundedSet& other) {
    for (const Entry& entry : other.entries_)
      add(entry.item);
    cut_ = cut_ || other.cut_;
  }

  /// Kept items, by kind and then by hash.
  std::vector<Item> items() const {
    std::vector<Item> items;
    items.reserve(entries_.size());
    for (const Entry& entry : entries_)
      items.push_back(entry.item);
    return items;
  }

  /// True when something had to be left out.
  bool cut() const { return cut_; }

 private:
  using Kind = std::remove_cvref_t<decltype(std::declval<Item>().*kKind)>;

  struct Entry {
    uint64_t hash;
    Item item;
  };
  struct ByKind {
    using is_transparent = void;
    bool operator()(const Entry& a, const Entry& b) const {
      return std::tie(a.item.*kKind, a.hash, a.item.*kText) <
             std::tie(b.item.*kKind, b.hash, b.item.*kText);
    }
    bool operator()(const Entry& a, const Kind& kind) const { return a.item.*kKind < kind; }
  };

  std::set<Entry, ByKind> entries_;
  std::map<Kind, size_t> counts_;
  bool cut_ = false;
};

}  // namespace davy
