// SPDX-License-Identifier: Apache-2.0
#include "davy/base/text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "davy/base/utf8.h"

namespace davy {
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
    const CodePoint point = next_code_point(rest);
    const std::string_view bytes = rest.substr(0, point.bytes);
    if (point.valid && !is_deceptive(point.code)) {
      safe += bytes;
    } else {
      for (const char byte : bytes)
        safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
    rest.remove_prefix(point.bytes);
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

std::string usd(double amount) {
  if (!std::isfinite(amount)) return "not established";
  const std::string_view sign = amount < 0 ? "-" : "";
  const double size = std::abs(amount);
  if (size < 99.995) return fmt::format("{}${:.2f}", sign, size);
  if (size < 999'999.5) {
    return fmt::format("{}${}", sign, with_thousands(static_cast<uint64_t>(std::llround(size))));
  }
  return fmt::format("{}${:.1f} million", sign, size / 1e6);
}

std::string counted(uint64_t n, std::string_view one, std::string_view many) {
  return with_thousands(n) + ' ' + std::string(n == 1 ? one : many);
}

}  // namespace davy
