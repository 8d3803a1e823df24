// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/line_start.h"

#include <algorithm>
#include <iterator>

#include "davy/base/text.h"

namespace davy::decode {
namespace {

/// Longest prefix that is looked at: syslog heads with structured data are the longest.
constexpr size_t kLongestPrefix = 512;

/// Matches `text` against a pattern in which '0' is any digit; returns what follows, or npos.
size_t matches(std::string_view text, std::string_view pattern) {
  if (text.size() < pattern.size()) return std::string_view::npos;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const bool same = pattern[i] == '0' ? is_ascii_digit(text[i]) : text[i] == pattern[i];
    if (!same) return std::string_view::npos;
  }
  return pattern.size();
}

/// The length of "2024-03-04T12:00:00.000Z", whatever its fraction and offset; 0 when there is
/// none.
size_t iso_time(std::string_view text) {
  if (matches(text, "0000-00-00T00:00:00") == std::string_view::npos &&
      matches(text, "0000-00-00 00:00:00") == std::string_view::npos) {
    return 0;
  }
  constexpr size_t kToSeconds = 19;
  const std::string_view rest = text.substr(kToSeconds);
  return kToSeconds + std::min(rest.find_first_not_of("0123456789.,:+-Z"), rest.size());
}

/// The length of "Mar  4 12:00:00"; 0 when there is none.
size_t syslog_time(std::string_view text) {
  constexpr std::string_view kMonths[] = {"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ",
                                          "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "};
  if (std::find(std::begin(kMonths), std::end(kMonths), text.substr(0, 4)) == std::end(kMonths)) {
    return 0;
  }
  for (const std::string_view day : {"00 00:00:00", " 0 00:00:00", "0 00:00:00"}) {
    if (const size_t end = matches(text.substr(4), day); end != std::string_view::npos) {
      return 4 + end;
    }
  }
  return 0;
}

/// Takes "<134>" off, and the version of RFC 5424 behind it.
void skip_priority(std::string_view& text) {
  if (!text.starts_with('<')) return;
  const size_t close = text.substr(0, 5).find('>');
  if (close == std::string_view::npos) return;
  text.remove_prefix(close + 1);
  if (text.starts_with("1 ")) text.remove_prefix(2);
}

/// Not the quote of a field of CSV.
bool is_word(std::string_view text) {
  return text.find('"') == std::string_view::npos;
}

bool is_prefix(std::string_view text) {
  skip_priority(text);
  const size_t iso = iso_time(text);
  const size_t time = iso != 0 ? iso : syslog_time(text);
  const std::string_view rest = trim(text.substr(time));
  if (time == 0) return rest.ends_with("]:") && rest.find(' ') == std::string_view::npos;
  if (rest.empty() || rest.ends_with(':')) return true;
  const auto words = std::count(rest.begin(), rest.end(), ' ') + 1;
  if (is_head_of_printed(text)) return true;
  // "stream {" of a tailed log group; "host program id message-id structured-data {" of RFC 5424.
  return iso != 0 && ((words == 1 && is_word(rest)) ||
                      (words >= 5 && (rest.ends_with('-') || rest.ends_with(']'))));
}

}  // namespace

JsonStart json_start(std::string_view text) {
  if (text.empty()) return JsonStart::kUndecided;
  if (text[0] != '{' && text[0] != '[') return JsonStart::kNo;
  const auto next = std::find_if_not(text.begin() + 1, text.end(), is_ascii_space);
  if (next == text.end()) return JsonStart::kUndecided;
  return *next == (text[0] == '{' ? '"' : '{') ? JsonStart::kYes : JsonStart::kNo;
}

size_t json_prefix(std::string_view line) {
  const size_t brace = line.substr(0, kLongestPrefix).find('{');
  if (brace == std::string_view::npos || brace == 0) return 0;
  if (json_start(line.substr(brace)) == JsonStart::kNo) return 0;
  return is_prefix(line.substr(0, brace)) ? brace : 0;
}

bool is_head_of_printed(std::string_view before) {
  if (!before.ends_with(' ')) return false;  // what begins its line has no head
  before = trim(before);
  return before.ends_with(" stdout F") || before.ends_with(" stderr F");
}

Remnant remnant_of(std::string_view line) {
  const size_t time = iso_time(line);
  if (time == 0) return Remnant::kNone;
  const std::string_view rest = trim(line.substr(time));
  if (rest.empty()) return Remnant::kEmpty;
  const bool part = rest.starts_with("stdout P ") || rest.starts_with("stderr P ");
  return part ? Remnant::kPart : Remnant::kNone;
}

}  // namespace davy::decode
