// SPDX-License-Identifier: Apache-2.0
// Small text tools that several modules need. ASCII only: log field names, hosts and Sigma's case
// folding are ASCII by definition; anything else passes through untouched.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace davy {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr bool is_ascii_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_ascii_alpha(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
constexpr bool is_ascii_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

std::string to_lower(std::string_view text);
bool equals_ignore_case(std::string_view a, std::string_view b);
bool contains_ignore_case(std::string_view text, std::string_view lower_needle);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The whole of `text` as a decimal integer, else nothing.
template <typename Int = int64_t>
std::optional<Int> parse_int(std::string_view text, int base = 10) {
  Int value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// The whole of `text` as a finite decimal number, else nothing.
std::optional<double> parse_number(std::string_view text);

/// Log text made safe for a terminal or a one-line message: control characters, DEL, C1 controls,
/// bidirectional overrides and invalid UTF-8 become visible "\xNN" escapes; at most `max_bytes` of
/// input are shown, then "…".
std::string printable(std::string_view untrusted, size_t max_bytes = 200);

/// 1536 -> "1.5 KiB". Binary units.
std::string human_bytes(uint64_t bytes);

/// 1234567 -> "1,234,567".
std::string with_thousands(uint64_t number);

/// "$4.20", "$15,432", "$11.2 million"; "not established" when it is no finite number.
std::string usd(double amount);

/// "8 regions", "1 region".
std::string counted(uint64_t n, std::string_view one, std::string_view many);

}  // namespace davy
