// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/egress.h"

#include <algorithm>

namespace davy::detect {
namespace {

/// Bytes divided by a number in (0, 1] that the hash decides.
double priority(uint64_t hash, uint64_t bytes) {
  const double uniform = (static_cast<double>(hash >> 11) + 1) * 0x1p-53;
  return static_cast<double>(bytes) / uniform;
}

/// Heap order that puts the lowest priority in front.
bool above(const EgressCell::Record& a, const EgressCell::Record& b) {
  return a.priority != b.priority ? a.priority > b.priority : a.hash > b.hash;
}

}  // namespace

void EgressCell::add(const RecordMark& record, uint64_t bytes) {
  add_sample({record.key, bytes, priority(record.key, bytes)});
  add_largest(record, bytes);
}

void EgressCell::add_largest(const RecordMark& record, uint64_t bytes) {
  if (bytes < largest_bytes || (bytes == largest_bytes && !(record < largest))) return;
  largest = record;
  largest_bytes = bytes;
}

void EgressCell::add_sample(const Record& added) {
  const bool full = records.size() == kExact + 1;
  if (full && !above(added, records.front())) return;
  for (const Record& held : records) {
    if (held.hash == added.hash) return;
  }
  if (full) {
    std::pop_heap(records.begin(), records.end(), above);
    records.back() = added;
    std::push_heap(records.begin(), records.end(), above);
    return;
  }
  records.push_back(added);
  if (records.size() == kExact + 1) std::make_heap(records.begin(), records.end(), above);
}

void EgressCell::merge(const EgressCell& other) {
  for (const Record& record : other.records)
    add_sample(record);
  if (other.largest.time.known()) add_largest(other.largest, other.largest_bytes);
}

double EgressCell::bytes() const {
  const double lowest = exact() ? 0 : records.front().priority;
  std::vector<double> parts;  // summed smallest first, so that order of arrival cannot show
  parts.reserve(records.size());
  for (const Record& record : records) {
    parts.push_back(std::max(static_cast<double>(record.bytes), lowest));
  }
  std::sort(parts.begin(), parts.end());
  double sum = 0;
  for (const double part : parts)
    sum += part;
  // The record of lowest priority only sets the threshold that stands for the unseen ones.
  return sum - lowest;
}

}  // namespace davy::detect
