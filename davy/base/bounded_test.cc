// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/base/bounded_map.h"
#include "davy/base/bounded_set.h"

namespace davy {
namespace {

enum class Type : uint8_t { kKey, kInstance, kTrail };
struct Entity {
  Type type;
  std::string id;
  bool operator==(const Entity&) const = default;
};
using FewEntities = BoundedSet<Entity, &Entity::type, &Entity::id, 4>;

Entity entity_of(uint8_t n) {
  return {n % 3 == 0 ? Type::kKey : Type::kInstance, fmt::format("e-{}", n)};
}

TEST(BoundedSet, AFloodOfOneKindPushesNoOtherOut) {
  FewEntities set;
  set.add({Type::kKey, "AKIA1"});
  set.add({Type::kTrail, "trail"});
  EXPECT_FALSE(set.cut());
  for (int i = 0; i < 50; ++i)
    set.add({Type::kInstance, fmt::format("i-{}", i)});
  EXPECT_TRUE(set.cut());
  const auto items = set.items();
  ASSERT_EQ(items.size(), 6u);
  EXPECT_EQ(items.front().id, "AKIA1");
  EXPECT_EQ(items.back().id, "trail");
}

TEST(BoundedSet, ExactlyTheLimitIsNotCut) {
  FewEntities set;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 4; ++i)
      set.add({Type::kInstance, fmt::format("i-{}", i)});
  }
  EXPECT_FALSE(set.cut());
  EXPECT_EQ(set.items().size(), 4u);
}

TEST(BoundedSet, DoesNotDependOnOrderSplitOrDuplication) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& numbers, const std::vector<bool>& side) {
    FewEntities whole;
    FewEntities parts[2];
    for (size_t i = 0; i < numbers.size(); ++i) {
      whole.add(entity_of(numbers[i]));
      const bool right = i < side.size() && side[i];
      parts[right].add(entity_of(numbers[numbers.size() - 1 - i]));
      parts[right].add(entity_of(numbers[numbers.size() - 1 - i]));
    }
    parts[1].merge(parts[0]);
    RC_ASSERT(parts[1].items() == whole.items());
    RC_ASSERT(parts[1].cut() == whole.cut());
  }));
}

/// Which records a key has seen.
struct Seen {
  std::set<uint8_t> records;
  void merge(const Seen& other) { records.insert(other.records.begin(), other.records.end()); }
};
using FewKeys = BoundedMap<Seen>;

std::vector<std::pair<uint64_t, std::set<uint8_t>>> held(const FewKeys& map) {
  std::vector<std::pair<uint64_t, std::set<uint8_t>>> all;
  for (const auto& [key, seen] : map)
    all.emplace_back(key, seen.records);
  return all;
}

TEST(BoundedMap, KeepsTheSmallestKeysWithAllTheyHaveSeen) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& records, const std::vector<bool>& side) {
    FewKeys whole(5);
    FewKeys parts[2] = {FewKeys(5), FewKeys(5)};
    const auto add = [](FewKeys& map, uint8_t record) {
      if (Seen* const seen = map.at(record % 16)) seen->records.insert(record);
    };
    for (size_t i = 0; i < records.size(); ++i) {
      add(whole, records[i]);
      add(parts[i < side.size() && side[i]], records[records.size() - 1 - i]);
    }
    parts[1].merge(parts[0]);
    RC_ASSERT(held(parts[1]) == held(whole));
    RC_ASSERT(parts[1].cut() == whole.cut());
    RC_ASSERT(held(whole).size() <= 5u);
  }));
}

}  // namespace
}  // namespace davy
