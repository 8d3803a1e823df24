// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/compute/cpu_record.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "davy/detect/compute/sliding_window.h"

namespace davy::detect {
namespace {

constexpr int64_t kEnvelopeDays[] = {1, 2, 7};
constexpr int64_t kEnvelopeReach = 6;  // slots each side
constexpr size_t kShort = 6;
constexpr size_t kLong = 288;
constexpr size_t kDeviation = 24;
constexpr double kDeviationShare = 0.9;
/// Residuals of one kind before its first score: a day. The published 50 leave a record so small
/// that, held down by kMostTaught, it alarms for days (7 false alarms on NAB's artificial series).
constexpr size_t kWarmUp = 288;
constexpr double kMostTaught = 1.5;
constexpr int64_t kOpenSlots = 12;  // an alarm stays open for an hour

/// A decaying maximum that an open alarm cannot raise beyond kMostTaught times.
class Record {
 public:
  double ratio(double residual) const {
    if (seen_ < kWarmUp) return 0;
    return held_ > 0 ? residual / held_ : 0;
  }

  void learn(double residual, bool alarm_open) {
    static const double kDecay = std::exp(-1.0 / 4000);
    ++seen_;
    if (!alarm_open) before_alarm_ = held_;
    held_ = std::max(held_ * kDecay, residual);
    if (alarm_open) held_ = std::min(held_, std::max(kMostTaught * before_alarm_, kLeast));
  }

 private:
  static constexpr double kLeast = 1e-9;
  double held_ = 0;
  double before_alarm_ = 0;
  size_t seen_ = 0;
};

/// Samples by slot, absent ones as NaN.
class Grid {
 public:
  explicit Grid(std::span<const CpuSample> samples)
      : first_(samples.front().slot),
        values_(static_cast<size_t>(samples.back().slot - first_ + 1),
                std::numeric_limits<double>::quiet_NaN()) {
    for (const CpuSample& sample : samples)
      values_[static_cast<size_t>(sample.slot - first_)] = sample.percent;
  }

  /// How far `value` lies outside what the slots around `centre` held; nothing when they held none.
  std::optional<double> distance(int64_t centre, double value) const {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (int64_t slot = centre - kEnvelopeReach; slot <= centre + kEnvelopeReach; ++slot) {
      const int64_t at = slot - first_;
      if (at < 0 || at >= static_cast<int64_t>(values_.size())) continue;
      const double held = values_[static_cast<size_t>(at)];
      if (std::isnan(held)) continue;
      low = std::min(low, held);
      high = std::max(high, held);
    }
    if (low > high) return std::nullopt;
    return std::max({low - value, value - high, 0.0});
  }

 private:
  int64_t first_;
  std::vector<double> values_;
};

std::optional<double> envelope_residual(const Grid& grid, const CpuSample& sample) {
  std::optional<double> nearest;
  for (const int64_t days : kEnvelopeDays) {
    const auto distance = grid.distance(sample.slot - days * kCpuSlotsPerDay, sample.percent);
    if (distance) nearest = nearest ? std::min(*nearest, *distance) : *distance;
  }
  return nearest;
}

double mean_of(std::span<const CpuSample> samples) {
  double sum = 0;
  for (const CpuSample& sample : samples)
    sum += sample.percent;
  return sum / static_cast<double>(samples.size());
}

double deviation_of(std::span<const CpuSample> samples) {
  const double mean = mean_of(samples);
  double squares = 0;
  for (const CpuSample& sample : samples)
    squares += (sample.percent - mean) * (sample.percent - mean);
  return std::sqrt(squares / static_cast<double>(samples.size()));
}

}  // namespace

std::vector<double> record_scores(std::span<const CpuSample> samples) {
  std::vector<double> scores;
  if (samples.empty()) return scores;
  scores.reserve(samples.size());
  const Grid grid(samples);
  SlidingWindow recent(kLong);
  std::array<Record, 3> records;
  constexpr double kShares[] = {1, 1, kDeviationShare};
  std::optional<int64_t> last_alarm;
  for (size_t i = 0; i < samples.size(); ++i) {
    recent.add(samples[i].percent);
    std::optional<double> residuals[3];
    residuals[0] = envelope_residual(grid, samples[i]);
    if (i + 1 >= kShort) {
      residuals[1] =
          std::abs(mean_of(samples.subspan(i + 1 - kShort, kShort)) - recent.quantile(0.5));
    }
    if (i + 1 >= kDeviation)
      residuals[2] = deviation_of(samples.subspan(i + 1 - kDeviation, kDeviation));

    double score = 0;
    for (size_t k = 0; k < records.size(); ++k) {
      if (residuals[k]) score = std::max(score, kShares[k] * records[k].ratio(*residuals[k]));
    }
    if (score >= kRecordAlarm) last_alarm = samples[i].slot;
    const bool open = last_alarm && samples[i].slot - *last_alarm < kOpenSlots;
    for (size_t k = 0; k < records.size(); ++k) {
      if (residuals[k]) records[k].learn(*residuals[k], open);
    }
    scores.push_back(score);
  }
  return scores;
}

std::vector<RecordAlarm> record_alarms(std::span<const CpuSample> samples,
                                       std::span<const double> scores) {
  std::vector<RecordAlarm> alarms;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (scores[i] < kRecordAlarm) continue;
    if (alarms.empty() || samples[i].slot - samples[alarms.back().last].slot > kOpenSlots) {
      alarms.push_back({i, i, i, scores[i]});
    }
    RecordAlarm& alarm = alarms.back();
    alarm.last = i;
    if (scores[i] > alarm.score) {
      alarm.peak = i;
      alarm.score = scores[i];
    }
  }
  return alarms;
}

}  // namespace davy::detect
