// SPDX-License-Identifier: Apache-2.0
// Turns a datapoint of a metric series into an event; shared by the CloudWatch formats. The key of
// a datapoint is a hash of its series, metric, statistic, time and value: two exports of the same
// series overlap without counting twice.
#pragma once

#include <string>
#include <string_view>

#include "davy/decode/format.h"

namespace davy::decode {

/// What all datapoints of a series have in common. Views outlive the emit() calls.
struct Series {
  std::string_view instance;
  std::string_view account;
  std::string_view region;
  std::string_view cluster;
  event::Metric metric;  ///< all but the value
};

class MetricEmitter {
 public:
  /// Emits one event. `time` is the start of the datapoint's period.
  void emit(const Series& series, Time time, double value, const RawRecord& record,
            const event::Fields& fields, Sink& sink);

 private:
  event::Metric metric_;
  std::string key_;
};

/// "NetworkOut" out of "i-0a1b… NetworkOut": the last word that is no instance id.
std::string_view metric_of_label(std::string_view label);

/// The metric a file is named after ("ec2_cpu_utilization_24ae8d.csv" -> "CPUUtilization"), or
/// empty.
std::string_view metric_of_path(std::string_view path);

/// Whether values of this unit are summed over a period, as bytes are and per cent are not.
bool adds_up(std::string_view unit);

}  // namespace davy::decode
