// SPDX-License-Identifier: Apache-2.0
// Writes JSON in the key order AWS uses, without a document tree.
//
//   Object().text("name", trail).number("count", 3).done()  ->  {"name":"…","count":3}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace davy::simulate {

/// `text` as a JSON string with its quotes.
std::string quoted(std::string_view text);

class Object {
 public:
  Object& text(std::string_view key, std::string_view value);
  /// `json` is written as it stands: an object, a list, true, null.
  Object& raw(std::string_view key, std::string_view json);
  Object& number(std::string_view key, int64_t value);
  std::string done() { return std::move(body_) + '}'; }

 private:
  void add_key(std::string_view key);
  std::string body_ = "{";
};

/// [a,b]
std::string list(const std::vector<std::string>& values);
/// ["a","b"]
std::string text_list(const std::vector<std::string>& texts);
/// EC2's way to write a list: {"items":[a,b]}, and {} when it is empty.
std::string items(const std::vector<std::string>& values);

}  // namespace davy::simulate
