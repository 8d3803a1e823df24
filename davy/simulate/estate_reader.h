// SPDX-License-Identifier: Apache-2.0
// For tests: a generated estate in memory, and its records as JSON and columns.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "davy/simulate/simulate.h"

namespace davy::simulate {

/// Path -> text after decompression.
using Estate = std::map<std::string, std::string>;

/// Generates; the test fails when that fails.
Estate make_estate(const Options& options);
/// Generated once a process, default options but for the name.
const Estate& estate_of(const std::string& scenario);

nlohmann::json labels_of(const Estate& estate);
/// Every CloudTrail record, duplicates included.
std::vector<nlohmann::json> api_records(const Estate& estate);
/// Every line of the files below `folder`, as JSON.
std::vector<nlohmann::json> json_lines(const Estate& estate, std::string_view folder);

struct FlowRow {
  std::string account, interface, source, target, action;
  int source_port = 0, target_port = 0;
  double packets = 0, bytes = 0;
  long start = 0, end = 0;
};
/// The rows of all flow logs, whatever their columns.
std::vector<FlowRow> flow_rows(const Estate& estate);

}  // namespace davy::simulate
