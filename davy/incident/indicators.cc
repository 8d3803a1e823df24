// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/indicators.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

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

/// Ports that files are fetched from; a pool there shows by the shape of its session.
constexpr std::string_view kWebPorts[] = {":80", ":443", ":8080"};

bool is_system_program(std::string_view path) {
  return std::any_of(std::begin(kSystemFolders), std::end(kSystemFolders),
                     [&](std::string_view folder) { return path.starts_with(folder); });
}

bool is_web(std::string_view remote) {
  return std::any_of(std::begin(kWebPorts), std::end(kWebPorts),
                     [&](std::string_view port) { return remote.ends_with(port); });
}

/// A listed host of malware: detectors of listed hosts call only what mines a pool.
bool is_malware_host(const Detection& detection) {
  return detection.stage == Stage::kExecution &&
         (detection.detector == "known_pool_name" || detection.detector == "known_pool_address");
}

bool shows_mining(const Detection& detection) {
  return detection.stage == Stage::kMining && detection.claim >= Claim::kConsistent;
}

/// The far ends of traffic with the shape of a mining session.
std::set<std::string> session_peers(DetectionList detections) {
  std::set<std::string> peers;
  for (const Detection* detection : detections) {
    if (detection->detector != "stratum_envelope") continue;
    for (std::string& remote : ids(detection->entities, EntityType::kRemoteAddress))
      peers.insert(std::move(remote));
  }
  return peers;
}

IndicatorRole address_role(const Detection& detection, const std::set<std::string>& peers) {
  if (is_malware_host(detection)) return IndicatorRole::kDownloadHost;
  if (!shows_mining(detection)) return IndicatorRole::kRemoteHost;
  const auto remotes = ids(detection.entities, EntityType::kRemoteAddress);
  const bool fetched = !remotes.empty() &&
                       std::all_of(remotes.begin(), remotes.end(), [&](const std::string& remote) {
                         return is_web(remote) && !peers.contains(remote);
                       });
  return fetched ? IndicatorRole::kDownloadHost : IndicatorRole::kPool;
}

IndicatorRole role_of(const Indicator& indicator, const Detection& detection,
                      const std::set<std::string>& peers) {
  switch (indicator.type) {
    case IndicatorType::kWallet: return IndicatorRole::kWallet;
    case IndicatorType::kPool: return IndicatorRole::kPool;
    case IndicatorType::kSourceIp: return IndicatorRole::kCaller;
    case IndicatorType::kDomain:
      return is_malware_host(detection) ? IndicatorRole::kDownloadHost
             : shows_mining(detection)  ? IndicatorRole::kPool
                                        : IndicatorRole::kRemoteHost;
    case IndicatorType::kIp:
    case IndicatorType::kIpPort: return address_role(detection, peers);
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
  if (role != IndicatorRole::kProgram) return false;
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
  const std::set<std::string> peers = session_peers(detections);
  for (const Detection* detection : detections) {
    for (const Indicator& indicator : detection->indicators) {
      const IndicatorRole role = role_of(indicator, *detection, peers);
      if (!is_ordinary(indicator, *detection, role)) add(indicator.type, indicator.value, role);
    }
  }
  for (const std::string& peer : peers)
    add(IndicatorType::kIpPort, peer, IndicatorRole::kSessionPeer);
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
