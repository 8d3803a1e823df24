// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/power.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace davy::summary {
namespace {

PowerChange change(uint8_t number) {
  const auto what = static_cast<PowerChange::What>(number % 3);
  return {Time{number / 3 * kMinute}, what,
          what == PowerChange::What::kResized ? "p3.16xlarge" : ""};
}

PowerHistory history(const std::vector<uint8_t>& numbers) {
  PowerHistory history;
  for (const uint8_t number : numbers)
    history.add(change(number));
  return history;
}

TEST(PowerHistory, OrderSplitsAndCopiesChangeNothing) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& numbers, uint8_t cut) {
    const auto whole = history(numbers);
    const auto middle =
        numbers.begin() + static_cast<long>(numbers.empty() ? 0 : cut % numbers.size());
    PowerHistory merged = history({middle, numbers.end()});
    merged.merge(history({numbers.begin(), middle}));
    merged.merge(whole);
    RC_ASSERT(merged.changes() == whole.changes());
    RC_ASSERT(merged.changes() == history({numbers.rbegin(), numbers.rend()}).changes());
  }));
}

TEST(PowerHistory, KeepsTheLatest) {
  PowerHistory history;
  for (int hour = 0; hour < 100; ++hour)
    history.add({Time{hour * kHour}, PowerChange::What::kStopped, ""});
  ASSERT_EQ(history.changes().size(), PowerHistory::kKept);
  EXPECT_EQ(history.changes().back().time, Time{99 * kHour});
}

}  // namespace
}  // namespace davy::summary
