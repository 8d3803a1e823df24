// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/json_text.h"

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::simulate {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

void Object::add_key(std::string_view key) {
  if (body_.size() > 1) body_ += ',';
  body_ += '"';
  body_ += key;
  body_ += "\":";
}

Object& Object::text(std::string_view key, std::string_view value) {
  add_key(key);
  body_ += quoted(value);
  return *this;
}

Object& Object::raw(std::string_view key, std::string_view json) {
  add_key(key);
  body_ += json;
  return *this;
}

Object& Object::number(std::string_view key, int64_t value) {
  add_key(key);
  body_ += fmt::format("{}", value);
  return *this;
}

std::string list(const std::vector<std::string>& values) {
  return '[' + join(values, ",") + ']';
}

std::string text_list(const std::vector<std::string>& texts) {
  std::vector<std::string> values;
  values.reserve(texts.size());
  for (const std::string& text : texts)
    values.push_back(quoted(text));
  return list(values);
}

std::string items(const std::vector<std::string>& values) {
  return values.empty() ? "{}" : Object().raw("items", list(values)).done();
}

}  // namespace davy::simulate
