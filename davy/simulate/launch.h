// SPDX-License-Identifier: Apache-2.0
// RunInstances and TerminateInstances with the request and response that EC2 records.
#pragma once

#include <string>
#include <vector>

#include "davy/simulate/cloudtrail.h"

namespace davy::simulate {

struct LaunchRequest {
  Time time;
  std::string account, region, type;
  uint32_t count = 1;
  std::string key_name = {};  ///< empty: none
  std::string group_name = "default";
  std::string name_tag = {};   ///< also the machines' name
  std::string profile = {};    ///< instance profile, empty: none
  std::string requester = {};  ///< responseElements.requesterId of a service that launches
  std::string tags = {};       ///< further tags as JSON objects, comma-separated
};

/// What came of it.
struct Launched {
  std::string record_id;
  std::vector<const Machine*> machines;
};

/// Adds the machines to the world and the successful call to its records.
Launched launch(World& world, Rng& rng, const Caller& caller, const LaunchRequest& request);

/// The call fails with `code`; nothing is launched. Client.DryRunOperation is a passed probe.
std::string launch_refused(World& world, Rng& rng, const Caller& caller,
                           const LaunchRequest& request, std::string_view code,
                           std::string_view message);

/// One TerminateInstances call.
std::string terminate(World& world, Rng& rng, const Caller& caller, Time time,
                      const std::vector<const Machine*>& machines);

}  // namespace davy::simulate
