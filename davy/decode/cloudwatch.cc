// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/cloudwatch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "davy/base/text.h"
#include "davy/decode/aws_names.h"
#include "davy/decode/field_slots.h"
#include "davy/decode/json_shape.h"
#include "davy/decode/json_walker.h"
#include "davy/decode/metric_emitter.h"
#include "davy/decode/part_reader.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using event::Fields;
using event::Value;

constexpr event::Logsource kLogsources[] = {{"", "aws", "cloudwatch"}};

/// Longest period CloudWatch knows is a day; beyond this a period is somebody's invention.
constexpr int64_t kLongestPeriodSeconds = 366 * 24 * 3600;
/// Metric streams carry one value a minute.
constexpr DurationNs kStreamPeriod = kMinute;

// -- The parts of a document --------------------------------------------------------------------

enum Field : size_t {
  kResults,
  kQueries,
  kPoints,
  kPlaceboPoints,
  kLabel,
  kPlaceboLabel,
  kStream,
  kAccount,
  kRegion,
  kNamespace,
  kName,
  kDimensions,
  kInstance,
  kCluster,
  kTime,
  kUnit,
  kValueCount,
  kValueSum,
  kValueMax,
  kFieldCount
};
/// "data." is where recorders of SDK calls keep the answer.
constexpr std::array<std::string_view, kFieldCount> kPaths = {"MetricDataResults",
                                                              "MetricDataQueries",
                                                              "Datapoints",
                                                              "data.Datapoints",
                                                              "Label",
                                                              "data.Label",
                                                              "metric_stream_name",
                                                              "account_id",
                                                              "region",
                                                              "namespace",
                                                              "metric_name",
                                                              "dimensions",
                                                              "dimensions.InstanceId",
                                                              "dimensions.ClusterName",
                                                              "timestamp",
                                                              "unit",
                                                              "value.count",
                                                              "value.sum",
                                                              "value.max"};

enum ResultField : size_t {
  kResultId,
  kResultLabel,
  kResultTimes,
  kResultValues,
  kResultFieldCount
};
constexpr std::array<std::string_view, kResultFieldCount> kResultPaths = {"Id", "Label",
                                                                          "Timestamps", "Values"};

enum QueryField : size_t {
  kQueryId,
  kQueryAccount,
  kQueryNamespace,
  kQueryMetric,
  kQueryDimension,
  kQueryDimensionValue,
  kQueryPeriod,
  kQueryStatistic,
  kQueryUnit,
  kQueryFieldCount
};
constexpr std::array<std::string_view, kQueryFieldCount> kQueryPaths = {
    "Id",
    "AccountId",
    "MetricStat.Metric.Namespace",
    "MetricStat.Metric.MetricName",
    "MetricStat.Metric.Dimensions.Name",
    "MetricStat.Metric.Dimensions.Value",
    "MetricStat.Period",
    "MetricStat.Stat",
    "MetricStat.Unit"};

enum PointField : size_t {
  kPointTime,
  kPointUnit,
  kPointAverage,
  kPointSum,
  kPointMaximum,
  kPointMinimum,
  kPointSamples,
  kPointFieldCount
};
constexpr std::array<std::string_view, kPointFieldCount> kPointPaths = {
    "Timestamp", "Unit", "Average", "Sum", "Maximum", "Minimum", "SampleCount"};

enum DateField : size_t {
  kDateYear,
  kDateMonth,
  kDateDay,
  kDateHour,
  kDateMinute,
  kDateSecond,
  kDateFieldCount
};
constexpr std::array<std::string_view, kDateFieldCount> kDatePaths = {"year", "month",  "day",
                                                                      "hour", "minute", "second"};

/// The question behind a result.
struct Query {
  std::string_view id;
  Series series;
};

class CloudWatchDecoder final : public Decoder {
 public:
  explicit CloudWatchDecoder(const event::Schema& schema)
      : walker_(schema), slots_(schema, kPaths) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), bench.fields());
    if (!damage.empty()) return Outcome::rejected(damage);
    record_ = &record;
    fields_ = &bench.fields();
    arena_ = &bench.arena();
    sink_ = &sink;
    emitted_ = bad_points_ = 0;
    if (has(kStream) && has(kName)) return stream_record();
    if (raw(kResults).starts_with('[')) {
      metric_data();
    } else if ((has(kPoints) && has(kLabel)) || has(kPlaceboPoints)) {
      metric_statistics();
    } else {
      return Outcome::not_mine();
    }
    if (bad_points_ > 0) return Outcome::rejected("datapoint without a time or a value");
    return emitted_ > 0 ? Outcome::decoded() : Outcome::skipped("CloudWatch answer without data");
  }

 private:
  bool has(Field field) const { return fields_->has(slots_[field]); }
  std::string_view text(Field field) const { return fields_->text(slots_[field]); }
  /// The raw JSON of an array or object.
  std::string_view raw(Field field) const {
    for (const Value& value : fields_->values(slots_[field])) {
      if (value.type == Value::Type::kContainer) return value.text;
    }
    return {};
  }

  Outcome stream_record();
  void metric_data();
  void read_query(std::string_view json);
  void read_result(std::string_view json);
  void metric_statistics();
  void read_point(std::string_view json, Series& series);
  Series series_of_label(std::string_view label) const;
  std::optional<Time> time_of(const Value& value);

  void emit(const Series& series, std::optional<Time> time, std::optional<double> value) {
    if (!time || !value || !std::isfinite(*value)) {
      ++bad_points_;
      return;
    }
    ++emitted_;
    emitter_.emit(series, *time, *value, *record_, *fields_, *sink_);
  }

  JsonWalker walker_;
  FieldSlots<kFieldCount> slots_;
  JsonParser elements_;  ///< walks the arrays whose elements the readers below read
  PartReader<kResultFieldCount> result_{kResultPaths};
  PartReader<kQueryFieldCount> query_{kQueryPaths};
  PartReader<kPointFieldCount> point_{kPointPaths};
  PartReader<kDateFieldCount> date_{kDatePaths};
  MetricEmitter emitter_;
  std::vector<Query> queries_;
  std::vector<const Value*> times_;
  std::vector<const Value*> values_;

  // Of the record being decoded.
  const RawRecord* record_ = nullptr;
  const Fields* fields_ = nullptr;
  Arena* arena_ = nullptr;
  Sink* sink_ = nullptr;
  size_t emitted_ = 0;
  size_t bad_points_ = 0;
};

// -- Metric streams -----------------------------------------------------------------------------

Outcome CloudWatchDecoder::stream_record() {
  const auto sum = parse_number(text(kValueSum));
  const auto count = parse_number(text(kValueCount));
  if (!sum || !count || *count <= 0) {
    return Outcome::skipped("metric stream record without a value");
  }
  const auto time = parse_time(text(kTime));
  if (!time) return Outcome::rejected("timestamp is missing or not a time");
  Series series;
  series.account = text(kAccount);
  series.region = text(kRegion);
  series.cluster = text(kCluster);
  series.instance = text(kInstance);
  series.metric.name_space = text(kNamespace);
  series.metric.name = text(kName);
  series.metric.unit = text(kUnit);
  series.metric.series = raw(kDimensions);
  series.metric.period = kStreamPeriod;
  const bool total = adds_up(series.metric.unit);
  series.metric.statistic = total ? "Sum" : "Average";
  emit(series, time, total ? *sum : *sum / *count);
  return emitted_ > 0 ? Outcome::decoded() : Outcome::rejected("value is out of range");
}

// -- GetMetricData ------------------------------------------------------------------------------

void CloudWatchDecoder::metric_data() {
  queries_.clear();
  const auto note_damage = [&](std::string_view damage) {
    if (!damage.empty()) ++bad_points_;
  };
  if (has(kQueries)) {
    note_damage(for_each_element(raw(kQueries), elements_,
                                 [&](std::string_view json) { read_query(json); }));
  }
  note_damage(for_each_element(raw(kResults), elements_,
                               [&](std::string_view json) { read_result(json); }));
}

void CloudWatchDecoder::read_query(std::string_view json) {
  if (!query_.read(json)) return;
  const auto keep = [&](QueryField field) { return arena_->copy(query_.text(field)); };
  Query query;
  query.id = keep(kQueryId);
  query.series.account = keep(kQueryAccount);
  query.series.metric.name_space = keep(kQueryNamespace);
  query.series.metric.name = keep(kQueryMetric);
  query.series.metric.statistic = keep(kQueryStatistic);
  query.series.metric.unit = keep(kQueryUnit);
  const int64_t seconds = parse_int(query_.text(kQueryPeriod)).value_or(0);
  if (seconds > 0 && seconds <= kLongestPeriodSeconds) {
    query.series.metric.period = seconds * kSecond;
  }
  const auto names = query_.values(kQueryDimension);
  const auto values = query_.values(kQueryDimensionValue);
  auto value = values.begin();
  for (auto name = names.begin(); name != names.end() && value != values.end(); ++name, ++value) {
    if (name->text == "InstanceId") query.series.instance = arena_->copy(value->text);
    if (name->text == "ClusterName") query.series.cluster = arena_->copy(value->text);
  }
  queries_.push_back(query);
}

Series CloudWatchDecoder::series_of_label(std::string_view label) const {
  const std::string_view path = record_->stream->path;
  Series series;
  series.instance = find_instance_id(label);
  if (series.instance.empty()) series.instance = find_instance_id(path);
  series.metric.name = metric_of_label(label);
  series.metric.series = label.empty() ? path : label;
  return series;
}

void CloudWatchDecoder::read_result(std::string_view json) {
  if (!result_.read(json)) {
    ++bad_points_;
    return;
  }
  const std::string_view label = result_.text(kResultLabel);
  const std::string_view id = result_.text(kResultId);
  Series series = series_of_label(label.empty() ? id : label);
  const auto asked = std::find_if(queries_.begin(), queries_.end(),
                                  [&](const Query& query) { return query.id == id; });
  if (asked != queries_.end()) {
    const Series guess = series;
    series = asked->series;
    if (series.instance.empty()) series.instance = guess.instance;
    if (series.metric.name.empty()) series.metric.name = guess.metric.name;
    series.metric.series = guess.metric.series;
  }

  // The first value of each slot is the array itself, the rest are its elements.
  const auto elements = [&](ResultField field, std::vector<const Value*>& out) {
    out.clear();
    bool first = true;
    for (auto value = result_.values(field).begin(); value != result_.values(field).end();
         ++value) {
      if (!first) out.push_back(&*value);
      first = false;
    }
  };
  elements(kResultTimes, times_);
  elements(kResultValues, values_);
  if (times_.size() != values_.size()) ++bad_points_;
  for (size_t i = 0; i < std::min(times_.size(), values_.size()); ++i) {
    emit(series, time_of(*times_[i]), parse_number(values_[i]->text));
  }
}

// -- GetMetricStatistics ------------------------------------------------------------------------

void CloudWatchDecoder::metric_statistics() {
  const bool recorded = !has(kPoints);
  Series series = series_of_label(text(recorded ? kPlaceboLabel : kLabel));
  series.metric.series = record_->stream->path;  // the label is only the name of the metric
  const std::string_view damage =
      for_each_element(raw(recorded ? kPlaceboPoints : kPoints), elements_,
                       [&](std::string_view json) { read_point(json, series); });
  if (!damage.empty()) ++bad_points_;
}

void CloudWatchDecoder::read_point(std::string_view json, Series& series) {
  struct Statistic {
    PointField field;
    std::string_view name;
  };
  static constexpr Statistic kOfTotals[] = {{kPointSum, "Sum"}};
  static constexpr Statistic kOfLevels[] = {{kPointAverage, "Average"},
                                            {kPointMaximum, "Maximum"},
                                            {kPointSum, "Sum"},
                                            {kPointMinimum, "Minimum"},
                                            {kPointSamples, "SampleCount"}};
  if (!point_.read(json)) {
    ++bad_points_;
    return;
  }
  series.metric.unit = point_.text(kPointUnit);
  std::optional<double> value;
  const auto take_first = [&](std::span<const Statistic> candidates) {
    for (const Statistic& one : candidates) {
      if (value) return;
      value = parse_number(point_.text(one.field));
      if (value) series.metric.statistic = one.name;
    }
  };
  if (adds_up(series.metric.unit)) take_first(kOfTotals);
  take_first(kOfLevels);
  std::optional<Time> time;
  for (const Value& candidate : point_.values(kPointTime)) {
    time = time_of(candidate);
    break;
  }
  emit(series, time, value);
}

/// A time as text, as an epoch number, or as the object {"__class__": "datetime", "year": …} that
/// recorders of SDK calls write.
std::optional<Time> CloudWatchDecoder::time_of(const Value& value) {
  if (value.type != Value::Type::kContainer) return parse_time(value.text);
  if (!value.text.starts_with('{') || !date_.read(value.text)) return std::nullopt;
  char text[] = "0000-00-00 00:00:00";
  constexpr std::array<std::pair<size_t, size_t>, kDateFieldCount> kPlaces = {
      {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
  for (size_t field = 0; field < kDateFieldCount; ++field) {
    const auto [at, width] = kPlaces[field];
    const std::string_view digits = date_.text(field);
    if (digits.size() > width) return std::nullopt;
    digits.copy(text + at + width - digits.size(), digits.size());
  }
  return parse_rfc3339(text);
}

constexpr std::string_view kTellKeys[] = {"metric_stream_name", "MetricDataResults", "Datapoints",
                                          "data"};
constexpr std::string_view kSureKeys[] = {"metric_stream_name", "metric_name"};

}  // namespace

const Format kCloudWatch = {
    .name = "cloudwatch",
    .title = "Amazon CloudWatch metrics",
    .logsources = kLogsources,
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.has_all("metric_stream_name", "metric_name") ||
                 shape.is_array("MetricDataResults") || shape.has_all("Label", "Datapoints") ||
                 (shape.is_object("data") &&
                  shape.raw("data").find("\"Datapoints\"") != std::string_view::npos);
        },
    .tell_keys = kTellKeys,
    .sure_keys = kSureKeys,
    .declare_fields =
        [](event::Schema& schema) {
          for (std::string_view path : kPaths)
            schema.add(path);
        },
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<CloudWatchDecoder>(schema);
    },
};

}  // namespace davy::decode
