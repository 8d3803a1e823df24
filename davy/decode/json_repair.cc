// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_repair.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/utf8.h"
#include "davy/decode/format.h"

namespace davy::decode {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// Appends the strings of a document with what cannot be read replaced.
class Repairer {
 public:
  explicit Repairer(std::string_view json) : rest_(json) { out_.reserve(json.size() + 16); }

  /// Empty when nothing was replaced.
  const std::string& repaired() {
    while (!rest_.empty())
      in_string_ ? string_part() : outside();
    if (!changed_) out_.clear();
    return out_;
  }

 private:
  void keep(size_t count) {
    out_.append(rest_.substr(0, count));
    rest_.remove_prefix(std::min(count, rest_.size()));
  }

  void replace(size_t count, std::string_view by) {
    out_.append(by);
    rest_.remove_prefix(count);
    changed_ = true;
  }

  void outside() {
    const size_t quote = rest_.find('"');
    in_string_ = quote != std::string_view::npos;
    keep(in_string_ ? quote + 1 : rest_.size());
  }

  void string_part() {
    const auto byte = static_cast<unsigned char>(rest_[0]);
    if (byte == '"') {
      in_string_ = false;
      keep(1);
    } else if (byte == '\\') {
      escape();
    } else if (byte < 0x20) {
      replace(1, fmt::format("\\u{:04x}", byte));
    } else if (byte < 0x80) {
      keep(1);
    } else {
      const CodePoint point = next_code_point(rest_);
      point.valid ? keep(point.bytes) : replace(point.bytes, kReplacement);
    }
  }

  void escape() {
    constexpr std::string_view kSimple = "\"\\/bfnrt";
    if (rest_.size() > 1 && kSimple.find(rest_[1]) != std::string_view::npos) return keep(2);
    const auto unit = unit_at(0);
    if (!unit) return replace(rest_.size() > 1 && rest_[1] == 'u' ? 2 : 1, kReplacement);
    const bool high = *unit >= 0xd800 && *unit < 0xdc00;
    const bool low = *unit >= 0xdc00 && *unit < 0xe000;
    if (!high && !low) return keep(kUnitSize);
    const auto next = high ? unit_at(kUnitSize) : std::nullopt;
    if (next && *next >= 0xdc00 && *next < 0xe000) return keep(2 * kUnitSize);
    replace(kUnitSize, kReplacement);
  }

  /// The code unit of the "\uXXXX" at `at`.
  std::optional<uint32_t> unit_at(size_t at) const {
    if (at + kUnitSize > rest_.size() || rest_[at] != '\\' || rest_[at + 1] != 'u') {
      return std::nullopt;
    }
    const std::string_view digits = rest_.substr(at + 2, 4);
    return digits[0] == '-' ? std::nullopt : parse_int<uint32_t>(digits, 16);
  }

  static constexpr size_t kUnitSize = 6;
  std::string_view rest_;
  std::string out_;
  bool in_string_ = false;
  bool changed_ = false;
};

}  // namespace

std::string_view repair_json_text(std::string_view json, Arena& arena) {
  Repairer repairer(json);
  const std::string& text = repairer.repaired();
  if (text.empty()) return {};
  char* const padded = arena.allocate(text.size() + RawRecord::kPadding);
  text.copy(padded, text.size());
  std::memset(padded + text.size(), 0, RawRecord::kPadding);
  return {padded, text.size()};
}

}  // namespace davy::decode
