// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/compute/cpu_plateau.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include <fmt/format.h>

#include "davy/detect/compute/sliding_window.h"

namespace davy::detect {
namespace {

// The rule as measured: 0.9 false alarms per 100 instance-days on real servers (docs/detectors).
constexpr size_t kRun = 6;
constexpr size_t kBaseline = 3 * kFullHistory;
constexpr double kAboveMedian = 20;
constexpr double kMaxVariation = 0.1;

constexpr double kBornBusy = 45;
constexpr double kUnknownVariation = 0.05;  // while a daily cycle is not known

/// One lost datapoint does not cut a plateau.
constexpr int64_t kMaxStep = 2;

// Habit.
constexpr DurationNs kSameTimeOfDay = 30 * kMinute;
constexpr double kSameLevel = 10;  // points: the same job draws the same load
constexpr size_t kShortestStay = 3;
constexpr size_t kHabitDays = 3;
constexpr size_t kBursts = 4;
constexpr DurationNs kLongestBurst = 2 * kHour;
constexpr DurationNs kLongestHabit = 16 * kHour;  // longer is not a shift that rests
constexpr double kMostDuty = 0.75;                // of the time between first and last
constexpr size_t kFleet = 3;

struct Spread {
  double mean = 0;
  double deviation = 0;
  double lowest = 0;
  double variation() const { return mean > 0 ? deviation / mean : 0; }
};

Spread spread_of(std::span<const CpuSample> samples) {
  Spread spread;
  spread.lowest = samples.front().percent;
  for (const CpuSample& sample : samples) {
    spread.mean += sample.percent;
    spread.lowest = std::min(spread.lowest, sample.percent);
  }
  spread.mean /= static_cast<double>(samples.size());
  double squares = 0;
  for (const CpuSample& sample : samples)
    squares += (sample.percent - spread.mean) * (sample.percent - spread.mean);
  spread.deviation = std::sqrt(squares / static_cast<double>(samples.size()));
  return spread;
}

bool unbroken(std::span<const CpuSample> samples) {
  for (size_t i = 1; i < samples.size(); ++i) {
    if (samples[i].slot - samples[i - 1].slot > kMaxStep) return false;
  }
  return true;
}

/// `size` samples from `begin` are a flat run above `bar`.
bool is_flat(std::span<const CpuSample> samples, size_t begin, size_t size, double bar,
             double max_variation) {
  if (begin + size > samples.size() || samples[begin].percent <= bar) return false;
  const auto run = samples.subspan(begin, size);
  const Spread spread = spread_of(run);
  return spread.lowest > bar && spread.variation() < max_variation && unbroken(run);
}

/// Goes on while the last six samples are flat and the whole has not drifted away from its level.
size_t end_of_plateau(std::span<const CpuSample> samples, size_t begin, size_t end, double bar,
                      double max_variation) {
  double sum = 0;
  double squares = 0;
  for (size_t i = begin; i < samples.size(); ++i) {
    const double percent = samples[i].percent;
    sum += percent;
    squares += percent * percent;
    if (i < end) continue;
    const auto count = static_cast<double>(i + 1 - begin);
    const double mean = sum / count;
    const bool level =
        squares / count - mean * mean < (max_variation * mean) * (max_variation * mean);
    if (!level || !is_flat(samples, i + 1 - kRun, kRun, bar, max_variation)) break;
    end = i + 1;
  }
  return end;
}

bool has_static_alarm(std::span<const CpuSample> samples) {
  size_t above = 0;
  for (const CpuSample& sample : samples) {
    above = sample.percent > 90 ? above + 1 : 0;
    if (above == 3) return true;
  }
  return false;
}

Plateau describe(std::span<const CpuSample> run, const SlidingWindow& history) {
  const Spread spread = spread_of(run);
  Plateau plateau;
  plateau.first = start_of(run.front());
  plateau.end = start_of(run.back()) + kCpuSlot;
  plateau.level = spread.mean;
  plateau.deviation = spread.deviation;
  plateau.lowest = spread.lowest;
  plateau.usual = history.quantile(0.5);
  plateau.high = history.quantile(0.99);
  plateau.history = history.size();
  plateau.as_high = history.count_at_least(spread.lowest);
  plateau.samples = run.size();
  plateau.static_alarm = has_static_alarm(run);
  return plateau;
}

int64_t day_of(Time time) {
  return bucket_start(time, kDay).ns / kDay;
}

bool same_time_of_day(Time a, Time b) {
  const DurationNs apart = std::abs(a - b) % kDay;
  return std::min(apart, kDay - apart) <= kSameTimeOfDay;
}

/// Plateaus at least half as long and near its level explain this one; a blip does not.
std::vector<Episode> comparable(const Plateau& plateau, std::span<const Episode> episodes) {
  std::vector<Episode> kept;
  for (const Episode& episode : episodes) {
    const bool near = std::abs(episode.level - plateau.level) <= kSameLevel;
    if (near && 2 * episode.length >= plateau.length()) kept.push_back(episode);
  }
  return kept;
}

/// A miner that somebody restarts every day also comes back; it does not rest.
bool rests(std::span<const Episode> own) {
  DurationNs busy = 0;
  Time first = kEndOfTime;
  Time end;
  for (const Episode& episode : own) {
    busy += episode.length;
    first = std::min(first, episode.first);
    end = std::max(end, episode.first + episode.length);
  }
  return static_cast<double>(busy) <= kMostDuty * static_cast<double>(end - first);
}

std::string own_habit(const Plateau& plateau, std::span<const Episode> own) {
  std::set<int64_t> days;
  size_t earlier = 0;
  for (const Episode& episode : own) {
    days.insert(day_of(episode.first));
    const DurationNs before = plateau.first - episode.first;
    if (before > kDay / 2 && same_time_of_day(plateau.first, episode.first)) ++earlier;
  }
  if (earlier > 0) {
    return fmt::format("the same at this time of day on {} earlier day{}", earlier,
                       earlier == 1 ? "" : "s");
  }
  if (days.size() >= kHabitDays) return fmt::format("as high on {} days", days.size());
  if (own.size() >= kBursts && plateau.length() <= kLongestBurst) {
    return fmt::format("one of {} bursts", own.size());
  }
  return {};
}

std::string fleet_habit(const Plateau& plateau, std::span<const Episode> fleet) {
  std::set<uint64_t> at_this_time;
  std::map<int64_t, std::set<uint64_t>> by_day;
  for (const Episode& episode : fleet) {
    const DurationNs before = plateau.first - episode.first;
    if (before > kDay / 2 && same_time_of_day(plateau.first, episode.first)) {
      at_this_time.insert(episode.machine);
    }
    if (day_of(episode.first) != day_of(plateau.first)) {
      by_day[day_of(episode.first)].insert(episode.machine);
    }
  }
  if (at_this_time.size() >= kFleet) {
    return fmt::format("{} machines of its kind did the same at this time on earlier days",
                       at_this_time.size());
  }
  const auto days = std::count_if(by_day.begin(), by_day.end(),
                                  [](const auto& entry) { return entry.second.size() >= kFleet; });
  if (static_cast<size_t>(days) + 1 < kHabitDays) return {};
  return fmt::format("machines of its kind do so together, on {} other days", days);
}

}  // namespace

std::vector<Plateau> find_plateaus(std::span<const CpuSample> samples) {
  std::vector<Plateau> plateaus;
  SlidingWindow history(kBaseline);
  for (size_t i = 0; i < samples.size();) {
    const bool newborn = history.size() < kFirstHour;
    const double bar = newborn
                           ? kBornBusy
                           : std::max(history.quantile(0.99), history.quantile(0.5) + kAboveMedian);
    const size_t least = newborn ? kFirstHour : kRun;
    const bool known = history.size() >= kFullHistory;
    const double variation = known ? kMaxVariation : kUnknownVariation;
    if (!is_flat(samples, i, least, bar, variation)) {
      history.add(samples[i++].percent);
      continue;
    }
    const size_t end = end_of_plateau(samples, i, i + least, bar, variation);
    plateaus.push_back(describe(samples.subspan(i, end - i), history));
    i = end;
  }
  return plateaus;
}

double persistence_weight(DurationNs length) {
  if (length >= kFullPersistence) return 1.6;
  return length >= kHour ? 1.3 : 1.0;
}

std::vector<Episode> stays_near(double level, std::span<const CpuSample> samples, uint64_t self) {
  std::vector<Episode> stays;
  for (size_t i = 0; i < samples.size();) {
    size_t end = i;
    while (end < samples.size() && std::abs(samples[end].percent - level) <= kSameLevel &&
           (end == i || samples[end].slot - samples[end - 1].slot <= kMaxStep)) {
      ++end;
    }
    if (end - i >= kShortestStay) {
      const Time first = start_of(samples[i]);
      stays.push_back({self, first, start_of(samples[end - 1]) + kCpuSlot - first, level});
    }
    i = std::max(end, i + 1);
  }
  return stays;
}

std::string habit_of(const Plateau& plateau, uint64_t self, std::span<const Episode> own,
                     std::span<const Episode> kind) {
  if (plateau.length() > kLongestHabit) return {};
  const std::vector<Episode> own_like = comparable(plateau, own);
  if (rests(own_like)) {
    std::string why = own_habit(plateau, own_like);
    if (!why.empty()) return why;
  }
  std::vector<Episode> fleet = comparable(plateau, kind);
  std::erase_if(fleet, [self](const Episode& episode) { return episode.machine == self; });
  return fleet_habit(plateau, fleet);
}

}  // namespace davy::detect
