// SPDX-License-Identifier: Apache-2.0
// Labelled telemetry of an invented AWS organisation: benign background, look-alikes of mining, and
// planted incidents, laid out as AWS delivers it, with labels.json beside it. And load: any volume
// of one format. Same options, same bytes, on every machine: integer arithmetic only, own
// generator.
//
//   Options options{.scenario = "estate"};
//   Summary summary = DAVY_TRY(write_estate(options, [&](auto path, auto bytes) { ... }));
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/result.h"
#include "davy/base/time.h"

namespace davy::simulate {

struct ScenarioInfo {
  std::string_view name;
  std::string_view summary;  ///< one line for `--help`
};
/// In the order they are listed to the user; the first is the default.
std::vector<ScenarioInfo> scenarios();

/// Larger estates do not fit in memory; stream() has no such bound.
inline constexpr double kMaxScale = 50;

struct Options {
  std::string scenario = "estate";
  uint64_t seed = 1;
  Time start;        ///< midnight UTC of the first day; not known: 2025-02-20, a Thursday
  double scale = 1;  ///< multiplies the background, never the incidents; above 0, at most kMaxScale
};

struct Summary {
  uint64_t files = 0;
  uint64_t records = 0;
  uint64_t bytes = 0;                ///< before compression
  uint64_t bytes_written = 0;        ///< after it
  std::vector<std::string> planted;  ///< names of the incidents, in time order
};

/// Called once a file: sorted paths, `/` between folders, labels.json last. An error stops the run.
using WriteFile = std::function<Result<void>(std::string_view path, std::string_view bytes)>;

/// Writes the scenario over four days. kUsage when a scenario or scale is not valid.
Result<Summary> write_estate(const Options& options, const WriteFile& write_file);

enum class StreamFormat : uint8_t {
  kCloudTrail,           ///< one record a line
  kCloudTrailDelivered,  ///< delivered files one after another: gzip members of {"Records":[…]}
  kVpcFlow,              ///< default format with its header line
  kRoute53,              ///< one query a line
};
/// "cloudtrail", "cloudtrail_delivered", "vpc_flow", "route53".
std::optional<StreamFormat> stream_format(std::string_view name);
std::vector<std::string_view> stream_format_names();

struct StreamOptions {
  uint64_t bytes = 0;  ///< before compression; the record that reaches it is completed
  uint64_t seed = 1;
  Time start;  ///< as in Options
};

struct StreamSummary {
  uint64_t records = 0;
  uint64_t bytes = 0;  ///< before compression
};

using Write = std::function<Result<void>(std::string_view bytes)>;

/// Endless benign background of one format: time advances, ids are unique, nothing is planted.
/// Memory stays at a few megabytes whatever the volume.
Result<StreamSummary> stream(StreamFormat format, const StreamOptions& options, const Write& write);

}  // namespace davy::simulate
