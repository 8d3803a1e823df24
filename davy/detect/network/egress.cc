// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/egress.h"

#include <algorithm>

namespace davy::detect {
namespace {

/// Bytes divided by a number in (0, 1] that the hash decides.
double priority(const EgressCell::Record& record) {
  const double uniform = (static_cast<double>(record.hash >> 11) + 1) * 0x1p-53;
  return static_cast<double>(record.bytes) / uniform;
}

bool lower(const EgressCell::Record& a, const EgressCell::Record& b) {
  const double left = priority(a);
  const double right = priority(b);
  return left != right ? left < right : a.hash < b.hash;
}

}  // namespace

void EgressCell::add(const RecordMark& record, uint64_t bytes) {
  add_sample({record.key, bytes});
  add_largest(record, bytes);
}

void EgressCell::add_largest(const RecordMark& record, uint64_t bytes) {
  if (bytes < largest_bytes || (bytes == largest_bytes && !(record < largest))) return;
  largest = record;
  largest_bytes = bytes;
}

void EgressCell::add_sample(Record added) {
  const bool full = records.size() == kExact + 1;
  if (full && priority(added) < lowest_priority) return;
  for (const Record& held : records) {
    if (held.hash == added.hash) return;
  }
  records.push_back(added);
  if (records.size() > kExact + 1) {
    *std::min_element(records.begin(), records.end(), lower) = records.back();
    records.pop_back();
  }
  if (records.size() == kExact + 1) {
    lowest_priority = priority(*std::min_element(records.begin(), records.end(), lower));
  }
}

void EgressCell::merge(const EgressCell& other) {
  for (const Record& record : other.records)
    add_sample(record);
  if (other.largest.time.known()) add_largest(other.largest, other.largest_bytes);
}

double EgressCell::bytes() const {
  std::vector<double> parts;  // summed smallest first, so that order of arrival cannot show
  parts.reserve(records.size());
  for (const Record& record : records) {
    const auto bytes = static_cast<double>(record.bytes);
    parts.push_back(exact() ? bytes : std::max(bytes, lowest_priority));
  }
  std::sort(parts.begin(), parts.end());
  double sum = 0;
  for (const double part : parts)
    sum += part;
  // The record of lowest priority only sets the threshold that stands for the unseen ones.
  return exact() ? sum : sum - lowest_priority;
}

}  // namespace davy::detect
