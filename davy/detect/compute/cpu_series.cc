// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/compute/cpu_series.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "davy/base/hash.h"
#include "davy/base/text.h"
#include "davy/detect/entities_of.h"

namespace davy::detect {
namespace {

using event::EntityType;

constexpr std::string_view kMetricNames[] = {
    "CPUUtilization",    // CloudWatch; Oracle writes CpuUtilization
    "Percentage CPU",    // Azure
    "cpu_usage_active",  // CloudWatch agent
};

/// Where a busy CPU is the customer's own code. A managed database at 100 % is a query.
constexpr std::string_view kNamespaces[] = {
    "",
    "AWS/EC2",
    "AWS/ECS",
    "AWS/Lightsail",
    "CWAgent",
    "oci_computeagent",
    "Microsoft.Compute/virtualMachines",
};

constexpr std::pair<std::string_view, CpuStatistic> kStatistics[] = {
    {"", CpuStatistic::kAverage},        {"Average", CpuStatistic::kAverage},
    {"Mean", CpuStatistic::kAverage},    {"Avg", CpuStatistic::kAverage},
    {"Maximum", CpuStatistic::kMaximum}, {"Max", CpuStatistic::kMaximum},
};

template <size_t N>
bool is_one_of(std::string_view text, const std::string_view (&names)[N]) {
  return std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view name) { return equals_ignore_case(text, name); });
}

std::optional<CpuStatistic> statistic_of(std::string_view name) {
  for (const auto& [known, statistic] : kStatistics) {
    if (equals_ignore_case(name, known)) return statistic;
  }
  return std::nullopt;
}

CpuSubject subject_of(const event::Event& event) {
  const std::pair<EntityType, std::string_view> candidates[] = {
      {EntityType::kInstance, event.instance}, {EntityType::kTask, event.task},
      {EntityType::kPod, event.pod},           {EntityType::kContainer, event.container},
      {EntityType::kHost, event.host},
  };
  CpuSubject subject;
  for (const auto& [type, id] : candidates) {
    if (id.empty()) continue;
    subject = {type, true, std::string(id), {}};
    break;
  }
  if (!subject.is_entity) subject.id = event.metric->series;
  if (subject.is_entity && subject.type == EntityType::kInstance) return subject;
  for (std::string_view part : {event.account, event.region, event.cluster}) {
    subject.place += part;
    subject.place += '\n';
  }
  return subject;
}

void keep_smaller(std::string& mine, std::string_view other) {
  if (!other.empty() && (mine.empty() || other < mine)) mine = other;
}

}  // namespace

void CpuSeries::observe(const event::Event& event, uint16_t hundredths) {
  keep_smaller(account_, event.account);
  keep_smaller(region_, event.region);
  keep_smaller(cluster_, event.cluster);
  const Time midnight = bucket_start(event.time, kDay);
  const auto minute = static_cast<uint16_t>((event.time - midnight) / kMinute);
  Day& day = days_[midnight.ns / kDay];
  keep_value(day, {minute, hundredths});
  keep_peak(day, static_cast<uint16_t>(minute / 60),
            {hundredths, {event.ref, record_id_of(event, "cloudwatch"), event.time}});
  forget_old_days();
}

void CpuSeries::merge(const CpuSeries& other) {
  keep_smaller(account_, other.account_);
  keep_smaller(region_, other.region_);
  keep_smaller(cluster_, other.cluster_);
  for (const auto& [number, theirs] : other.days_) {
    Day& mine = days_[number];
    for (const MinuteValue value : theirs.minutes)
      keep_value(mine, value);
    for (const auto& [hour, peak] : theirs.by_hour)
      keep_peak(mine, hour, peak);
  }
  forget_old_days();
}

void CpuSeries::keep_value(Day& day, MinuteValue value) {
  const auto at = std::lower_bound(
      day.minutes.begin(), day.minutes.end(), value,
      [](const MinuteValue& a, const MinuteValue& b) { return a.minute < b.minute; });
  if (at == day.minutes.end() || at->minute != value.minute) {
    day.minutes.insert(at, value);
  } else {
    at->hundredths = std::max(at->hundredths, value.hundredths);
  }
}

void CpuSeries::keep_peak(Day& day, uint16_t hour, Peak peak) {
  const auto [at, added] = day.by_hour.try_emplace(hour, peak);
  if (added) return;
  const auto rank = [](const Peak& p) {
    return std::tuple(-static_cast<int>(p.hundredths), p.record.time, p.record.record_id,
                      p.record.ref);
  };
  if (rank(peak) < rank(at->second)) at->second = std::move(peak);
}

/// Relative to the newest day, so that what is kept does not depend on what came first.
void CpuSeries::forget_old_days() {
  while (days_.rbegin()->first - days_.begin()->first >= kMaxDays)
    days_.erase(days_.begin());
}

std::vector<CpuSample> CpuSeries::samples(CpuStatistic statistic) const {
  std::vector<CpuSample> samples;
  std::vector<double> minutes;  // of the last slot
  for (const auto& [number, day] : days_) {
    for (const MinuteValue& value : day.minutes) {
      const int64_t slot = number * kCpuSlotsPerDay + value.minute / (kCpuSlot / kMinute);
      if (samples.empty() || samples.back().slot != slot) {
        samples.push_back({slot, 0});
        minutes.clear();
      }
      minutes.push_back(value.hundredths / 100.0);
      double sum = 0;
      for (const double minute : minutes)
        sum += minute;
      samples.back().percent = statistic == CpuStatistic::kMaximum
                                   ? *std::max_element(minutes.begin(), minutes.end())
                                   : sum / static_cast<double>(minutes.size());
    }
  }
  return samples;
}

std::vector<Evidence> CpuSeries::evidence(Time from, Time to) const {
  std::vector<Evidence> inside;
  std::vector<Evidence> beside;  // in an hour that the span touches, but outside the span
  for (const auto& [number, day] : days_) {
    for (const auto& [hour, peak] : day.by_hour) {
      const Time hour_begin = bucket_start(peak.record.time, kHour);
      if (hour_begin >= to || hour_begin + kHour <= from) continue;
      const bool within = peak.record.time >= from && peak.record.time < to;
      std::vector<Evidence>& kept = within ? inside : beside;
      if (kept.size() == 2) kept.pop_back();
      kept.push_back(peak.record);
    }
  }
  return inside.empty() ? beside : inside;
}

void CpuSummary::observe(const event::Event& event) {
  if (event.metric == nullptr) return;
  const event::Metric& metric = *event.metric;
  if (!event.time.known() || metric.period > kCpuSlot) return;
  if (!is_one_of(metric.name, kMetricNames) || !is_one_of(metric.name_space, kNamespaces)) return;
  const auto statistic = statistic_of(metric.statistic);
  if (!statistic || !std::isfinite(metric.value) || metric.value < 0) return;
  CpuSubject subject = subject_of(event);
  if (subject.id.empty()) return;
  const Key key{hash_combine(hash64(subject.id), hash64(subject.place)), subject, *statistic};
  CpuSeries* series = find_or_add(key);
  if (series == nullptr) return;
  // 655 % holds what a burstable container may report; it cannot wrap.
  const double hundredths = std::min(std::round(metric.value * 100), double{UINT16_MAX});
  series->observe(event, static_cast<uint16_t>(hundredths));
}

void CpuSummary::merge(const CpuSummary& other) {
  sampled_ = sampled_ || other.sampled_;
  for (const auto& [key, theirs] : other.series_) {
    if (CpuSeries* mine = find_or_add(key)) mine->merge(theirs);
  }
}

/// Null when the key ranks beyond what is kept.
CpuSeries* CpuSummary::find_or_add(const Key& key) {
  const auto [at, added] = series_.try_emplace(key);
  if (series_.size() <= max_series_) return &at->second;
  sampled_ = true;
  const auto last = std::prev(series_.end());
  const bool refused = last == at;
  series_.erase(last);
  return refused ? nullptr : &at->second;
}

}  // namespace davy::detect
