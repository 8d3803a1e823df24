// SPDX-License-Identifier: Apache-2.0
// The top level of one JSON record, for recognition: which keys it has and what their scalar values
// are. Built only when the format of a record is not the one expected.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace davy::decode {

class JsonShape {
 public:
  explicit JsonShape(std::vector<std::pair<std::string_view, std::string_view>> members)
      : members_(std::move(members)) {}

  bool has(std::string_view key) const { return !raw(key).empty(); }

  template <typename... Keys>
  bool has_all(Keys... keys) const {
    return (has(keys) && ...);
  }

  /// The value as written in JSON; empty when absent. Objects and arrays start with '{' and '['.
  std::string_view raw(std::string_view key) const {
    for (const auto& [name, value] : members_) {
      if (name == key) return value;
    }
    return {};
  }

  /// The string value without its quotes (escapes as written); empty when absent or no string.
  std::string_view text(std::string_view key) const {
    const std::string_view value = raw(key);
    return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2)
                                                     : std::string_view{};
  }

  bool is_object(std::string_view key) const { return raw(key).substr(0, 1) == "{"; }
  bool is_array(std::string_view key) const { return raw(key).substr(0, 1) == "["; }
  bool is_string(std::string_view key) const { return raw(key).substr(0, 1) == "\""; }
  bool empty() const { return members_.empty(); }
  /// Keys and values, in record order.
  const std::vector<std::pair<std::string_view, std::string_view>>& members() const {
    return members_;
  }

 private:
  std::vector<std::pair<std::string_view, std::string_view>> members_;
};

}  // namespace davy::decode
