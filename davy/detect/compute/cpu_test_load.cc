// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/compute/cpu_test_load.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <fmt/format.h>

namespace davy::detect {

std::vector<CpuSample> draw(double from, double to, const LoadAt& load, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<CpuSample> samples;
  const int64_t monday = kMonday.ns / kCpuSlot;
  for (auto slot = std::llround(from * 12); slot < std::llround(to * 12); ++slot) {
    const Load now = load(static_cast<double>(slot) / 12);
    const double noise = static_cast<double>(random()) / 2147483648.0 - 1;
    samples.push_back({monday + slot, std::clamp(now.level + noise * now.reach, 0.0, 100.0)});
  }
  return samples;
}

Load quiet(double hour) {
  return {22 + 6 * std::sin(hour / 24 * 6.283), 5};
}

Load idle(double) {
  return {3, 2};
}

Load training(double hour) {
  const double of_day = std::fmod(hour, 24);
  return of_day >= 1 && of_day < 6.5 ? Load{98, 0.6} : idle(hour);
}

Load builds(double hour) {
  const double of_day = std::fmod(hour, 24);
  const bool open = std::fmod(hour, 168) < 120 && of_day >= 13 && of_day < 23;
  return open && std::fmod(hour, 1) < 0.66 ? Load{97.8, 2.1} : idle(hour);
}

Load busy_but_uneven(double) {
  return {60, 30};
}

LoadAt then_mines(LoadAt before, double hour, double level) {
  return [before = std::move(before), hour, level](double now) {
    return now < hour ? before(now) : Load{level, 1.2};
  };
}

void observe(CpuSummary& summary, const Place& place, Time time, double percent,
             event::RecordRef ref) {
  event::Metric metric;
  metric.name_space = place.name_space;
  metric.name = place.metric;
  metric.statistic = place.statistic;
  metric.series = place.series;
  metric.value = percent;
  metric.period = place.period;
  event::Event event;
  event.time = event.end = time;
  event.ref = ref;
  event.key = hash128(
      fmt::format("{} {} {} {}", place.instance, place.statistic, to_rfc3339(time), percent));
  event.account = place.account;
  event.region = place.region;
  event.instance = place.instance;
  event.metric = &metric;
  summary.observe(event);
}

void observe(CpuSummary& summary, const Place& place, const std::vector<CpuSample>& samples) {
  for (const CpuSample& sample : samples)
    observe(summary, place, start_of(sample), sample.percent);
}

}  // namespace davy::detect
