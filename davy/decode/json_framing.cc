// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_framing.h"

#include "davy/base/text.h"
#include "davy/decode/json_brackets.h"

namespace davy::decode {

void cut_values(std::string_view line, CutResult& result) {
  result.clear();
  size_t at = 0;
  while (at < line.size()) {
    const size_t length =
        line[at] == '{' ? find_value_end(line.substr(at), 0) : std::string_view::npos;
    if (length == std::string_view::npos) {
      result.rejects.push_back({at, "text after a JSON value"});
      break;
    }
    result.records.push_back({at, length});
    at += length;
    while (at < line.size() && static_cast<unsigned char>(line[at]) <= ' ')
      ++at;
  }
  result.consumed = line.size();
}

bool begins_like_json(std::string_view text) {
  if (text.starts_with('{')) return true;
  if (!text.starts_with('[')) return false;
  const std::string_view inside = trim(text.substr(1));
  return inside.empty() || inside[0] == '{' || inside[0] == ']' || inside[0] == '[';
}

}  // namespace davy::decode
