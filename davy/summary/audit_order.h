// SPDX-License-Identifier: Apache-2.0
// Whether the Linux audit records that name no machine can all be one machine's.
//
// A kernel numbers its audit records in the order they happen. Those of two machines, or from
// before and after a restart, cross: an earlier record has a higher number. A mergeable summary:
// the lowest and the highest number of each stretch of time.
#pragma once

#include <cstdint>
#include <string_view>

#include "davy/base/bounded_map.h"
#include "davy/base/time.h"
#include "davy/event/event.h"

namespace davy::summary {

/// True for the id of an audit record without node: the bare stamp, "audit(1492752522.985:8972)".
bool is_unnamed_audit_record(std::string_view record_id);

class AuditOrder {
 public:
  void observe(const event::Event& event);
  void merge(const AuditOrder& other) { stretches_.merge(other.stretches_); }

  /// False when numbers cross, and when there are none.
  bool is_of_one_machine() const;

 private:
  struct Stretch {
    int64_t index = 0;  ///< in units of kStretch since the epoch
    uint64_t lowest = UINT64_MAX;
    uint64_t highest = 0;
    void merge(const Stretch& other);
  };

  static constexpr size_t kMaxStretches = 20'000;

  BoundedMap<Stretch> stretches_{kMaxStretches};  ///< by hash of the index
};

}  // namespace davy::summary
