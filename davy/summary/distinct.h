// SPDX-License-Identifier: Apache-2.0
// How many different records? Exact up to `k`, then an estimate with a stated error.
//
// Keeps the k smallest hashes seen (k minimum values). Adding is idempotent and merging is
// commutative, so duplicates, order and splitting change nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "davy/base/hash.h"

namespace davy::summary {

class Distinct {
 public:
  static constexpr size_t kKept = 256;  ///< relative error past it: 1/sqrt(k-2), about 6 %

  void add(Hash128 key);
  void merge(const Distinct& other);

  uint64_t count() const;
  bool exact() const { return smallest_.size() < kKept; }

 private:
  std::vector<uint64_t> smallest_;  ///< sorted, unique
};

}  // namespace davy::summary
