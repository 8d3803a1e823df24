// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/detectors.h"

#include "davy/detect/compute/cpu_detector.h"
#include "davy/detect/control_plane/launch_weight.h"
#include "davy/detect/identity/login_source.h"
#include "davy/detect/network/flow_detector.h"
#include "davy/detect/network/known_pool_connection.h"
#include "davy/detect/network/known_pool_name.h"
#include "davy/detect/process/miner_process.h"

namespace davy::detect {

std::vector<std::unique_ptr<Detector>> make_detectors(const intel::Intel& intel) {
  std::vector<std::unique_ptr<Detector>> detectors;
  detectors.push_back(make_launch_weight());
  detectors.push_back(make_login_source(intel));
  detectors.push_back(make_known_pool_name(intel));
  detectors.push_back(make_known_pool_connection(intel));
  detectors.push_back(make_miner_process(intel));
  detectors.push_back(std::make_unique<FlowDetector>(intel));
  detectors.push_back(std::make_unique<CpuDetector>());
  return detectors;
}

std::span<const std::string_view> detector_names() {
  constexpr static std::string_view kNames[] = {
      "cpu_plateau",           "cpu_record",      "egress_spike",  "known_pool_address",
      "known_pool_connection", "known_pool_name", "launch_weight", "load_with_session",
      "login_source",          "miner_process",   "mining_port",   "projected_burn",
      "stratum_envelope",
  };
  return kNames;
}

}  // namespace davy::detect
