// SPDX-License-Identifier: Apache-2.0
// Bytes a workload sent to the internet in one hour, as a sum that duplicates cannot inflate.
//
// A plain sum is not idempotent. This keeps the records of highest priority (bytes over a uniform
// number drawn from the record's hash; Duffield, Lund and Thorup's priority sampling): the same
// record has the same priority wherever it is read. Up to kExact records the sum is exact, beyond
// it is an unbiased estimate with relative standard error at most 1 / sqrt(kExact - 1) = 13 %.
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "davy/base/hash.h"
#include "davy/detect/network/address.h"
#include "davy/detect/network/flow_cell.h"

namespace davy::detect {

struct EgressCell {
  struct Key {
    Address local;
    uint64_t context = 0;
    uint64_t workload = 0;  ///< hash of the two above
    int32_t hour = 0;

    bool operator==(const Key&) const = default;
    auto rank() const { return std::tuple(workload, hour, local, context); }
    uint64_t hash() const { return hash_combine(workload, static_cast<uint64_t>(hour)); }
  };

  static constexpr size_t kExact = 64;

  void add(const RecordMark& record, uint64_t bytes);
  void merge(const EgressCell& other);
  double bytes() const;
  bool exact() const { return records.size() <= kExact; }

  struct Record {
    uint64_t hash;
    uint64_t bytes;
    double priority;
  };
  Key key;
  std::vector<Record> records;  ///< at most kExact + 1; once full, a heap with the lowest in front
  RecordMark largest;           ///< the record with most bytes; the earliest of equals
  uint64_t largest_bytes = 0;

 private:
  void add_sample(const Record& added);
  void add_largest(const RecordMark& record, uint64_t bytes);
};

}  // namespace davy::detect
