// SPDX-License-Identifier: Apache-2.0
#include "davy/summary/indicator.h"

#include <iterator>

namespace davy::summary {
namespace {

struct TypeRow {
  std::string_view name;
  bool remote;
};

// Indexed by IndicatorType; the order is the enumeration's.
constexpr TypeRow kTypes[] = {
    {"domain", true}, {"ip", true},      {"ip_port", true},   {"path", false},
    {"pool", true},   {"sha256", false}, {"source_ip", true}, {"wallet", false},
};
static_assert(std::size(kTypes) == static_cast<size_t>(IndicatorType::kWallet) + 1);

// Indexed by IndicatorRole.
constexpr std::string_view kRoles[] = {"mining pool",   "mining session peer",
                                       "download host", "way in",
                                       "API caller",    "wallet",
                                       "miner",         "program",
                                       "remote host"};
static_assert(std::size(kRoles) == static_cast<size_t>(IndicatorRole::kRemoteHost) + 1);

}  // namespace

std::string_view indicator_type_name(IndicatorType type) {
  return kTypes[static_cast<size_t>(type)].name;
}

bool is_remote(IndicatorType type) {
  return kTypes[static_cast<size_t>(type)].remote;
}

std::string_view indicator_role_name(IndicatorRole role) {
  return kRoles[static_cast<size_t>(role)];
}

}  // namespace davy::summary
