// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/network/flow_judge.h"

namespace davy::detect {
namespace {

constexpr double kFloorBytes = 200e6;
constexpr double kFloorRatio = 20;
constexpr size_t kMinOtherHours = 3;  // fewer do not make a normal

struct EgressHour {
  int32_t hour = 0;
  double bytes = 0;
  bool exact = true;
  RecordMark largest;
};

struct EgressHistory {
  std::vector<FlowContext> contexts;
  std::vector<EgressHour> hours;  ///< ascending
};

std::map<FlowWorkload, EgressHistory> histories(const FlowSummary& summary) {
  std::map<FlowWorkload, std::map<int32_t, EgressHour>> by_hour;
  std::map<FlowWorkload, EgressHistory> histories;
  for (const EgressCell* cell : summary.egress_cells()) {
    const FlowContext& context = summary.context(cell->key.context);
    const FlowWorkload workload = workload_of(context, cell->key.local);
    histories[workload].contexts.push_back(context);
    const EgressHour hour{cell->key.hour, cell->bytes(), cell->exact(), cell->largest};
    // Seen at two interfaces (its own, a NAT gateway's): the larger view counts, not their sum.
    const auto [at, added] = by_hour[workload].try_emplace(hour.hour, hour);
    const auto more = [](const EgressHour& a, const EgressHour& b) {
      return std::tuple(a.bytes, b.largest) > std::tuple(b.bytes, a.largest);
    };
    if (!added && more(hour, at->second)) at->second = hour;
  }
  for (auto& [workload, history] : histories) {
    auto& contexts = history.contexts;
    std::sort(contexts.begin(), contexts.end());
    contexts.erase(std::unique(contexts.begin(), contexts.end()), contexts.end());
    for (const auto& [number, hour] : by_hour[workload])
      history.hours.push_back(hour);
  }
  return histories;
}

/// Of all hours but one.
double median_of_others(const std::vector<EgressHour>& hours, size_t left_out) {
  std::vector<double> bytes;
  for (size_t i = 0; i < hours.size(); ++i) {
    if (i != left_out) bytes.push_back(hours[i].bytes);
  }
  const auto middle = bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2);
  std::nth_element(bytes.begin(), middle, bytes.end());
  if (bytes.size() % 2 != 0) return *middle;
  return (*middle + *std::max_element(bytes.begin(), middle)) / 2;
}

std::string amount(double bytes) {
  return human_bytes(static_cast<uint64_t>(std::llround(bytes)));
}

}  // namespace

void judge_egress(const FlowSummary& summary, const PoolEgress& pools,
                  std::vector<Detection>& out) {
  for (const auto& [workload, history] : histories(summary)) {
    const auto& hours = history.hours;
    if (hours.size() < kMinOtherHours + 1) continue;
    for (size_t i = 0; i < hours.size(); ++i) {
      const EgressHour& hour = hours[i];
      if (hour.bytes < kFloorBytes) continue;
      const double normal = median_of_others(hours, i);
      if (hour.bytes < kFloorRatio * normal) continue;

      const auto pool = pools.find({workload, hour.hour});
      const double explained = pool == pools.end() ? 0 : pool->second;
      Detection d;
      d.detector = "egress_spike";
      d.title = fmt::format("Egress spike: {} sent {} in an hour",
                            workload_name(workload, history.contexts), amount(hour.bytes));
      d.detail = fmt::format(
          "Expected about {} an hour (median of {} other hours), observed {}{}. Egress not "
          "explained "
          "by pool sessions ({} of {}): look for exfiltration.",
          amount(normal), hours.size() - 1, amount(hour.bytes),
          hour.exact ? "" : " (estimated from a sample, standard error at most 13 %)",
          amount(explained), amount(hour.bytes));
      d.level = Level::kLow;
      d.confidence = 0.4;
      d.weight = 0.4;
      d.signal = Signal::kNetwork;
      d.stage = Stage::kExecution;
      d.claim = Claim::kContext;
      d.time = {hour.hour * kHour};
      d.end_time = d.time + kHour;
      d.techniques = {"T1048"};
      d.entities = workload_entities(workload, history.contexts);
      d.evidence = {evidence_of(hour.largest)};
      d.measures = {{"egress_bytes", hour.bytes},
                    {"normal_egress_bytes", normal},
                    {"pool_session_bytes", explained},
                    {"egress_unexplained_bytes", std::max(0.0, hour.bytes - explained)}};
      finish(d);
      out.push_back(std::move(d));
    }
  }
}

}  // namespace davy::detect
