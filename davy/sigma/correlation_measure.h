// SPDX-License-Identifier: Apache-2.0
// What a correlation measures of a window that slides over a run. Internal to davy/sigma.
// Every measure is kept up to date in amortised O(log n) a step or less: nothing walks the window.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "davy/sigma/correlation_window.h"

namespace davy::sigma {

class Measure {
 public:
  virtual ~Measure() = default;
  /// Positions of the run enter and leave the window in order, each once.
  virtual void enter(size_t position) = 0;
  virtual void leave(size_t position) = 0;
  /// Of the window as it is, never empty.
  virtual double value() const = 0;
  /// Whether the rule's condition holds for the window.
  virtual bool holds() const = 0;
};

std::unique_ptr<Measure> make_measure(const CorrelationRule& rule, std::span<const Occurrence> run);

}  // namespace davy::sigma
