// SPDX-License-Identifier: Apache-2.0
// Time is UTC nanoseconds since 1970 in a strong type. Nothing below cli/ reads the wall clock, so
// the same logs give the same incidents whenever they are scanned.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace davy {

/// A span of time in nanoseconds; negative spans are allowed.
using DurationNs = int64_t;
inline constexpr DurationNs kSecond = 1'000'000'000;
inline constexpr DurationNs kMinute = 60 * kSecond;
inline constexpr DurationNs kHour = 60 * kMinute;
inline constexpr DurationNs kDay = 24 * kHour;

/// A point in time, nanoseconds since 1970-01-01T00:00:00Z. 0 means "not known".
struct Time {
  int64_t ns = 0;

  auto operator<=>(const Time&) const = default;
  bool known() const { return ns != 0; }
};

inline Time operator+(Time t, DurationNs d) {
  return {t.ns + d};
}
inline Time operator-(Time t, DurationNs d) {
  return {t.ns - d};
}
inline DurationNs operator-(Time a, Time b) {
  return a.ns - b.ns;
}

inline constexpr Time kEndOfTime{std::numeric_limits<int64_t>::max()};

/// What the readers below accept: from 1970 to here. 2150-01-01 leaves room to add a hundred years,
/// the longest window a rule may ask for, without leaving the range of an int64.
inline constexpr Time kLatestReadable{5'680'281'600 * kSecond};

/// The start of the `width` bucket that contains `t` (floor, also before 1970).
Time bucket_start(Time t, DurationNs width);

/// Reads RFC 3339 with 0-9 fractional digits and `Z` or an offset. Nothing but the date-time may be
/// present. Also accepts a space for the `T`, "20131102T010628Z", and a missing zone (taken as
/// UTC). Times before 1970 and after kLatestReadable are refused.
std::optional<Time> parse_rfc3339(std::string_view text);

/// Reads an epoch number whose unit is told by its magnitude: below 1e11 seconds, below 1e14
/// milliseconds, below 1e17 microseconds, else nanoseconds. A fraction is kept for seconds. Times
/// before 1970 and after kLatestReadable are refused.
std::optional<Time> parse_epoch(std::string_view digits);

/// Either of the two above: what a JSON number or string of unknown writer may hold.
std::optional<Time> parse_time(std::string_view text);

/// "2024-03-04T14:15:33Z"; the fraction is written only when it is not zero, without trailing
/// zeros.
std::string to_rfc3339(Time t);

/// "14:15:33" of the UTC day.
std::string to_clock(Time t);

/// "2024-03-04" of the UTC day.
std::string to_date(Time t);

/// For people: "45 s", "15 min", "3 h 05 min", "2 d 4 h".
std::string to_human(DurationNs duration);
/// The same between two moments that are shown by the minute: the difference of what is shown.
std::string to_human(Time first, Time last);

}  // namespace davy
