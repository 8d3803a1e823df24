// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/distinct.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace davy::summary {
namespace {

Hash128 key_of(uint64_t n) {
  return {n * 0x9e3779b97f4a7c15ULL, n};
}

TEST(Distinct, CountsExactlyWhileItCan) {
  Distinct distinct;
  for (uint64_t round = 0; round < 3; ++round) {
    for (uint64_t n = 0; n < 200; ++n)
      distinct.add(key_of(n));
  }
  EXPECT_TRUE(distinct.exact());
  EXPECT_EQ(distinct.count(), 200u);
}

TEST(Distinct, EstimatesWithinItsStatedErrorBeyond) {
  Distinct distinct;
  for (uint64_t n = 0; n < 100'000; ++n)
    distinct.add(key_of(n));
  EXPECT_FALSE(distinct.exact());
  EXPECT_NEAR(static_cast<double>(distinct.count()), 1e5, 0.25e5);  // four standard errors
}

TEST(Distinct, DoesNotDependOnOrderSplitOrDuplication) {
  EXPECT_TRUE(rc::check([](const std::vector<uint64_t>& numbers, const std::vector<bool>& side) {
    Distinct whole;
    Distinct parts[2];
    for (size_t i = 0; i < numbers.size(); ++i) {
      whole.add(key_of(numbers[i]));
      const bool right = i < side.size() && side[i];
      parts[right].add(key_of(numbers[numbers.size() - 1 - i]));
      parts[right].add(key_of(numbers[numbers.size() - 1 - i]));
    }
    parts[1].merge(parts[0]);
    RC_ASSERT(parts[1].count() == whole.count());
  }));
}

}  // namespace
}  // namespace davy::summary
