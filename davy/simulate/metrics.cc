// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/metrics.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "davy/simulate/json_text.h"

namespace davy::simulate {
namespace {

constexpr DurationNs kPeriod = 5 * kMinute;

std::string decimal(int64_t hundredths) {
  if (hundredths % 100 == 0) return fmt::format("{}.0", hundredths / 100);
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

/// One answer of GetMetricData: newest first, as the API returns by default.
std::string get_metric_data(const std::vector<const Series*>& group) {
  std::vector<std::string> queries, results;
  for (size_t i = 0; i < group.size(); ++i) {
    const Series& one = *group[i];
    const std::string id = fmt::format("m{}", i + 1);
    const std::string metric =
        Object()
            .text("Namespace", "AWS/EC2")
            .text("MetricName", one.metric)
            .raw("Dimensions",
                 list({Object().text("Name", "InstanceId").text("Value", one.machine->id).done()}))
            .done();
    queries.push_back(Object()
                          .text("Id", id)
                          .raw("MetricStat", Object()
                                                 .raw("Metric", metric)
                                                 .number("Period", one.period / kSecond)
                                                 .text("Stat", one.statistic)
                                                 .text("Unit", one.unit)
                                                 .done())
                          .raw("ReturnData", "true")
                          .done());
    std::vector<std::string> times, values;
    for (size_t k = one.hundredths.size(); k-- > 0;) {
      times.push_back(quoted(to_rfc3339(one.first + static_cast<int64_t>(k) * one.period)));
      values.push_back(decimal(one.hundredths[k]));
    }
    results.push_back(Object()
                          .text("Id", id)
                          .text("Label", fmt::format("{} {}", one.machine->id, one.metric))
                          .raw("Timestamps", list(times))
                          .raw("Values", list(values))
                          .text("StatusCode", "Complete")
                          .done());
  }
  return Object()
             .raw("MetricDataQueries", list(queries))
             .raw("MetricDataResults", list(results))
             .raw("Messages", "[]")
             .done() +
         '\n';
}

std::string stream_lines(const std::vector<const Series*>& group) {
  std::string text;
  for (const Series* one : group) {
    for (size_t k = 0; k < one->hundredths.size(); ++k) {
      const std::string value = decimal(one->hundredths[k]);
      const std::string statistics =
          Object().raw("count", "1.0").raw("sum", value).raw("max", value).raw("min", value).done();
      text += Object()
                  .text("metric_stream_name", "estate-metrics")
                  .text("account_id", one->machine->network->account)
                  .text("region", one->machine->network->region)
                  .text("namespace", "AWS/EC2")
                  .text("metric_name", one->metric)
                  .raw("dimensions", Object().text("InstanceId", one->machine->id).done())
                  .number("timestamp",
                          (one->first.ns + static_cast<int64_t>(k) * one->period) / 1'000'000)
                  .raw("value", statistics)
                  .text("unit", one->unit)
                  .done() +
              '\n';
    }
  }
  return text;
}

void add_series(World& world, Rng& rng, Series series, Time last, const Level& level,
                int64_t ceiling) {
  for (Time t = series.first; t < last; t = t + series.period) {
    series.hundredths.push_back(std::clamp<int64_t>(level(t, rng), 0, ceiling));
  }
  if (!series.hundredths.empty()) world.series.push_back(std::move(series));
}

}  // namespace

void add_cpu(World& world, Rng& rng, const Machine& machine, Time first, Time last,
             const Level& level) {
  add_series(
      world, rng,
      {&machine, "CPUUtilization", "Average", "Percent", bucket_start(first, kPeriod), kPeriod, {}},
      last, level, 10000);
}

void add_network_out(World& world, Rng& rng, const Machine& machine, Time first, Time last,
                     const Level& bytes_hundredths) {
  add_series(world, rng,
             {&machine, "NetworkOut", "Sum", "Bytes", bucket_start(first, kPeriod), kPeriod, {}},
             last, bytes_hundredths, INT64_MAX);
}

Level office_hours_level(int base, int by_day) {
  return [base, by_day](Time time, Rng& rng) {
    const int64_t minute = time.ns % kDay / kMinute;
    // 13:00-23:00 UTC is 8:00-18:00 in New York; rises and falls over an hour.
    const int64_t rise = std::clamp<int64_t>((minute - 13 * 60) * 100 / 60, 0, 100);
    const int64_t fall = std::clamp<int64_t>((23 * 60 - minute) * 100 / 60, 0, 100);
    const int64_t level = base * 100 + by_day * std::min(rise, fall);
    return rng.around(level, 150 + level / 4);
  };
}

void write_metric_documents(World& world) {
  std::map<std::pair<std::string, std::string>, std::vector<const Series*>> by_place;
  for (const Series& one : world.series) {
    by_place[{one.machine->network->account, one.machine->network->region}].push_back(&one);
  }
  for (const auto& [place, group] : by_place) {
    const auto& [account, region] = place;
    const bool streamed = account == kProduction && region != "us-east-1";
    world.documents.push_back({fmt::format("cloudwatch/{}_{}_{}.json", account, region,
                                           streamed ? "metric-stream" : "GetMetricData"),
                               streamed ? stream_lines(group) : get_metric_data(group)});
  }
}

}  // namespace davy::simulate
