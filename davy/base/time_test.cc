// SPDX-License-Identifier: Apache-2.0
#include "davy/base/time.h"

#include <limits>

#include <gtest/gtest.h>

namespace davy {
namespace {

TEST(Time, ReadsEveryFormTheLogsUse) {
  struct Row {
    const char* text;
    const char* expected;
  };
  constexpr Row kRows[] = {
      {"2024-03-04T14:15:33Z", "2024-03-04T14:15:33Z"},
      {"2024-03-04T14:15:33.120Z", "2024-03-04T14:15:33.12Z"},
      {"2024-03-04T14:15:33.123456789Z", "2024-03-04T14:15:33.123456789Z"},
      {"2024-03-04T09:15:33-05:00", "2024-03-04T14:15:33Z"},
      {"2024-03-04T14:15:33+0000", "2024-03-04T14:15:33Z"},
      {"2024-03-04 14:15:33", "2024-03-04T14:15:33Z"},
      {"20131102T010628Z", "2013-11-02T01:06:28Z"},
      {"1709561733", "2024-03-04T14:15:33Z"},
      {"1709561733123", "2024-03-04T14:15:33.123Z"},
      {"1709561733123456", "2024-03-04T14:15:33.123456Z"},
      {"1709561733123456789", "2024-03-04T14:15:33.123456789Z"},
      {"1709561733.5", "2024-03-04T14:15:33.5Z"},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.text);
    const auto time = parse_time(row.text);
    ASSERT_TRUE(time.has_value());
    EXPECT_EQ(to_rfc3339(*time), row.expected);
  }
}

TEST(Time, RefusesWhatIsNotATime) {
  for (const char* text :
       {"", "yesterday", "2024-13-04T14:15:33Z", "2024-03-04T25:15:33Z", "2024-03-04T14:15:33.Z",
        "2024-03-04T14:15:33Zulu", "nan", "1e300", "9999-03-04T14:15:33Z",
        // Out of range: digits too many, before 1970, and the int64s that have no negative.
        "17726329200", "99999999999", "99999999999999", "9223372036854775807",
        "-9223372036854775808", "-1", "8999999999.5", "-0.5", "1969-12-31T23:59:59Z",
        "1970-01-01T00:30:00+01:00", "2150-01-01T00:00:01Z", "2149-12-31T23:30:00-01:00",
        "19691231T235959Z"}) {
    EXPECT_FALSE(parse_time(text).has_value()) << text;
  }
}

TEST(Time, LeavesRoomForTheLongestWindow) {
  constexpr DurationNs kHundredYears = 36'525 * kDay;
  EXPECT_EQ(parse_time("2150-01-01T00:00:00Z"), kLatestReadable);
  EXPECT_LE(kLatestReadable.ns, std::numeric_limits<int64_t>::max() - kHundredYears);
}

TEST(Time, BucketsFloorBeforeTheEpochToo) {
  EXPECT_EQ(bucket_start(Time{-1}, kHour).ns, -kHour);
  EXPECT_EQ(bucket_start(Time{kHour + 1}, kHour).ns, kHour);
}

TEST(Time, DurationsReadWell) {
  EXPECT_EQ(to_human(45 * kSecond), "45 s");
  EXPECT_EQ(to_human(15 * kMinute), "15 min");
  EXPECT_EQ(to_human(3 * kHour + 5 * kMinute), "3 h 05 min");
  EXPECT_EQ(to_human(2 * kDay + 4 * kHour), "2 d 4 h");
}

}  // namespace
}  // namespace davy
