// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_summary.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace davy::detect {
namespace {

constexpr size_t kKnownMemoSize = 4096;  // powers of two
constexpr size_t kHeldContexts = 8192;
constexpr size_t kMaxContextText = 256;  // an identifier longer than this is not one
constexpr int64_t kMaxSpreadMinutes = 60;
constexpr uint8_t kTcp = 6;

/// AWS names the owner of a remote address; these ranges hold customers' machines, pools included.
constexpr std::string_view kCustomerRun[] = {"EC2", "CLOUDFRONT", "GLOBALACCELERATOR"};

bool is_aws_owned(std::string_view service) {
  return !service.empty() && std::find(std::begin(kCustomerRun), std::end(kCustomerRun), service) ==
                                 std::end(kCustomerRun);
}

uint64_t mix(uint64_t seed, const Address& address) {
  return hash_combine(seed, hash_combine(address.high, address.low));
}

/// How many minute buckets a record stands for.
int64_t minutes_of(DurationNs duration) {
  return std::clamp<int64_t>((duration + kMinute / 2) / kMinute, 1, kMaxSpreadMinutes);
}

uint64_t part(uint64_t whole, int64_t index, int64_t parts) {
  if (parts == 1) return whole;  // nearly always, and a division takes long
  const auto i = static_cast<uint64_t>(index);
  const auto n = static_cast<uint64_t>(parts);
  return whole / n + (i < whole % n ? 1 : 0);
}

}  // namespace

/// One record with what is worked out of it once.
struct FlowSummary::Observed {
  const event::Event& event;
  const event::Flow& flow;
  Address local;
  Address remote;
  uint16_t service_port = 0;  ///< 0: the remote is the client
  uint64_t context = 0;
  uint64_t workload = 0;  ///< hash of context and local address

  RecordMark mark() const { return {event.time, event.key.high ^ event.key.low, event.ref}; }
};

FlowSummary::FlowSummary(const FlowInterest& interest, FlowLimits limits)
    : interest_(&interest),
      limits_(limits),
      cells_(limits.flow_cells),
      egress_(limits.egress_cells),
      known_memo_(kKnownMemoSize),
      held_contexts_(kHeldContexts) {}

void FlowSummary::observe(const event::Event& event) {
  if (event.flow == nullptr || event.time.ns <= 0) return;
  const event::Flow& flow = *event.flow;
  Observed observed{event, flow, flow.local, flow.remote};

  const bool remote_public = is_public(observed.remote);
  const bool mining_port = flow.protocol == kTcp && interest_->mining_ports[flow.remote_port];
  const bool remote_serves = mining_port || flow.remote_port < flow.local_port;
  observed.service_port = remote_serves ? flow.remote_port : uint16_t{0};
  const bool ordinary = remote_serves && remote_public && flow.protocol == kTcp;
  const bool service = ordinary || is_known(flow.remote_ip, observed.remote, observed.service_port);
  const bool egress = flow.outbound && flow.accepted && remote_public && flow.bytes != 0;
  if (!service && !egress) return;
  observed.context = context_of(event);
  observed.workload = mix(observed.context, observed.local);
  if (service) observe_service(observed);
  if (egress) observe_egress(observed);
}

void FlowSummary::observe_service(const Observed& observed) {
  const event::Flow& flow = observed.flow;
  FlowCell::Key key;
  key.local = observed.local;
  key.remote = observed.remote;
  key.context = observed.context;
  key.port = observed.service_port;
  key.protocol = flow.protocol;
  key.service =
      mix(hash_combine(observed.workload, uint64_t{key.port} << 8 | key.protocol), key.remote);

  const int64_t first_minute = observed.event.time.ns / kMinute;
  const DurationNs duration = observed.event.end - observed.event.time;
  const int64_t minutes = minutes_of(duration);
  const Direction direction = flow.outbound ? kOut : kIn;
  const RecordMark mark = observed.mark();

  FlowCell* cell = nullptr;
  for (int64_t i = 0; i < minutes; ++i) {
    const int64_t minute = first_minute + i;
    const auto in_hour = static_cast<unsigned>(minute % 60);
    if (cell == nullptr || in_hour == 0) {
      key.hour = static_cast<int32_t>(minute / 60);
      cell = this->cell(key, observed);
      if (cell == nullptr) continue;
      cell->add_mark(mark);
      cell->local_ports.add(flow.local_port);
      cell->tcp_flags[direction] =
          static_cast<uint8_t>(cell->tcp_flags[direction] | flow.tcp_flags);
      cell->aws_owned |= is_aws_owned(flow.aws_service);
      cell->spread |= minutes > 1;
    }
    if (!flow.accepted) {
      cell->rejected |= uint64_t{1} << in_hour;
      return;
    }
    cell->add_totals(direction, in_hour,
                     {part(flow.bytes, i, minutes), part(flow.packets, i, minutes)});
  }
  // Start and end are the first and last packet: a window that straddles two minutes has traffic in
  // both. (Only within the hour: the next hour's cell has its own records.)
  if (cell == nullptr || minutes > 1 || duration <= 0) return;
  const int64_t last_minute = (observed.event.end - kSecond).ns / kMinute;
  if (last_minute / 60 == key.hour) {
    cell->touched[direction] |= uint64_t{1} << static_cast<unsigned>(last_minute % 60);
  }
}

void FlowSummary::observe_egress(const Observed& observed) {
  EgressCell::Key key;
  key.local = observed.local;
  key.context = observed.context;
  key.workload = observed.workload;
  key.hour = static_cast<int32_t>(observed.event.time.ns / kHour);
  const uint64_t hash = key.hash();
  EgressCell* cell = egress_.find(key, hash);
  if (cell == nullptr) cell = egress_.add(key, hash);
  if (cell != nullptr) cell->add(observed.mark(), observed.flow.bytes);
}

FlowCell* FlowSummary::cell(const FlowCell::Key& key, const Observed& observed) {
  const uint64_t hash = key.hash();
  if (FlowCell* const found = cells_.find(key, hash)) return found;
  const bool known = is_known(observed.flow.remote_ip, observed.remote, key.port);
  FlowCell::Key ranked = key;
  ranked.notable = known || (key.protocol == kTcp && interest_->mining_ports[key.port]);
  FlowCell* const added = cells_.add(ranked, hash);
  if (added != nullptr) added->known_address = known;
  return added;
}

uint64_t FlowSummary::context_of(const event::Event& event) {
  const auto text = [](std::string_view whole) { return whole.substr(0, kMaxContextText); };
  uint64_t hash = 1;
  for (const std::string_view part :
       {event.account, event.region, event.flow->vpc, event.flow->interface, event.instance}) {
    hash = part.empty() ? hash_combine(hash, 0) : hash64(text(part), hash);
  }
  uint64_t& held = held_contexts_[hash & (kHeldContexts - 1)];
  if (held == hash) return hash;
  if (contexts_.size() > 2 * (limits_.flow_cells + limits_.egress_cells)) forget_unused_contexts();
  held = hash;
  if (contexts_.contains(hash)) return hash;
  const auto copy = [&](std::string_view part) { return std::string(text(part)); };
  contexts_.emplace(hash,
                    FlowContext{copy(event.account), copy(event.region), copy(event.flow->vpc),
                                copy(event.flow->interface), copy(event.instance)});
  return hash;
}

void FlowSummary::forget_unused_contexts() {
  std::set<uint64_t> used;
  for (const FlowCell& cell : cells_.entries())
    used.insert(cell.key.context);
  for (const EgressCell& cell : egress_.entries())
    used.insert(cell.key.context);
  std::erase_if(contexts_, [&](const auto& entry) { return !used.contains(entry.first); });
  held_contexts_.assign(kHeldContexts, 0);
}

bool FlowSummary::is_known(std::string_view text, const Address& address, uint16_t port) {
  if (!interest_->known_address) return false;
  KnownMemo& memo = known_memo_[mix(port, address) & (kKnownMemoSize - 1)];
  if (!memo.filled || memo.address != address || memo.port != port) {
    memo = {address, port, true, interest_->known_address(text, port)};
  }
  return memo.known;
}

void FlowSummary::merge(const FlowSummary& other) {
  for (const FlowCell& theirs : other.cells_.entries()) {
    const uint64_t hash = theirs.key.hash();
    FlowCell* ours = cells_.find(theirs.key, hash);
    if (ours == nullptr) ours = cells_.add(theirs.key, hash);
    if (ours != nullptr) ours->merge(theirs);
  }
  cells_.adopt_bound(other.cells_);
  for (const EgressCell& theirs : other.egress_.entries()) {
    const uint64_t hash = theirs.key.hash();
    EgressCell* ours = egress_.find(theirs.key, hash);
    if (ours == nullptr) ours = egress_.add(theirs.key, hash);
    if (ours != nullptr) ours->merge(theirs);
  }
  egress_.adopt_bound(other.egress_);
  contexts_.insert(other.contexts_.begin(), other.contexts_.end());
}

std::vector<std::string> FlowSummary::degradations() const {
  std::vector<std::string> notes;
  // Ranks are uniform hashes: the highest kept one says which share of all services was kept.
  const auto share = [](uint64_t highest) { return static_cast<double>(highest) * 0x1p-64 * 100; };
  if (cells_.sampled()) {
    const FlowCell& highest = *cells_.kept().back();
    notes.push_back(
        highest.key.notable
            ? fmt::format("flow summaries: more than {} hours of flows touch mining ports "
                          "or known addresses; ordinary flows were not judged",
                          limits_.flow_cells)
            : fmt::format("flow summaries sampled: about {:.1f} % of the services talked "
                          "to were kept, mining ports and known addresses all",
                          share(highest.key.service)));
  }
  if (egress_.sampled()) {
    notes.push_back(fmt::format("egress sampled: about {:.1f} % of the workloads were kept",
                                share(egress_.kept().back()->key.workload)));
  }
  return notes;
}

}  // namespace davy::detect
