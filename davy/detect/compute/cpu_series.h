// SPDX-License-Identifier: Apache-2.0
// CPU utilisation per machine, as detectors judge it: five-minute slots over the newest 30 days.
//
// **Summary: per series the set of (minute, highest value) pairs, in hundredths of a percent, and
// per hour the record with the highest value, to cite.** A repeated datapoint changes nothing.
// One-minute data is averaged only when a slot is read, over the minutes held (for the statistic
// Maximum: their maximum), so that duplicates cannot pull the average. At most kMaxSeries series
// are kept, those with the lowest hash; about 140 kB for 30 full days of one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/event/event.h"

namespace davy::detect {

inline constexpr DurationNs kCpuSlot = 5 * kMinute;
inline constexpr int64_t kCpuSlotsPerDay = kDay / kCpuSlot;

struct CpuSample {
  int64_t slot = 0;  ///< five-minute slots since 1970
  double percent = 0;
};
inline Time start_of(const CpuSample& sample) {
  return {sample.slot * kCpuSlot};
}

enum class CpuStatistic : uint8_t { kAverage, kMaximum };

class CpuSeries {
 public:
  static constexpr int kMaxDays = 30;

  void observe(const event::Event& event, uint16_t hundredths);
  void merge(const CpuSeries& other);

  /// Ascending by slot.
  std::vector<CpuSample> samples(CpuStatistic statistic) const;

  /// The highest datapoint of the first and of the last hour that has one inside [from, to).
  /// A short span may hold no hour's highest: then those of the hours it touches. Never empty when
  /// the span has datapoints.
  std::vector<Evidence> evidence(Time from, Time to) const;

  /// What the records call the place; the smallest non-empty text wins.
  const std::string& account() const { return account_; }
  const std::string& region() const { return region_; }
  const std::string& cluster() const { return cluster_; }

 private:
  struct MinuteValue {
    uint16_t minute;  ///< of the UTC day
    uint16_t hundredths;
  };
  struct Peak {
    uint16_t hundredths = 0;
    Evidence record;
  };
  struct Day {
    std::vector<MinuteValue> minutes;  ///< ascending, unique minutes
    std::map<uint16_t, Peak> by_hour;
  };
  static void keep_value(Day& day, MinuteValue value);
  static void keep_peak(Day& day, uint16_t hour, Peak peak);
  void forget_old_days();

  std::string account_;
  std::string region_;
  std::string cluster_;
  std::map<int64_t, Day> days_;
};

/// Names a series. An instance id is unique by itself; other subjects are unique in their place.
struct CpuSubject {
  event::EntityType type = event::EntityType::kInstance;
  bool is_entity = false;  ///< false: only a label is known, which names nothing
  std::string id;
  std::string place;  ///< account, region, cluster; empty for instances

  auto operator<=>(const CpuSubject&) const = default;
};

class CpuSummary {
 public:
  static constexpr size_t kMaxSeries = 2000;

  struct Key {
    uint64_t hash;
    CpuSubject subject;
    CpuStatistic statistic;
    auto operator<=>(const Key&) const = default;
  };

  explicit CpuSummary(size_t max_series = kMaxSeries) : max_series_(max_series) {}

  /// Takes what is a CPU utilisation in percent at five minutes or finer, and nothing else.
  void observe(const event::Event& event);
  void merge(const CpuSummary& other);

  const std::map<Key, CpuSeries>& series() const { return series_; }
  /// True when there were more than `max_series`.
  bool sampled() const { return sampled_; }

 private:
  CpuSeries* find_or_add(const Key& key);

  size_t max_series_;
  std::map<Key, CpuSeries> series_;
  bool sampled_ = false;
};

}  // namespace davy::detect
