// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/audit_order.h"

#include <algorithm>
#include <string>
#include <vector>

#include "davy/base/hash.h"
#include "davy/base/text.h"

namespace davy::summary {
namespace {

/// A call is stamped when it begins and numbered when it ends: within one stretch and into the next
/// numbers may cross. Starting a program takes no longer.
constexpr DurationNs kStretch = 10 * kSecond;

}  // namespace

bool is_unnamed_audit_record(std::string_view record_id) {
  return record_id.starts_with("audit(");
}

void AuditOrder::Stretch::merge(const Stretch& other) {
  index = other.index;
  lowest = std::min(lowest, other.lowest);
  highest = std::max(highest, other.highest);
}

void AuditOrder::observe(const event::Event& event) {
  // Connections may take minutes; what auditd says of itself has numbers of its own.
  const bool starts = event.process != nullptr && event.process->started;
  if (!starts || !event.time.known() || !is_unnamed_audit_record(event.record_id)) return;
  const std::string_view stamp = event.record_id.substr(0, event.record_id.rfind(')'));
  const auto number = parse_int<uint64_t>(stamp.substr(stamp.rfind(':') + 1));
  if (!number) return;
  const int64_t index = event.time.ns / kStretch;
  if (Stretch* const stretch = stretches_.at(hash64(std::to_string(index))))
    stretch->merge({index, *number, *number});
}

bool AuditOrder::is_of_one_machine() const {
  std::vector<Stretch> order;
  for (const auto& [key, stretch] : stretches_)
    order.push_back(stretch);
  std::sort(order.begin(), order.end(),
            [](const Stretch& a, const Stretch& b) { return a.index < b.index; });
  uint64_t before = 0;  // highest number of the stretches that are over
  size_t over = 0;
  for (const Stretch& stretch : order) {
    for (; order[over].index + 1 < stretch.index; ++over)
      before = std::max(before, order[over].highest);
    if (stretch.lowest < before) return false;
  }
  return !order.empty();
}

}  // namespace davy::summary
