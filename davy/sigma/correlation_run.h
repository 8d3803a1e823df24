// SPDX-License-Identifier: Apache-2.0
// What a correlation remembers of one group: a set of base-rule matches, mergeable and bounded.
// Internal to davy/sigma.
//
// Per timespan bucket and rule at most `limit` matches are kept as they come. Of more, these are
// kept: the `limit` smallest by a hash of the match, and the first and last match of each of the
// `limit` values that are smallest by hash. Both are functions of the set alone, and taking them of
// parts first does not change what is taken of the whole, so order, threads and duplicates still
// cannot matter. Presence of a rule and up to `limit` distinct values stay exact in every window
// (one timespan touches at most two buckets, from their ends); counts become lower bounds.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "davy/base/hash.h"
#include "davy/base/time.h"
#include "davy/event/event.h"

namespace davy::sigma {

/// One match. `ref`, `record_id` and `attachment` are not part of its identity: of equal matches
/// the smallest ref stays.
struct RunEntry {
  Time time;
  Hash128 key;           ///< the record
  uint16_t member = 0;   ///< position of the rule in the correlation's list
  uint16_t ordinal = 0;  ///< position of the value in a field with many; 0 for counted values
  uint64_t value = 0;    ///< hash of the counted value, or the bits of a double
  event::RecordRef ref;
  std::string record_id = {};
  std::shared_ptr<const void> attachment = {};  ///< see Attachment; not compared

  bool operator==(const RunEntry& other) const { return (*this <=> other) == 0; }
  std::strong_ordering operator<=>(const RunEntry& other) const;
};

bool same_match(const RunEntry& a, const RunEntry& b);

struct RunLimits {
  DurationNs bucket = 0;  ///< the timespan
  size_t limit = 0;
  bool by_value = false;  ///< `value` tells distinct values apart (value_count)
};

class CorrelationRun {
 public:
  void add(const RunEntry& entry, const RunLimits& limits);
  void merge(CorrelationRun&& other, const RunLimits& limits);

  /// The matches in order, each once.
  std::vector<RunEntry> finished(const RunLimits& limits) const;

  /// True when a bucket held more than the limit. As lawful as the entries are.
  bool overflowed(const RunLimits& limits) const;

 private:
  void compact_when_grown(const RunLimits& limits);

  std::vector<RunEntry> entries_;
  size_t compacted_ = 0;  ///< size after the last compaction; 0 entries need none
  bool dirty_ = false;
  bool overflowed_ = false;
};

}  // namespace davy::sigma
