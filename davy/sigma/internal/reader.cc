// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/reader.h"

#include <set>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/yaml.h"
#include "davy/sigma/internal/value.h"

namespace davy::sigma::internal {

void Reader::add(std::string_view code, Severity severity, const YamlNode& at, std::string message,
                 std::string hint) {
  diagnostics_.push_back({std::string(code), severity, file_, at.line(), at.column(),
                          std::move(message), std::move(hint)});
}

void Reader::refuse(std::string_view code, const YamlNode& at, std::string message,
                    std::string hint) {
  refused_ = true;
  add(code, Severity::kError, at, std::move(message), std::move(hint));
}

void Reader::warn(std::string_view code, const YamlNode& at, std::string message,
                  std::string hint) {
  add(code, Severity::kWarning, at, std::move(message), std::move(hint));
}

bool Reader::spend(const YamlNode& at) {
  if (spent_ > kMaxTestsPerRule) return false;
  if (++spent_ <= kMaxTestsPerRule) return true;
  refuse("DVY-R018", at, fmt::format("the rule has more than {} values", kMaxTestsPerRule));
  return false;
}

const std::vector<std::string>* Reader::placeholder(std::string_view name) const {
  for (const auto& [key, values] : placeholders_) {
    std::string_view bare = key;
    if (bare.size() > 1 && bare.front() == '%' && bare.back() == '%') {
      bare = bare.substr(1, bare.size() - 2);
    }
    if (bare == name) return &values;
  }
  return nullptr;
}

ScalarKind scalar_kind(const YamlNode& node) {
  if (node.is_null()) return ScalarKind::kNull;
  if (node.is_quoted()) return ScalarKind::kString;
  const std::string& text = node.text();
  if (equals_ignore_case(text, "true") || equals_ignore_case(text, "false")) {
    return ScalarKind::kBool;
  }
  return read_number(text) ? ScalarKind::kNumber : ScalarKind::kString;
}

std::optional<std::string> repeated_key(const YamlNode& map) {
  std::set<std::string_view> seen;
  for (const YamlEntry& entry : map.entries()) {
    if (entry.key.is_scalar() && !seen.insert(entry.key.text()).second) {
      return entry.key.text();
    }
  }
  return std::nullopt;
}

}  // namespace davy::sigma::internal
