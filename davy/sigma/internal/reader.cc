// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/reader.h"

#include <set>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "davy/base/text.h"
#include "davy/sigma/internal/value.h"

namespace davy::sigma::internal {

void Reader::add(std::string_view code, Severity severity, const YAML::Node& at,
                 std::string message, std::string hint) {
  const YAML::Mark mark = at.IsDefined() ? at.Mark() : YAML::Mark::null_mark();
  diagnostics_.push_back({std::string(code), severity, file_, mark.line + 1, mark.column + 1,
                          std::move(message), std::move(hint)});
}

void Reader::refuse(std::string_view code, const YAML::Node& at, std::string message,
                    std::string hint) {
  refused_ = true;
  add(code, Severity::kError, at, std::move(message), std::move(hint));
}

void Reader::warn(std::string_view code, const YAML::Node& at, std::string message,
                  std::string hint) {
  add(code, Severity::kWarning, at, std::move(message), std::move(hint));
}

bool Reader::spend(const YAML::Node& at) {
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

ScalarKind scalar_kind(const YAML::Node& node) {
  if (node.IsNull()) return ScalarKind::kNull;
  if (node.Tag() == "!") return ScalarKind::kString;
  const std::string& text = node.Scalar();
  if (equals_ignore_case(text, "true") || equals_ignore_case(text, "false")) {
    return ScalarKind::kBool;
  }
  return read_number(text) ? ScalarKind::kNumber : ScalarKind::kString;
}

std::optional<std::string> repeated_key(const YAML::Node& map) {
  std::set<std::string> seen;
  for (const auto& entry : map) {
    if (entry.first.IsScalar() && !seen.insert(entry.first.Scalar()).second) {
      return entry.first.Scalar();
    }
  }
  return std::nullopt;
}

}  // namespace davy::sigma::internal
