// SPDX-License-Identifier: Apache-2.0
#include "davy/source/progress.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::source {
namespace {

constexpr DurationNs kRedrawEvery = kSecond / 10;
constexpr double kSmoothingSeconds = 3;
constexpr size_t kNarrow = 40;  // columns, below which there is no bar
constexpr size_t kMinBar = 10;
constexpr size_t kMaxBar = 40;

constexpr std::string_view kToLineStart = "\r";
constexpr std::string_view kClearLine = "\r\x1b[K";
constexpr std::string_view kClearRest = "\x1b[K";

/// Files still growing, and pipes beside files, can pass the total; 100 % is for when all is done.
double share_done(const ProgressView& view) {
  const double share = static_cast<double>(view.bytes) / static_cast<double>(view.total_bytes);
  const bool files_remain = view.files_done < view.files_total;
  return std::min(share, files_remain ? 0.99 : 1.0);
}

std::string bar(double share, size_t width) {
  const auto filled = static_cast<size_t>(share * static_cast<double>(width));
  std::string text = "[" + std::string(filled, '=') + std::string(width - filled, ' ') + "]";
  if (filled > 0 && filled < width) text[filled] = '>';
  return text;
}

std::string rate_text(double bytes_per_second) {
  return human_bytes(static_cast<uint64_t>(bytes_per_second)) + "/s";
}

std::string time_left(const ProgressView& view) {
  if (view.bytes_per_second < 1 || view.bytes >= view.total_bytes) return "";
  const double seconds = static_cast<double>(view.total_bytes - view.bytes) / view.bytes_per_second;
  constexpr double kTooLongToSay = 99.0 * 24 * 3600;
  constexpr double kTooShortToSay = 2;  // it would say "1 s left" until the end
  if (seconds > kTooLongToSay || seconds < kTooShortToSay) return "";
  return to_human(static_cast<DurationNs>(std::ceil(seconds)) * kSecond) + " left";
}

/// Parts joined by two spaces, the last left out until it fits.
std::string fitted(std::vector<std::string> parts, size_t columns) {
  std::erase(parts, "");
  for (;;) {
    const std::string line = join(parts, "  ");
    if (line.size() <= columns) return line;
    if (parts.empty()) return "";
    parts.pop_back();
  }
}

}  // namespace

std::string format_progress(const ProgressView& view, size_t columns) {
  const bool rate_known = view.bytes_per_second >= 1;
  const std::string rate = rate_known ? rate_text(view.bytes_per_second) : "";
  const std::string files = view.files_total > 1
                                ? fmt::format("{}/{} files", with_thousands(view.files_done),
                                              with_thousands(view.files_total))
                                : "";
  if (view.total_bytes == 0) return fitted({human_bytes(view.bytes), rate, files}, columns);

  const double share = share_done(view);
  // The bar's width depends on the terminal alone, or it would twitch as the numbers change.
  const bool bar_fits = columns >= kNarrow;
  const size_t bar_width = std::clamp(columns / 4, kMinBar, kMaxBar);
  constexpr size_t kAround = 3;  // brackets and a space
  const std::string numbers = fitted(
      {fmt::format("{:3.0f}%", std::floor(share * 100)), time_left(view), rate,
       fmt::format("{} of {}", human_bytes(view.bytes), human_bytes(view.total_bytes)), files},
      bar_fits ? columns - bar_width - kAround : columns);
  return bar_fits ? bar(share, bar_width) + " " + numbers : numbers;
}

ProgressLine::ProgressLine(const Progress& progress, Clock clock, Output output)
    : progress_(progress),
      clock_(std::move(clock)),
      output_(std::move(output)),
      started_(clock_()),
      drawn_at_(started_) {}

void ProgressLine::update(size_t columns) {
  const DurationNs now = clock_();
  if (visible_ && now - drawn_at_ < kRedrawEvery) return;
  const auto load = [](const std::atomic<uint64_t>& counter) {
    return counter.load(std::memory_order_relaxed);
  };
  ProgressView view{.bytes = load(progress_.input_bytes),
                    .total_bytes = load(progress_.total_bytes),
                    .files_done = load(progress_.files_done),
                    .files_total = load(progress_.files_total)};
  measure_rate(now, view.bytes);
  view.bytes_per_second = bytes_per_second_;
  output_(fmt::format("{}{}{}", kToLineStart, format_progress(view, columns), kClearRest));
  visible_ = true;
}

void ProgressLine::clear() {
  if (!visible_) return;
  output_(kClearLine);
  visible_ = false;
}

void ProgressLine::measure_rate(DurationNs now, uint64_t bytes) {
  const double seconds = static_cast<double>(now - drawn_at_) / static_cast<double>(kSecond);
  if (seconds > 0) {
    const double present = static_cast<double>(bytes - std::min(bytes, drawn_bytes_)) / seconds;
    const double age = static_cast<double>(now - started_) / static_cast<double>(kSecond);
    const double weight = 1 - std::exp(-seconds / std::min(kSmoothingSeconds, age));
    bytes_per_second_ =
        drawn_bytes_ == 0 ? present : bytes_per_second_ + weight * (present - bytes_per_second_);
  }
  drawn_at_ = now;
  drawn_bytes_ = bytes;
}

}  // namespace davy::source
