// SPDX-License-Identifier: Apache-2.0
#include "davy/report/json.h"

namespace davy::report {

std::string to_jsonl(const ScanReport& report) {
  std::string lines;
  const auto add = [&](const auto& items) {
    for (const auto& item : items)
      lines += json_line(item, report) + '\n';
  };
  add(report.incidents);
  add(report.suppressed);
  add(report.detections);
  return lines;
}

}  // namespace davy::report
