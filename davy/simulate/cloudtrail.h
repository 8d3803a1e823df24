// SPDX-License-Identifier: Apache-2.0
// CloudTrail records as AWS writes them (event version 1.10): identity, session, TLS details, ids.
#pragma once

#include <string>
#include <string_view>

#include "davy/simulate/world.h"

namespace davy::simulate {

/// Who calls: what becomes userIdentity, sourceIPAddress, userAgent.
struct Caller {
  enum class Type : uint8_t { kRoot, kUser, kRole, kService };
  Type type = Type::kRole;
  std::string account;
  std::string name;     ///< user or role; for a service its host, "ec2.amazonaws.com"
  std::string session;  ///< role session name
  std::string access_key;
  std::string source_ip;  ///< address, or the service that called on the role's behalf
  std::string user_agent;
  std::string path = "/";  ///< of the role
  Time session_start;
  bool mfa = false;
  bool web_identity = false;  ///< the session came from AssumeRoleWithWebIdentity

  std::string arn() const;
};

Caller root_key(std::string_view account, std::string_view key, std::string_view ip,
                std::string_view agent);
Caller user_key(std::string_view account, std::string_view user, std::string_view key,
                std::string_view ip, std::string_view agent);
/// A role session; its ASIA key follows from role, session name and start.
Caller role_session(std::string_view account, std::string_view role, std::string_view session,
                    std::string_view ip, std::string_view agent, Time session_start);
/// A role that an AWS service uses: caller address and agent are the service's host.
Caller service_role(std::string_view account, std::string_view role, std::string_view session,
                    std::string_view service, Time session_start);

/// What is called. JSON parts are written as they stand.
struct Call {
  Time time;
  std::string region;
  std::string service;  ///< "ec2": the first label of eventSource
  std::string operation;
  std::string request = "null";
  std::string response = "null";
  std::string error_code, error_message;
  std::string additional;  ///< additionalEventData
  std::string resources;
  std::string event_type = "AwsApiCall";
};

/// Records the call in the caller's account and returns its eventID.
std::string add_call(World& world, Rng& rng, const Caller& caller, const Call& call);

/// The AIDA…, AROA… or ASIA… id that belongs to a name: same name, same id.
std::string aws_id(std::string_view prefix, std::string_view belongs_to);

/// {"_return":true} with a request id, EC2's answer to calls that only succeed.
std::string ec2_success(Rng& rng);

}  // namespace davy::simulate
