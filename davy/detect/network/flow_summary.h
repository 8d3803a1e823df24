// SPDX-License-Identifier: Apache-2.0
// The mergeable summary behind every flow detector: per workload, remote service and hour, a
// FlowCell; per workload and hour, an EgressCell. Flow records collapse into it at once.
//
// Kept are flows towards public services, plus any flow that touches a known address. A flow is
// "towards" the side with the lower port, or with the mining port. UDP and connections from outside
// to a workload's own service only count as egress, unless the address is known: mining is TCP that
// the miner opens.
//
// Records of up to 90 s belong to the minute they start in; longer ones (AWS aggregates over up to
// ten minutes) are spread evenly over their minutes, at most an hour.
#pragma once

#include <bitset>
#include <functional>
#include <map>
#include <string>

#include "davy/detect/network/bounded_table.h"
#include "davy/detect/network/egress.h"
#include "davy/detect/network/flow_cell.h"
#include "davy/event/event.h"

namespace davy::detect {

/// What makes a flow worth keeping before others. Must not change while a summary is filled.
struct FlowInterest {
  std::bitset<65536> mining_ports;
  /// Whether the address, alone or with this port (0: alone), is an indicator. Address text as in
  /// the record.
  std::function<bool(std::string_view ip, uint16_t port)> known_address;
};

/// Where a workload is, as the records say.
struct FlowContext {
  std::string account;
  std::string region;
  std::string vpc;
  std::string interface;
  std::string instance;
  auto operator<=>(const FlowContext&) const = default;
};

/// Bounds; a flow cell takes about 0.3 KB for a minute's flow, 1.2 KB for a busy hour, an egress
/// cell at most 1.1 KB.
struct FlowLimits {
  size_t flow_cells = 1 << 17;
  size_t egress_cells = 1 << 15;
};

class FlowSummary {
 public:
  /// `interest` outlives the summary.
  explicit FlowSummary(const FlowInterest& interest, FlowLimits limits = {});

  void observe(const event::Event& event);
  void merge(const FlowSummary& other);

  std::vector<const FlowCell*> flow_cells() const { return cells_.kept(); }
  std::vector<const EgressCell*> egress_cells() const { return egress_.kept(); }
  const FlowContext& context(uint64_t hash) const { return contexts_.at(hash); }

  /// One sentence each about what had to be left out; empty when everything fits.
  std::vector<std::string> degradations() const;

 private:
  struct Observed;

  uint64_t context_of(const event::Event& event);
  void forget_unused_contexts();
  bool is_known(std::string_view text, const Address& address, uint16_t port);
  void observe_service(const Observed& flow);
  void observe_egress(const Observed& flow);
  FlowCell* cell(const FlowCell::Key& key, const Observed& flow);

  const FlowInterest* interest_;
  FlowLimits limits_;
  BoundedTable<FlowCell> cells_;
  BoundedTable<EgressCell> egress_;
  std::map<uint64_t, FlowContext> contexts_;

  /// Answers of FlowInterest::known_address, which is slower than everything else here.
  struct KnownMemo {
    Address address;
    uint16_t port = 0;
    bool filled = false;
    bool known = false;
  };
  std::vector<KnownMemo> known_memo_;

  /// Hashes of contexts that contexts_ holds, so that it is rarely asked. 0: none.
  std::vector<uint64_t> held_contexts_;
};

}  // namespace davy::detect
