// SPDX-License-Identifier: Apache-2.0
// When one machine was stopped, started and given another type. A mergeable summary: the set of
// changes, of which the latest are kept, so that order, splits and duplicates change nothing.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "davy/base/time.h"

namespace davy::summary {

struct PowerChange {
  /// In the order that changes of one moment happen: a type changes while the machine is stopped.
  enum class What : uint8_t { kStopped, kResized, kStarted };

  Time time;
  What what = What::kStopped;
  std::string type;  ///< the new one, of kResized

  auto operator<=>(const PowerChange&) const = default;
};

class PowerHistory {
 public:
  static constexpr size_t kKept = 32;

  void add(PowerChange change);
  void merge(const PowerHistory& other);

  /// In time order. Complete unless there are kKept of them.
  const std::vector<PowerChange>& changes() const { return changes_; }

 private:
  std::vector<PowerChange> changes_;  ///< sorted, unique
};

}  // namespace davy::summary
