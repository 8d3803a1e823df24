// SPDX-License-Identifier: Apache-2.0
#include "davy/event/logsource.h"

#include <vector>

#include "davy/base/text.h"

namespace davy::event {

std::string to_text(const Logsource& logsource) {
  std::vector<std::string> parts;
  for (const std::string_view part : {logsource.product, logsource.service, logsource.category}) {
    if (!part.empty()) parts.emplace_back(part);
  }
  return join(parts, "/");
}

}  // namespace davy::event
