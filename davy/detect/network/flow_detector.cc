// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_detector.h"

#include "davy/detect/instances_of.h"
#include "davy/detect/network/flow_service.h"
#include "davy/summary/entity_links.h"

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

/// See FlowLookups::launch. Whoever owns a group has AWS launch machines one at a time, all year.
std::string launch_of(const FlowService& service, const summary::EntityLinks& links) {
  Detection seen;
  seen.time = service.first();
  seen.entities = workload_entities(service.workload, service.contexts);
  for (const std::string& id : instances_of(seen, links)) {
    const summary::InstanceFact* const fact = links.find_instance(id);
    if (fact == nullptr || fact->launch_record.empty()) continue;
    const bool by_itself = fact->launched_by_service.empty() && fact->launched_for.empty();
    return by_itself ? fact->launch_record : std::string();
  }
  return {};
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
      [&intel](std::string_view ip, uint16_t port) { return intel.find_ip_port(ip, port); },
      [&context](const FlowService& service) { return launch_of(service, context.links); }};
  judge_flows(summary_, interest_, lookups, context.notes, out);
}

}  // namespace davy::detect
