// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/csv.h"

#include "davy/base/text.h"

namespace davy::intel {

std::vector<std::string> split_csv_line(std::string_view line, char separator) {
  std::vector<std::string> fields;
  std::string field;
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      field += line[i++];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == separator && !quoted) {
      fields.emplace_back(trim(field));
      field.clear();
    } else {
      field += line[i];
    }
  }
  fields.emplace_back(trim(field));
  return fields;
}

}  // namespace davy::intel
