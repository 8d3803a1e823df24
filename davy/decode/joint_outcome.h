// SPDX-License-Identifier: Apache-2.0
// One outcome for a record that holds several.
#pragma once

#include <cstddef>

#include "davy/decode/format.h"

namespace davy::decode {

/// Damage stands out, else the first decides.
class JointOutcome {
 public:
  void add(const Outcome& one) {
    if (count_ == 0 || one.verdict == Outcome::Verdict::kRejected) joint_ = one;
    ++count_;
  }
  Outcome or_else(const Outcome& empty) const { return count_ == 0 ? empty : joint_; }

 private:
  Outcome joint_;
  size_t count_ = 0;
};

}  // namespace davy::decode
