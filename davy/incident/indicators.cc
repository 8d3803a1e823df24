// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/indicators.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Indicator;
using detect::IndicatorRole;
using detect::IndicatorType;
using detect::Stage;
using event::EntityType;

constexpr std::string_view kSystemFolders[] = {
    "/bin/", "/sbin/", "/lib/", "/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/libexec/"};

bool is_system_program(std::string_view path) {
  return std::any_of(std::begin(kSystemFolders), std::end(kSystemFolders),
                     [&](std::string_view folder) { return path.starts_with(folder); });
}

bool shows_mining(const Detection& detection) {
  return detection.stage == Stage::kMining && detection.claim >= Claim::kConsistent;
}

IndicatorRole role_of(const Indicator& indicator, const Detection& detection) {
  if (indicator.role != IndicatorRole::kRemoteHost) return indicator.role;  // its detector knows
  switch (indicator.type) {
    case IndicatorType::kWallet: return IndicatorRole::kWallet;
    case IndicatorType::kPool: return IndicatorRole::kPool;
    case IndicatorType::kSourceIp: return IndicatorRole::kCaller;
    case IndicatorType::kDomain:
    case IndicatorType::kIp:
    case IndicatorType::kIpPort:
      return shows_mining(detection) ? IndicatorRole::kPool : IndicatorRole::kRemoteHost;
    case IndicatorType::kPath:
    case IndicatorType::kSha256:
      return shows_mining(detection) && detection.claim == Claim::kConfirmed
                 ? IndicatorRole::kMiner
                 : IndicatorRole::kProgram;
  }
  return IndicatorRole::kRemoteHost;
}

/// True for a program of the system, and for the hash beside one.
bool is_ordinary(const Indicator& indicator, const Detection& detection, IndicatorRole role) {
  if (role != IndicatorRole::kProgram && role != IndicatorRole::kMiner) return false;
  const bool hash = indicator.type == IndicatorType::kSha256;
  return std::any_of(
      detection.indicators.begin(), detection.indicators.end(), [&](const Indicator& other) {
        return other.type == IndicatorType::kPath && is_system_program(other.value) &&
               (hash || other.value == indicator.value);
      });
}

bool came_in_from(const std::string& address, DetectionList detections) {
  return std::any_of(detections.begin(), detections.end(), [&](const Detection* detection) {
    const auto sources = ids(detection->entities, EntityType::kSourceAddress);
    return detection->stage == Stage::kInitialAccess &&
           std::find(sources.begin(), sources.end(), address) != sources.end();
  });
}

}  // namespace

std::vector<Indicator> indicators_of(DetectionList detections, const InitialAccess& way_in) {
  std::map<std::pair<IndicatorType, std::string>, IndicatorRole> roles;
  const auto add = [&](IndicatorType type, const std::string& value, IndicatorRole role) {
    const auto [place, is_new] = roles.try_emplace({type, value}, role);
    if (!is_new) place->second = std::min(place->second, role);
  };
  for (const Detection* detection : detections) {
    for (const Indicator& indicator : detection->indicators) {
      const IndicatorRole role = role_of(indicator, *detection);
      if (!is_ordinary(indicator, *detection, role)) add(indicator.type, indicator.value, role);
    }
  }
  if (!way_in.source_ip.empty() && way_in.confidence > 0) {
    add(IndicatorType::kSourceIp, way_in.source_ip,
        came_in_from(way_in.source_ip, detections) ? IndicatorRole::kWayIn
                                                   : IndicatorRole::kCaller);
  }
  std::vector<Indicator> indicators;
  for (const auto& [named, role] : roles)
    indicators.push_back({named.first, named.second, role});
  return indicators;
}

}  // namespace davy::incident
