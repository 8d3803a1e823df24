// SPDX-License-Identifier: Apache-2.0
// Amazon CloudWatch metrics as JSON: answers of GetMetricData and GetMetricStatistics, and records
// of metric streams. Every datapoint is one event. References: "GetMetricData",
// "GetMetricStatistics" in the CloudWatch API reference; "JSON format" of metric streams in the
// CloudWatch user guide.
//
// What a series is of: answers do not repeat the question, so the instance is taken from a sibling
// MetricDataQueries array, else from an id in the label or the file name. Values are one statistic
// a datapoint: the sum of what adds up (bytes, counts), else the average, else what there is.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kCloudWatch;

}  // namespace davy::decode
