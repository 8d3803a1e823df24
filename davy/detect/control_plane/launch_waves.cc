// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/control_plane/launch_waves.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace davy::detect {
namespace {

/// The window in which launches add up: science reference section 3.2, "launch -> pool 60-180 s";
/// scripted launches finish within minutes, hands-on ones within the hour.
constexpr DurationNs kWindow = kHour;

/// Sums of prices are equal when they differ by less.
constexpr double kRounding = 1e-9;

/// A burst of at most this many times the habit is the habit.
constexpr double kHabitFactor = 3;

/// Where the log does not reach kHabitDays back, "first use of accelerators" is not known; below
/// this size the part counts in proportion, so that the first night of a training job stays quiet.
constexpr double kSurelyNewUsd = 100;

/// The root credential: estates in order launch nothing with it.
constexpr double kRoot = 3.5;

/// A session of root shows a sign-in, as owners do, the more so with a second factor; a root key is
/// a thief's or forgotten. A session's part counts in proportion below kLargeUsd an hour.
constexpr double kRootSession = 0.7;
constexpr double kRootSessionWithMfa = 0.3;
constexpr double kLargeUsd = 10;

bool is_session(const LaunchCall& call) {
  return call.access_key.starts_with("ASIA");
}

/// Dollars an hour from which regions count in full; four small machines in each of six regions are
/// a roll-out.
constexpr double kSpreadUsd = 25;

/// What launches within one window come to. Grows with every call added.
struct Sum {
  double usd_per_hour = 0;
  size_t accelerators = 0;  ///< calls
  size_t probes = 0;
  std::map<std::string_view, size_t> regions;  ///< calls
  size_t by_key = 0;                           ///< calls by no session
  size_t without_mfa = 0;                      ///< calls by sessions

  void add(const Priced& priced) {
    const LaunchCall& call = *priced.call;
    probes += call.probe ? 1 : 0;
    if (call.dry_run) return;
    by_key += is_session(call) ? 0U : 1U;
    without_mfa += is_session(call) && !call.mfa ? 1U : 0U;
    usd_per_hour += priced.usd_per_hour;
    accelerators += priced.accelerator ? 1 : 0;
    ++regions[call.region];
  }
  void remove(const Priced& priced) {
    const LaunchCall& call = *priced.call;
    probes -= call.probe ? 1 : 0;
    if (call.dry_run) return;
    by_key -= is_session(call) ? 0U : 1U;
    without_mfa -= is_session(call) && !call.mfa ? 1U : 0U;
    usd_per_hour -= priced.usd_per_hour;
    accelerators -= priced.accelerator ? 1 : 0;
    const auto region = regions.find(call.region);
    if (--region->second == 0) regions.erase(region);
  }
};

double root_part(const Sum& sum) {
  if (sum.by_key > 0) return kRoot;
  const double session = sum.without_mfa > 0 ? kRootSession : kRootSessionWithMfa;
  return kRoot * session * std::min(1.0, sum.usd_per_hour / kLargeUsd);
}

void weigh(const Sum& sum, Time start, bool root, const Past& past, Wave& wave) {
  wave.usd_per_hour = sum.usd_per_hour;
  wave.usual = past.usual(start);
  const double size = 1.2 * std::log10(1 + wave.usd_per_hour);
  // Spread counts in proportion to size: rolling small things out to many regions is ordinary work.
  const double further_regions =
      std::min<double>(static_cast<double>(std::max<size_t>(sum.regions.size(), 1)) - 1, 4);
  wave.weight = size + 0.5 * further_regions * std::min(1.0, wave.usd_per_hour / kSpreadUsd);
  if (sum.accelerators > 0)
    wave.weight += 0.8 * past.novelty_of_accelerators(start, wave.usd_per_hour);
  if (sum.probes > 0 && wave.usual == 0) wave.weight += 0.4;
  if (root) wave.weight += root_part(sum);
  wave.habitual =
      !root && wave.usual > 0 && wave.usd_per_hour <= kHabitFactor * wave.usual * (1 + kRounding);
  if (wave.habitual) {
    wave.weight = std::min(wave.weight, 0.2);
  } else if (wave.usual > 0) {
    wave.weight *= 0.7;
  }
}

/// The heaviest window among calls [begin, end); empty when none costs anything.
Wave heaviest_window(const std::vector<Priced>& calls, size_t begin, size_t end, bool root,
                     const Past& past) {
  Wave heaviest;
  Sum sum;
  for (size_t last = begin; last < end; ++last) {
    sum.add(calls[last]);
    while (calls[last].call->time - calls[begin].call->time > kWindow)
      sum.remove(calls[begin++]);
    if (sum.usd_per_hour <= kRounding) continue;
    Wave wave{begin, last + 1};
    weigh(sum, calls[begin].call->time, root, past, wave);
    // Of equals, as habits are, the dearest.
    const bool heavier = wave.weight > heaviest.weight + kRounding ||
                         (wave.weight > heaviest.weight - kRounding &&
                          wave.usd_per_hour > heaviest.usd_per_hour + kRounding);
    if (heavier) heaviest = wave;
  }
  return heaviest;
}

}  // namespace

Past::Past(const std::vector<Priced>& calls, Time log_begins) : log_begins_(log_begins) {
  std::map<int64_t, double> hours;
  std::set<int64_t> accelerator_days;
  for (const Priced& priced : calls) {
    if (priced.call->failed || priced.call->dry_run) continue;  // what is refused is no habit
    hours[bucket_start(priced.call->time, kHour).ns] += priced.usd_per_hour;
    if (priced.accelerator) accelerator_days.insert(bucket_start(priced.call->time, kDay).ns);
  }
  std::map<int64_t, double> days;
  for (const auto& [hour, usd] : hours) {
    double& most = days[bucket_start({hour}, kDay).ns];
    most = std::max(most, usd);
  }
  busiest_hours_.assign(days.begin(), days.end());
  accelerator_days_.assign(accelerator_days.begin(), accelerator_days.end());
}

double Past::usual(Time burst) const {
  const int64_t today = bucket_start(burst, kDay).ns;
  const auto [known, is_new] = usual_.try_emplace(today, 0);
  if (!is_new) return known->second;
  std::vector<double> earlier;
  for (const auto& [day, usd] : busiest_hours_) {
    if (day < today) earlier.push_back(usd);
  }
  if (earlier.size() < kHabitDays) return 0;
  const auto middle = earlier.begin() + static_cast<std::ptrdiff_t>(earlier.size() / 2);
  std::nth_element(earlier.begin(), middle, earlier.end());
  return known->second = *middle;
}

double Past::novelty_of_accelerators(Time burst, double usd_per_hour) const {
  const auto today = std::lower_bound(accelerator_days_.begin(), accelerator_days_.end(),
                                      bucket_start(burst, kDay).ns);
  if (static_cast<size_t>(today - accelerator_days_.begin()) >= kHabitDays) return 0;
  const bool past_is_known = burst - log_begins_ >= static_cast<int64_t>(kHabitDays) * kDay;
  return past_is_known ? 1 : std::min(1.0, usd_per_hour / kSurelyNewUsd);
}

Waves waves_of(const std::vector<Priced>& calls, bool root, const Past& past) {
  struct Segment {  // calls that are in no wave yet
    size_t begin;
    size_t end;
    Wave heaviest;
  };
  std::vector<Segment> segments;
  const auto look_at = [&](size_t begin, size_t end, double least) {
    const Wave heaviest = heaviest_window(calls, begin, end, root, past);
    if (heaviest.begin < heaviest.end && heaviest.weight >= least)
      segments.push_back({begin, end, heaviest});
  };
  Waves waves;
  look_at(0, calls.size(), 0);
  while (!segments.empty() && waves.in_time_order.size() < kMaxWaves) {
    const auto next = std::max_element(
        segments.begin(), segments.end(),
        [](const Segment& a, const Segment& b) { return a.heaviest.weight < b.heaviest.weight; });
    const Segment segment = *next;
    segments.erase(next);
    waves.in_time_order.push_back(segment.heaviest);
    look_at(segment.begin, segment.heaviest.begin, kAttemptWeight);
    look_at(segment.heaviest.end, segment.end, kAttemptWeight);
  }
  waves.more = !segments.empty();
  std::sort(waves.in_time_order.begin(), waves.in_time_order.end(),
            [](const Wave& a, const Wave& b) { return a.begin < b.begin; });
  return waves;
}

}  // namespace davy::detect
