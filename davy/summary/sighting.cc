// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/sighting.h"

#include <algorithm>
#include <utility>

namespace davy::summary {

void keep_earliest(std::vector<Evidence>& kept, event::RecordRef ref, std::string_view record_id,
                   Time time) {
  const auto before = [](const Evidence& a, const std::pair<Time, std::string_view>& b) {
    return a.time != b.first ? a.time < b.first : a.record_id < b.second;
  };
  const auto place = std::lower_bound(kept.begin(), kept.end(), std::pair(time, record_id), before);
  if (place == kept.end() && kept.size() == kMaxEvidence) return;
  if (place != kept.end() && place->time == time && place->record_id == record_id) {
    place->ref = std::min(place->ref, ref);
    return;
  }
  kept.insert(place, {ref, std::string(record_id), time});
  if (kept.size() > kMaxEvidence) kept.pop_back();
}

namespace {

/// What a vendor reports later than it happened is known when he reports it.
Time known_at(const event::Event& event) {
  const bool reported = event.finding != nullptr && event.finding->reported.known();
  return reported ? std::max(event.time, event.finding->reported) : event.end;
}

}  // namespace

void Sighting::add(const event::Event& event, std::string_view record_id) {
  if (event.time.known()) {
    first = std::min(first, event.time);
    last = std::max(last, event.end);
    known = std::min(known, known_at(event));
  }
  records.add(event.key);
  keep_earliest(evidence, event.ref, record_id, event.time);
}

void Sighting::merge(const Sighting& other) {
  first = std::min(first, other.first);
  last = std::max(last, other.last);
  known = std::min(known, other.known);
  records.merge(other.records);
  entities.merge(other.entities);
  indicators.merge(other.indicators);
  for (const Evidence& one : other.evidence)
    keep_earliest(evidence, one);
}

}  // namespace davy::summary
