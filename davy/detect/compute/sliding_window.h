// SPDX-License-Identifier: Apache-2.0
// The last `limit` values of a series, in order of size: quantiles and tails in O(log n) look-ups.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

namespace davy::detect {

class SlidingWindow {
 public:
  explicit SlidingWindow(size_t limit) : limit_(limit) {}

  /// Pushes out the oldest value when full.
  void add(double value);

  size_t size() const { return sorted_.size(); }
  /// Nearest rank: the smallest value that at least the share `q` does not exceed; 0 when empty.
  double quantile(double q) const;
  size_t count_at_least(double value) const;

 private:
  size_t limit_;
  std::deque<double> oldest_first_;
  std::vector<double> sorted_;
};

/// Of any values; 0 when empty.
double median_of(std::vector<double> values);

}  // namespace davy::detect
