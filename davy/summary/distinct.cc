// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/distinct.h"

#include <algorithm>
#include <cmath>

namespace davy::summary {

void Distinct::add(Hash128 key) {
  const uint64_t hash = hash_combine(key.high, key.low);
  if (!exact() && hash >= smallest_.back()) return;
  const auto place = std::lower_bound(smallest_.begin(), smallest_.end(), hash);
  if (place != smallest_.end() && *place == hash) return;
  smallest_.insert(place, hash);
  if (smallest_.size() > kKept) smallest_.pop_back();
}

void Distinct::merge(const Distinct& other) {
  std::vector<uint64_t> both;
  std::set_union(smallest_.begin(), smallest_.end(), other.smallest_.begin(), other.smallest_.end(),
                 std::back_inserter(both));
  if (both.size() > kKept) both.resize(kKept);
  smallest_ = std::move(both);
}

uint64_t Distinct::count() const {
  if (exact()) return smallest_.size();
  const double kth = static_cast<double>(smallest_.back()) / 18446744073709551616.0;
  return static_cast<uint64_t>(std::llround(static_cast<double>(kKept - 1) / kth));
}

}  // namespace davy::summary
