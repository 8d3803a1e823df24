// SPDX-License-Identifier: Apache-2.0
#include "davy/base/time.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy {
namespace {

/// Two digits at `p`, or -1.
int two_digits(const char* p) {
  if (!is_ascii_digit(p[0]) || !is_ascii_digit(p[1])) return -1;
  return (p[0] - '0') * 10 + (p[1] - '0');
}

int64_t days_from_civil(int year, unsigned month, unsigned day) {
  const std::chrono::sys_days days{std::chrono::year{year} / std::chrono::month{month} /
                                   std::chrono::day{day}};
  return days.time_since_epoch().count();
}

int days_of_month(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::optional<Time> from_parts(int year, int month, int day, int hour, int minute, int second) {
  if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month)) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
    return std::nullopt;
  }
  // Wider than what is accepted, for the zone is not known yet; the nanoseconds fit an int64.
  if (year < 1969 || year > 2150) return std::nullopt;
  const int64_t days =
      days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  const int64_t seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
  return Time{seconds * kSecond};
}

std::optional<Time> in_range(Time t) {
  if (t < Time{} || t > kLatestReadable) return std::nullopt;
  return t;
}

/// `count` units of `unit` nanoseconds since 1970.
std::optional<Time> from_count(int64_t count, DurationNs unit) {
  if (count < 0 || count > kLatestReadable.ns / unit) return std::nullopt;
  return Time{count * unit};
}

/// "20131102T010628Z", the compact form some AWS services use.
std::optional<Time> parse_compact(std::string_view s) {
  if (s.size() != 16 || s[8] != 'T' || s[15] != 'Z') return std::nullopt;
  const char* p = s.data();
  const int century = two_digits(p);
  const int year = two_digits(p + 2);
  if (century < 0 || year < 0) return std::nullopt;
  const auto time = from_parts(century * 100 + year, two_digits(p + 4), two_digits(p + 6),
                               two_digits(p + 9), two_digits(p + 11), two_digits(p + 13));
  return time ? in_range(*time) : std::nullopt;
}

/// The zone part: empty (UTC), "Z", "UTC", "+hh:mm", "+hhmm" or "+hh". Returns its offset in ns.
std::optional<DurationNs> parse_zone(std::string_view zone) {
  if (zone.empty() || zone == "Z" || zone == "z" || zone == " UTC" || zone == "UTC") return 0;
  if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
  const DurationNs sign = zone[0] == '-' ? -1 : 1;
  zone.remove_prefix(1);
  if (zone.size() < 2) return std::nullopt;
  const int hours = two_digits(zone.data());
  zone.remove_prefix(2);
  if (!zone.empty() && zone[0] == ':') zone.remove_prefix(1);
  int minutes = 0;
  if (zone.size() == 2) {
    minutes = two_digits(zone.data());
  } else if (!zone.empty()) {
    return std::nullopt;
  }
  if (hours < 0 || minutes < 0) return std::nullopt;
  return sign * (hours * kHour + minutes * kMinute);
}

}  // namespace

Time bucket_start(Time t, DurationNs width) {
  int64_t quotient = t.ns / width;
  if (t.ns % width < 0) --quotient;
  return {quotient * width};
}

std::optional<Time> parse_rfc3339(std::string_view s) {
  if (s.size() < 19) return parse_compact(s);
  const char* p = s.data();
  if (p[4] != '-' || p[7] != '-' || (p[10] != 'T' && p[10] != 't' && p[10] != ' ') ||
      p[13] != ':' || p[16] != ':') {
    return std::nullopt;
  }
  const int century = two_digits(p);
  const int year = two_digits(p + 2);
  if (century < 0 || year < 0) return std::nullopt;
  auto time = from_parts(century * 100 + year, two_digits(p + 5), two_digits(p + 8),
                         two_digits(p + 11), two_digits(p + 14), two_digits(p + 17));
  if (!time) return std::nullopt;

  std::string_view rest = s.substr(19);
  if (!rest.empty() && (rest[0] == '.' || rest[0] == ',')) {
    rest.remove_prefix(1);
    int64_t scale = kSecond / 10;
    size_t digits = 0;
    while (digits < rest.size() && is_ascii_digit(rest[digits])) {
      time->ns += (rest[digits] - '0') * scale;
      scale /= 10;
      ++digits;
    }
    if (digits == 0) return std::nullopt;
    rest.remove_prefix(digits);
  }
  const auto offset = parse_zone(rest);
  if (!offset) return std::nullopt;
  return in_range(*time - *offset);
}

std::optional<Time> parse_epoch(std::string_view digits) {
  if (const auto whole = parse_int<int64_t>(digits)) {
    if (*whole < 100'000'000'000) return from_count(*whole, kSecond);
    if (*whole < 100'000'000'000'000) return from_count(*whole, 1'000'000);
    if (*whole < 100'000'000'000'000'000) return from_count(*whole, 1'000);
    return from_count(*whole, 1);
  }
  const auto number = parse_number(digits);
  if (!number || !(*number >= 0 && *number <= 9e9)) return std::nullopt;
  return in_range({std::llround(*number * 1e9)});
}

std::optional<Time> parse_time(std::string_view text) {
  if (auto time = parse_rfc3339(text)) return time;
  return parse_epoch(text);
}

std::string to_rfc3339(Time t) {
  const Time day = bucket_start(t, kDay);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day.ns / kDay}}};
  const int64_t in_day = t.ns - day.ns;
  std::string text = fmt::format("{:04}-{:02}-{:02}T{}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), to_clock(t));
  if (const int64_t fraction = in_day % kSecond; fraction != 0) {
    std::string digits = fmt::format(".{:09}", fraction);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += digits;
  }
  return text + "Z";
}

std::string to_clock(Time t) {
  const int64_t seconds = (t.ns - bucket_start(t, kDay).ns) / kSecond;
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string to_date(Time t) {
  return to_rfc3339(bucket_start(t, kDay)).substr(0, 10);
}

std::string to_human(DurationNs duration) {
  const int64_t seconds = duration / kSecond;
  if (seconds < 0) return "-" + to_human(-duration);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 86400) return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

std::string to_human(Time first, Time last) {
  if (last - first < kMinute) return to_human(last - first);
  return to_human(bucket_start(last, kMinute) - bucket_start(first, kMinute));
}

}  // namespace davy
