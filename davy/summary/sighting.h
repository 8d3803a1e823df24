// SPDX-License-Identifier: Apache-2.0
// What most detectors remember of one thing seen again and again: when, how often, who and what was
// involved, and the records to cite. A mergeable summary of bounded size.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/bounded_set.h"
#include "davy/base/time.h"
#include "davy/event/entity.h"
#include "davy/event/event.h"
#include "davy/summary/distinct.h"
#include "davy/summary/indicator.h"

namespace davy::summary {

/// One cited record.
struct Evidence {
  event::RecordRef ref;
  std::string record_id;
  Time time;

  auto operator<=>(const Evidence&) const = default;
};

inline constexpr size_t kMaxEvidence = 10;

/// Inserts into a list kept sorted by (time, record id) and bounded by kMaxEvidence; the same
/// record keeps its smallest place. Any insertion order gives the same list.
void keep_earliest(std::vector<Evidence>& kept, event::RecordRef ref, std::string_view record_id,
                   Time time);
inline void keep_earliest(std::vector<Evidence>& kept, const Evidence& evidence) {
  keep_earliest(kept, evidence.ref, evidence.record_id, evidence.time);
}

struct Sighting {
  Time first = kEndOfTime;  ///< of the records that state a time
  Time last;
  Time known = kEndOfTime;  ///< when the first of the records was there: one of them suffices
  Distinct records;
  BoundedSet<event::Entity, &event::Entity::type, &event::Entity::id> entities;
  BoundedSet<Indicator, &Indicator::type, &Indicator::value> indicators;
  std::vector<Evidence> evidence;  ///< see keep_earliest

  /// Time, count and evidence of a record; `record_id` is what evidence cites.
  void add(const event::Event& event, std::string_view record_id);
  void merge(const Sighting& other);

  /// True when entities or indicators had to be left out.
  bool cut() const { return entities.cut() || indicators.cut(); }
};

}  // namespace davy::summary
