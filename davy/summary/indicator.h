// SPDX-License-Identifier: Apache-2.0
// What a responder blocks or hunts for: one value, of what type, and the part it plays.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace davy::summary {

enum class IndicatorType : uint8_t {
  kDomain,
  kIp,
  kIpPort,    ///< "141.94.96.144:3333"
  kPath,      ///< of a program
  kPool,      ///< pool URL of a miner's command line: "stratum+tcp://pool.example:3333"
  kSha256,    ///< of a program
  kSourceIp,  ///< where a caller or a login came from
  kWallet,
};

/// The name in JSON and on screen: "ip_port", …
std::string_view indicator_type_name(IndicatorType type);

/// True when the value names something on the network: reports for people take the link out of it.
bool is_remote(IndicatorType type);

/// The part in the incident; where two detections disagree, the earlier row is the stronger word.
enum class IndicatorRole : uint8_t {
  kPool,
  kSessionPeer,   ///< far end of traffic with the shape of a mining session
  kDownloadHost,  ///< listed as one that malware is fetched from or reports to
  kWayIn,
  kCaller,  ///< of suspicious API calls
  kWallet,
  kMiner,       ///< the program that mined, or its hash
  kProgram,     ///< another program of the intrusion
  kRemoteHost,  ///< part not established
};

/// For people: "mining pool", "way in", …
std::string_view indicator_role_name(IndicatorRole role);

struct Indicator {
  IndicatorType type;
  std::string value;
  /// Of a detection only what its detector knows, as a list says it; the incident tells the rest.
  IndicatorRole role = IndicatorRole::kRemoteHost;

  auto operator<=>(const Indicator&) const = default;
};

}  // namespace davy::summary
