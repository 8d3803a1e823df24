// SPDX-License-Identifier: Apache-2.0
// The progress line of a terminal. Nothing here knows a terminal, a clock or a thread: the caller
// brings all three.
//
//   ProgressLine line(progress, steady_now, write_to_stderr);
//   while (running) { line.update(terminal_columns()); sleep(100ms); }
//   line.clear();
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "davy/base/time.h"
#include "davy/source/input.h"

namespace davy::source {

/// What one drawing shows.
struct ProgressView {
  uint64_t bytes = 0;
  uint64_t total_bytes = 0;  ///< 0 when unknown
  uint64_t files_done = 0;
  uint64_t files_total = 0;
  double bytes_per_second = 0;  ///< 0 while not known

  bool operator==(const ProgressView&) const = default;
};

/// At most `columns` characters, ASCII, without a line end. What matters least is left out first.
std::string format_progress(const ProgressView& view, size_t columns);

class ProgressLine {
 public:
  using Clock = std::function<DurationNs()>;  ///< monotonic
  using Output = std::function<void(std::string_view)>;

  /// `progress` must outlive the line.
  ProgressLine(const Progress& progress, Clock clock, Output output);

  /// Draws, unless it did so within the last tenth of a second.
  void update(size_t columns);

  /// Removes what was drawn; nothing if nothing was.
  void clear();

 private:
  /// Smoothed over some seconds, so that the time left does not jump.
  void measure_rate(DurationNs now, uint64_t bytes);

  const Progress& progress_;
  Clock clock_;
  Output output_;
  DurationNs started_;
  DurationNs drawn_at_;
  uint64_t drawn_bytes_ = 0;
  double bytes_per_second_ = 0;
  bool visible_ = false;
};

}  // namespace davy::source
