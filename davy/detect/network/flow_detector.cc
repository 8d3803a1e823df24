// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_detector.h"

namespace davy::detect {
namespace {

FlowInterest interest_of(const intel::Intel& intel) {
  FlowInterest interest;
  for (uint32_t port = 1; port <= 0xFFFF; ++port) {
    interest.mining_ports[port] = intel.find_port(static_cast<uint16_t>(port)) != nullptr;
  }
  interest.known_address = [&intel](std::string_view ip, uint16_t port) {
    return intel.find_ip(ip) != nullptr || (port != 0 && intel.find_ip_port(ip, port) != nullptr);
  };
  return interest;
}

}  // namespace

FlowDetector::FlowDetector(const intel::Intel& intel)
    : interest_(interest_of(intel)), summary_(interest_) {}

void FlowDetector::merge(Detector& other) {
  summary_.merge(static_cast<FlowDetector&>(other).summary_);
}

void FlowDetector::judge(const JudgeContext& context, std::vector<Detection>& out) const {
  const intel::Intel& intel = context.intel;
  const FlowLookups lookups{
      [&intel](std::string_view ip) { return intel.find_ip(ip); },
      [&intel](std::string_view ip, uint16_t port) { return intel.find_ip_port(ip, port); }};
  judge_flows(summary_, interest_, lookups, context.notes, out);
}

}  // namespace davy::detect
