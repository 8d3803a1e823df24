// SPDX-License-Identifier: Apache-2.0
#include "davy/cli/progress_line.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "davy/source/progress.h"

namespace davy::cli {
namespace {

DurationNs steady_now() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

void write_error(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

struct ProgressLine::Rep {
  explicit Rep(const source::Progress& progress)
      : line(progress, steady_now, write_error), thread([this](std::stop_token stop) {
          std::mutex mutex;
          std::condition_variable_any tick;
          std::unique_lock lock(mutex);
          // A quick command should not flash a bar: the first drawing waits.
          tick.wait_for(lock, stop, std::chrono::milliseconds(300), [] { return false; });
          while (!stop.stop_requested()) {
            line.update(static_cast<size_t>(terminal_width(STDERR_FILENO)));
            tick.wait_for(lock, stop, std::chrono::milliseconds(100), [] { return false; });
          }
        }) {}
  ~Rep() {
    thread.request_stop();
    thread.join();
    line.clear();
  }
  source::ProgressLine line;
  std::jthread thread;
};

ProgressLine::ProgressLine(const source::Progress& progress, const GlobalOptions& global) {
  if (!global.quiet && isatty(STDERR_FILENO) != 0) rep_ = std::make_unique<Rep>(progress);
}

ProgressLine::~ProgressLine() = default;

}  // namespace davy::cli
