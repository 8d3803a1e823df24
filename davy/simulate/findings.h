// SPDX-License-Identifier: Apache-2.0
// GuardDuty findings in the shape of its S3 export (camelCase, one a line).
#pragma once

#include <string>
#include <string_view>

#include "davy/simulate/world.h"

namespace davy::simulate {

struct FindingRequest {
  std::string type, title, description;
  int severity = 8;  ///< 1-10
  Time first_seen, last_seen, created;
  uint64_t count = 1;
  std::string account, region;
  std::string action;    ///< service.action
  std::string resource;  ///< resource
  bool sample = false;
};

void add_finding(World& world, Rng& rng, const FindingRequest& request);

/// `resource` of a finding about an instance or about an access key.
std::string instance_resource(const Machine& machine);
std::string access_key_resource(std::string_view account, std::string_view key,
                                std::string_view user, std::string_view user_type);

struct RemoteHost {
  std::string ip, country, city, organisation;
  int asn = 0;
};
/// service.action of the three kinds used here.
std::string dns_action(std::string_view domain);
std::string connection_action(const Machine& machine, const RemoteHost& remote, uint16_t port,
                              uint16_t local_port);
std::string api_action(std::string_view api, std::string_view service, const RemoteHost& caller,
                       std::string_view user_agent);

}  // namespace davy::simulate
