// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/compute/sliding_window.h"

#include <algorithm>
#include <cmath>

namespace davy::detect {

void SlidingWindow::add(double value) {
  if (oldest_first_.size() == limit_) {
    sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), oldest_first_.front()));
    oldest_first_.pop_front();
  }
  oldest_first_.push_back(value);
  sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
}

double SlidingWindow::quantile(double q) const {
  if (sorted_.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(sorted_.size())));
  return sorted_[std::clamp<size_t>(rank, 1, sorted_.size()) - 1];
}

size_t SlidingWindow::count_at_least(double value) const {
  const auto first = std::lower_bound(sorted_.begin(), sorted_.end(), value);
  return static_cast<size_t>(sorted_.end() - first);
}

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace davy::detect
