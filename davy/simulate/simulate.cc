// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/simulate.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "davy/simulate/background.h"
#include "davy/simulate/delivery.h"
#include "davy/simulate/incidents.h"
#include "davy/simulate/labels.h"

namespace davy::simulate {
namespace {

struct Scenario {
  std::string_view name, summary;
  Background background;
  std::vector<void (*)(World&)> parts;  ///< incidents and the like, in time order
};

const std::vector<Scenario>& all_scenarios() {
  static const std::vector<Scenario> all = {
      {"estate",
       "four days of an organisation: background, look-alikes and all three incidents",
       Background::kFull,
       {plant_workload, plant_mass_launch, plant_root_key}},
      {"ec2-guardduty",
       "a miner on one development machine, entered with a stolen SSH key",
       Background::kFull,
       {plant_workload}},
      {"root-key",
       "a root access key launches ten c5.4xlarge",
       Background::kFull,
       {plant_root_key}},
      {"mass-launch",
       "a leaked pipeline key launches 200 p3.2xlarge in eight regions",
       Background::kFull,
       {plant_mass_launch}},
      {"benign", "background and look-alikes only: nothing to be found", Background::kFull, {}},
      {"lone-port",
       "one connection to port 3333 on a quiet background",
       Background::kQuiet,
       {add_lone_port}},
  };
  return all;
}

/// 2025-02-20, a Thursday: two working days, then the weekend of the mass launch.
constexpr Time kDefaultStart{1'740'009'600 * kSecond};

}  // namespace

std::vector<ScenarioInfo> scenarios() {
  std::vector<ScenarioInfo> infos;
  for (const Scenario& scenario : all_scenarios())
    infos.push_back({scenario.name, scenario.summary});
  return infos;
}

Result<Summary> write_estate(const Options& options, const WriteFile& write_file) {
  const auto& all = all_scenarios();
  const auto scenario = std::find_if(
      all.begin(), all.end(), [&](const Scenario& one) { return one.name == options.scenario; });
  if (scenario == all.end()) {
    return Error{ErrorCode::kUsage, fmt::format("no scenario is called \"{}\"", options.scenario)};
  }
  if (!(options.scale > 0 && options.scale <= kMaxScale)) {
    return Error{ErrorCode::kUsage, fmt::format("scale must be above 0 and at most {}", kMaxScale)};
  }

  World world;
  world.seed = options.seed;
  world.start = options.start.known() ? bucket_start(options.start, kDay) : kDefaultStart;
  world.scale_per_mille = std::max<uint64_t>(1, static_cast<uint64_t>(options.scale * 1000 + 0.5));
  add_background(world, scenario->background);
  for (const auto part : scenario->parts)
    part(world);

  Summary summary;
  for (const Planted& truth : world.planted)
    summary.planted.push_back(truth.name);
  const std::string labels = labels_json(world, options);
  DAVY_TRY(deliver(world, write_file, summary));
  ++summary.files;
  summary.bytes += labels.size();
  summary.bytes_written += labels.size();
  DAVY_TRY(write_file("labels.json", labels));
  return summary;
}

}  // namespace davy::simulate
