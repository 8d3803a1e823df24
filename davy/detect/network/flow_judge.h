// SPDX-License-Identifier: Apache-2.0
// Reads a finished FlowSummary: stratum_envelope, mining_port, known_pool_address, egress_spike.
// Output depends on the summary and the look-ups only; see docs/detectors for each.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/detect/network/flow_service.h"
#include "davy/detect/network/flow_summary.h"
#include "davy/intel/intel.h"

namespace davy::detect {

/// Indicators, as the judge asks for them; null when not listed.
struct FlowLookups {
  std::function<const intel::IndicatorEntry*(std::string_view ip)> ip;
  std::function<const intel::IndicatorEntry*(std::string_view ip, uint16_t port)> ip_port;
  /// Of the call that launched the service's workload, its record; empty when unknown, or when AWS
  /// launched it for a group. May be left out.
  std::function<std::string(const FlowService&)> launch = {};
};

/// Appends finished detections in a deterministic order, and a note for each thing not judged.
void judge_flows(const FlowSummary& summary, const FlowInterest& interest,
                 const FlowLookups& lookups, std::vector<std::string>& notes,
                 std::vector<Detection>& out);

/// The record as evidence, under the id that record_id_of() gives a flow.
Evidence evidence_of(const RecordMark& mark);

/// Bytes sent to services judged to be pools, by workload and hour.
using PoolEgress = std::map<std::pair<FlowWorkload, int32_t>, double>;

/// The egress_spike part of judge_flows.
void judge_egress(const FlowSummary& summary, const PoolEgress& pools, std::vector<Detection>& out);

/// A remote service a workload talked to for at least 20 minutes without a long silence: what a DNS
/// answer that named the address can be joined to.
struct LongFlow {
  std::string remote_ip;
  uint16_t remote_port = 0;
  std::string workload;  ///< entity id: "<vpc or account>/<ip>"
  std::string instance;
  Time first;
  Time last;
  auto operator<=>(const LongFlow&) const = default;
};

/// Sorted by remote address text.
std::vector<LongFlow> long_flows(const FlowSummary& summary, const FlowInterest& interest);

}  // namespace davy::detect
