// SPDX-License-Identifier: Apache-2.0
// The cells of a FlowSummary put together: everything one workload exchanged with one remote
// service over all hours, and its runs, the stretches without a long silence.
#pragma once

#include <string>
#include <vector>

#include "davy/detect/network/flow_summary.h"
#include "davy/event/entity.h"

namespace davy::detect {

/// A machine or pod: one address within a VPC, or on an interface where the VPC is not recorded.
struct FlowWorkload {
  std::string account;
  std::string scope;  ///< VPC, else interface
  Address local;
  auto operator<=>(const FlowWorkload&) const = default;
};

struct FlowMinute {
  int64_t minute = 0;  ///< since 1970
  MinuteTotals out;
  MinuteTotals in;
  auto operator<=>(const FlowMinute& o) const { return minute <=> o.minute; }
  bool operator==(const FlowMinute& o) const { return minute == o.minute; }
};

struct FlowService {
  FlowWorkload workload;
  Address remote;
  uint16_t port = 0;  ///< 0: the remote is the client
  uint8_t protocol = 0;
  bool mining_port = false;
  bool known_address = false;
  bool aws_owned = false;
  bool workload_answered =
      false;  ///< the workload sent a SYN-ACK: the remote opened the connection
  std::vector<const FlowCell*> cells;  ///< by hour
  std::vector<FlowContext> contexts;   ///< sorted, unique

  Time first() const;
  Time last() const;
};

/// Seconds of silence that end a run: ten empty minutes.
inline constexpr int64_t kRunGapMinutes = 10;

/// Minutes with traffic from the first to the last of a run, ascending. A minute that only a
/// record's span covers is present with zero totals.
using FlowRun = std::vector<FlowMinute>;

/// All services, ordered by workload, remote address, port and protocol.
std::vector<FlowService> flow_services(const FlowSummary& summary, const FlowInterest& interest);

/// The accepted traffic of a service, cut at silences.
std::vector<FlowRun> flow_runs(const FlowService& service);

/// The workload's entities, and account and region. An interface is named only when it is the
/// workload's own: a NAT gateway's would tie strangers together.
std::vector<event::Entity> workload_entities(const FlowWorkload& workload,
                                             const std::vector<FlowContext>& contexts);

/// "10.0.0.5", with the instance where known: how a sentence names a workload.
std::string workload_name(const FlowWorkload& workload, const std::vector<FlowContext>& contexts);

/// The workload a context's address belongs to.
FlowWorkload workload_of(const FlowContext& context, const Address& local);

}  // namespace davy::detect
