// SPDX-License-Identifier: Apache-2.0
#include "davy/base/text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace davy {
namespace {

/// Length of the valid UTF-8 sequence at the start of `s`, or 0; `code` receives the code point.
size_t utf8_sequence(std::string_view s, uint32_t& code) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    code = lead;
    return 1;
  }
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || s.size() < length) return 0;
  code = lead & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
  return length;
}

/// Characters that can move the cursor, hide text or reverse its order on a terminal or page.
bool is_deceptive(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), ascii_lower);
  return lower;
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return ascii_lower(x) == ascii_lower(y);
         });
}

bool contains_ignore_case(std::string_view text, std::string_view lower_needle) {
  const auto found = std::search(text.begin(), text.end(), lower_needle.begin(), lower_needle.end(),
                                 [](char x, char y) { return ascii_lower(x) == y; });
  return found != text.end() || lower_needle.empty();
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_ascii_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_ascii_space(text.back()))
    text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::optional<double> parse_number(std::string_view text) {
  double value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::string printable(std::string_view untrusted, size_t max_bytes) {
  const bool cut = untrusted.size() > max_bytes;
  std::string_view rest = untrusted.substr(0, max_bytes);
  std::string safe;
  safe.reserve(rest.size());
  while (!rest.empty()) {
    uint32_t code = 0;
    const size_t length = utf8_sequence(rest, code);
    if (length > 0 && !is_deceptive(code)) {
      safe.append(rest.substr(0, length));
      rest.remove_prefix(length);
      continue;
    }
    const size_t bad = std::max<size_t>(length, 1);
    for (size_t i = 0; i < bad; ++i) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(rest[i]));
    }
    rest.remove_prefix(bad);
  }
  if (cut) safe += "\u2026";
  return safe;
}

std::string human_bytes(uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  constexpr std::string_view kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string with_thousands(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

std::string counted(uint64_t n, std::string_view one, std::string_view many) {
  return with_thousands(n) + ' ' + std::string(n == 1 ? one : many);
}

}  // namespace davy
