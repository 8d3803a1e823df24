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
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "davy/base/hash.h"

namespace davy {

inline constexpr size_t kMaxPerKind = 600;  ///< a launch of 500 instances fits

template <typename Item, auto kKind, auto kText, size_t kLimit = kMaxPerKind>
class BoundedSet {
 public:
  using Kind = std::remove_cvref_t<decltype(std::declval<Item>().*kKind)>;

  void add(Item item) {
    const uint64_t hash = hash64(item.*kText);
    insert(hash, std::move(item));
  }

  /// The same for an item that is no more than its kind and text; what is held is not copied again.
  void add(Kind kind, std::string_view text) {
    const Wanted wanted{kind, hash64(text), text};
    if (entries_.find(wanted) != entries_.end()) return;
    Item item{};
    item.*kKind = kind;
    item.*kText = text;
    insert(wanted.hash, std::move(item));
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
  struct Entry {
    uint64_t hash;
    Item item;
  };
  /// An entry to look for.
  struct Wanted {
    Kind kind;
    uint64_t hash;
    std::string_view text;
  };
  struct ByKind {
    using is_transparent = void;
    bool operator()(const Entry& a, const Entry& b) const {
      return std::tie(a.item.*kKind, a.hash, a.item.*kText) <
             std::tie(b.item.*kKind, b.hash, b.item.*kText);
    }
    bool operator()(const Entry& a, const Kind& kind) const { return a.item.*kKind < kind; }
    bool operator()(const Entry& a, const Wanted& b) const {
      return std::tuple(a.item.*kKind, a.hash, std::string_view(a.item.*kText)) <
             std::tie(b.kind, b.hash, b.text);
    }
    bool operator()(const Wanted& a, const Entry& b) const {
      return std::tie(a.kind, a.hash, a.text) <
             std::tuple(b.item.*kKind, b.hash, std::string_view(b.item.*kText));
    }
  };

  void insert(uint64_t hash, Item item) {
    const Kind kind = item.*kKind;
    const auto [place, added] = entries_.insert({hash, std::move(item)});
    if (!added || ++counts_[kind] <= kLimit) return;
    const auto next = counts_.upper_bound(kind);
    const auto past = next == counts_.end() ? entries_.end() : entries_.lower_bound(next->first);
    entries_.erase(std::prev(past));
    counts_[kind] = kLimit;
    cut_ = true;
  }

  std::set<Entry, ByKind> entries_;
  std::map<Kind, size_t> counts_;
  bool cut_ = false;
};

}  // namespace davy
