// SPDX-License-Identifier: Apache-2.0
// The people and pipelines of the estate, and the calls every story needs.
#pragma once

#include <string>
#include <string_view>

#include "davy/simulate/cloudtrail.h"

namespace davy::simulate {

struct Person {
  std::string_view name, permission_set, account, region, ip;
};

/// Single sign-on users; addresses are the office and homes.
inline constexpr Person kPeople[] = {
    {"anna.kowalska", "DeveloperAccess", kDevelopment, "us-east-1", "73.114.22.190"},
    {"ben.okafor", "DeveloperAccess", kDevelopment, "us-east-1", "24.61.8.77"},
    {"carla.mendes", "PowerUserAccess", kProduction, "us-east-1", "73.114.22.190"},
    {"dmitri.hansen", "AdministratorAccess", kProduction, "us-east-1", "68.45.131.9"},
    {"eva.lindqvist", "DataScientist", kData, "us-east-1", "73.114.22.190"},
    {"farid.nasser", "SecurityAudit", kDevelopment, "us-west-2", "73.114.22.190"},
};

/// Addresses the hosted build service calls from.
inline constexpr std::string_view kBuildAddresses[] = {"20.102.38.141", "20.102.39.22",
                                                       "52.234.34.98"};

/// The pipeline user's key of the documents AWS prints, as named in the mass-launch case.
inline constexpr std::string_view kPipelineKey = "AKIAIOSFODNN7EXAMPLE";
Caller ci_deploy(std::string_view ip);

/// A console session through single sign-on, with MFA.
Caller console_session(const Person& person, Time since, std::string_view browser);

Call console_login_call(const Person& person, Time time);

/// AssumeRole with credentials in the answer.
Call assume_role_call(Rng& rng, Time time, std::string_view account, std::string_view role,
                      std::string_view session);

}  // namespace davy::simulate
