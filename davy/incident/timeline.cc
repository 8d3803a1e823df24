// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/timeline.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::incident {
namespace {

using detect::Detection;
using DetectionList = std::span<const Detection* const>;

struct Line {
  const Detection* earliest = nullptr;
  size_t subjects = 0;
};

bool earlier(const Detection& a, const Detection& b) {
  return std::tie(a.time, a.id) < std::tie(b.time, b.id);
}

TimelineEntry entry_of(const Line& line) {
  const Detection& first = *line.earliest;
  std::string text = first.title;
  if (line.subjects > 1) text += fmt::format(" and {} more", with_thousands(line.subjects - 1));
  return {first.time, std::move(text), first.stage, first.evidence};
}

}  // namespace

std::vector<StageSpan> stages_of(DetectionList detections) {
  std::array<StageSpan, detect::kStageCount> spans;
  for (const Detection* detection : detections) {
    if (!detection->stage_told) continue;
    StageSpan& span = spans[static_cast<size_t>(detection->stage)];
    span.stage = detection->stage;
    const bool first = !span.first.known() || detection->time < span.first;
    if (detection->time.known() && first) span.first = detection->time;
    span.last = std::max(span.last, detection->end_time);
    span.detections.push_back(detection->id);
  }
  std::vector<StageSpan> present;
  for (StageSpan& span : spans) {
    if (!span.detections.empty()) present.push_back(std::move(span));
  }
  return present;
}

std::vector<TimelineEntry> timeline_of(DetectionList detections) {
  std::map<std::pair<std::string, detect::Claim>, Line> lines;
  std::vector<TimelineEntry> timeline;
  for (const Detection* detection : detections) {
    for (const detect::Moment& moment : detection->moments) {
      timeline.push_back({moment.time, moment.text, detection->stage, {}});
    }
    Line& line = lines[{detection->detector, detection->claim}];
    ++line.subjects;
    if (line.earliest == nullptr || earlier(*detection, *line.earliest)) line.earliest = detection;
  }
  for (const auto& [group, line] : lines)
    timeline.push_back(entry_of(line));
  std::sort(timeline.begin(), timeline.end(), [](const TimelineEntry& a, const TimelineEntry& b) {
    return std::tie(a.time, a.stage, a.text) < std::tie(b.time, b.stage, b.text);
  });
  timeline.erase(std::unique(timeline.begin(), timeline.end(),
                             [](const TimelineEntry& a, const TimelineEntry& b) {
                               return a.time == b.time && a.text == b.text;
                             }),
                 timeline.end());
  return timeline;
}

}  // namespace davy::incident
