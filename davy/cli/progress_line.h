// SPDX-License-Identifier: Apache-2.0
// Draws source::ProgressLine on standard error while it lives, when that is a terminal.
#pragma once

#include <memory>

#include "davy/cli/command.h"
#include "davy/source/input.h"

namespace davy::cli {

class ProgressLine {
 public:
  ProgressLine(const source::Progress& progress, const GlobalOptions& global);
  ~ProgressLine();

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;  ///< null when nothing is drawn
};

}  // namespace davy::cli
