// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/power.h"

#include <algorithm>
#include <utility>

namespace davy::summary {

void PowerHistory::add(PowerChange change) {
  const auto place = std::lower_bound(changes_.begin(), changes_.end(), change);
  if (place != changes_.end() && *place == change) return;
  changes_.insert(place, std::move(change));
  // What goes is smaller than all that stays: it would never have been kept.
  if (changes_.size() > kKept) changes_.erase(changes_.begin());
}

void PowerHistory::merge(const PowerHistory& other) {
  for (const PowerChange& change : other.changes_)
    add(change);
}

}  // namespace davy::summary
