// SPDX-License-Identifier: Apache-2.0
#include "davy/pipeline/logsources_seen.h"

#include <algorithm>

#include "davy/base/text.h"

namespace davy::pipeline {

void LogsourcesSeen::add(size_t format, uint32_t logsources) {
  const std::pair key(format, logsources);
  if (key == last_) return;
  last_ = key;
  seen_.insert(key);
}

bool LogsourcesSeen::is_asked(const sigma::RuleInfo& rule, size_t format,
                              uint32_t logsources) const {
  const auto& of_format = tables_.targets[format].logsources;
  return of_format.empty() || (sigma::logsource_bits(rule, of_format) & logsources) != 0;
}

bool LogsourcesSeen::was_asked(const sigma::RuleInfo& rule) const {
  return std::any_of(seen_.begin(), seen_.end(),
                     [&](const auto& kind) { return is_asked(rule, kind.first, kind.second); });
}

std::string LogsourcesSeen::names() const {
  std::set<std::string> names;
  for (const auto& [format, logsources] : seen_) {
    const auto& of_format = tables_.targets[format].logsources;
    for (size_t i = 0; i < of_format.size(); ++i) {
      if ((logsources >> i & 1) != 0) names.insert(event::to_text(of_format[i]));
    }
  }
  return join({names.begin(), names.end()}, ", ");
}

}  // namespace davy::pipeline
