// SPDX-License-Identifier: Apache-2.0
// The predicates that hold for the current event.
#pragma once

#include <cstdint>
#include <vector>

namespace davy::sigma::internal {

class Fired {
 public:
  void resize(size_t predicates) {
    on_.assign(predicates, 0);
    order_.clear();
    order_.reserve(predicates);
  }
  void set(uint32_t predicate) {
    if (on_[predicate] != 0) return;
    on_[predicate] = 1;
    order_.push_back(predicate);
  }
  bool test(uint32_t predicate) const { return on_[predicate] != 0; }
  const std::vector<uint32_t>& order() const { return order_; }
  void clear() {
    for (const uint32_t predicate : order_)
      on_[predicate] = 0;
    order_.clear();
  }

 private:
  std::vector<uint8_t> on_;
  std::vector<uint32_t> order_;
};

}  // namespace davy::sigma::internal
