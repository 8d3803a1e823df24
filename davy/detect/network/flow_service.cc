// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_service.h"

#include <algorithm>
#include <map>

#include "davy/base/text.h"

namespace davy::detect {
namespace {

constexpr unsigned kSynAckFlag = 16;  // AWS sets ACK only together with SYN

void add_cell(FlowService& service, const FlowCell& cell, const FlowContext& context) {
  service.cells.push_back(&cell);
  service.contexts.push_back(context);
  service.known_address |= cell.known_address;
  service.aws_owned |= cell.aws_owned;
  service.workload_answered |= (cell.tcp_flags[kOut] & kSynAckFlag) != 0;
}

void sort_service(FlowService& service) {
  std::sort(service.cells.begin(), service.cells.end(), [](const FlowCell* a, const FlowCell* b) {
    return std::tuple(a->key.hour, a->key.rank()) < std::tuple(b->key.hour, b->key.rank());
  });
  std::sort(service.contexts.begin(), service.contexts.end());
  service.contexts.erase(std::unique(service.contexts.begin(), service.contexts.end()),
                         service.contexts.end());
}

MinuteTotals larger(const MinuteTotals& a, const MinuteTotals& b) {
  return {std::max(a.bytes, b.bytes), std::max(a.packets, b.packets)};
}

/// Adds the cell's minutes; where two cells cover one minute the larger totals count.
void add_minutes(const FlowCell& cell, FlowRun& minutes) {
  uint64_t left = cell.touched[kOut] | cell.touched[kIn];
  for (; left != 0; left &= left - 1) {
    const auto minute = static_cast<unsigned>(std::countr_zero(left));
    const FlowMinute added{int64_t{cell.key.hour} * 60 + minute, cell.at(kOut, minute),
                           cell.at(kIn, minute)};
    const auto at = std::lower_bound(minutes.begin(), minutes.end(), added);
    if (at != minutes.end() && at->minute == added.minute) {
      at->out = larger(at->out, added.out);
      at->in = larger(at->in, added.in);
    } else {
      minutes.insert(at, added);
    }
  }
}

}  // namespace

Time FlowService::first() const {
  Time first = kEndOfTime;
  for (const FlowCell* cell : cells)
    first = std::min(first, cell->first.time);
  return first;
}

Time FlowService::last() const {
  Time last;
  for (const FlowCell* cell : cells)
    last = std::max(last, cell->last.time);
  return last;
}

FlowWorkload workload_of(const FlowContext& context, const Address& local) {
  return {context.account, context.vpc.empty() ? context.interface : context.vpc, local};
}

std::vector<FlowService> flow_services(const FlowSummary& summary, const FlowInterest& interest) {
  using Identity = std::tuple<FlowWorkload, Address, uint16_t, uint8_t>;
  std::map<Identity, FlowService> services;
  for (const FlowCell* cell : summary.flow_cells()) {
    const FlowCell::Key& key = cell->key;
    const FlowContext& context = summary.context(key.context);
    const FlowWorkload workload = workload_of(context, key.local);
    FlowService& service = services[{workload, key.remote, key.port, key.protocol}];
    service.workload = workload;
    service.remote = key.remote;
    service.port = key.port;
    service.protocol = key.protocol;
    service.mining_port = interest.mining_ports[key.port];
    add_cell(service, *cell, context);
  }
  std::vector<FlowService> ordered;
  ordered.reserve(services.size());
  for (auto& [identity, service] : services) {
    sort_service(service);
    ordered.push_back(std::move(service));
  }
  return ordered;
}

std::vector<FlowRun> flow_runs(const FlowService& service) {
  FlowRun minutes;
  for (const FlowCell* cell : service.cells)
    add_minutes(*cell, minutes);
  std::vector<FlowRun> runs;
  for (const FlowMinute& minute : minutes) {
    if (runs.empty() || minute.minute - runs.back().back().minute > kRunGapMinutes) {
      runs.emplace_back();
    }
    runs.back().push_back(minute);
  }
  return runs;
}

std::vector<event::Entity> workload_entities(const FlowWorkload& workload,
                                             const std::vector<FlowContext>& contexts) {
  using event::EntityType;
  std::vector<event::Entity> entities;
  const auto add = [&](EntityType type, const std::string& id) {
    if (!id.empty()) entities.push_back({type, id});
  };
  bool has_instance = false;
  for (const FlowContext& context : contexts)
    has_instance |= !context.instance.empty();
  for (const FlowContext& context : contexts) {
    if (context.instance.empty() && (has_instance || contexts.size() > 1)) continue;
    add(EntityType::kInstance, context.instance);
    add(EntityType::kInterface, context.interface);
  }
  for (const FlowContext& context : contexts)
    add(EntityType::kRegion, context.region);
  add(EntityType::kAccount, workload.account);
  const bool in_vpc = !contexts.empty() && !contexts.front().vpc.empty();
  const std::string& scope = in_vpc ? workload.scope : workload.account;
  add(EntityType::kAddress, scope + "/" + to_text(workload.local));
  return entities;
}

std::string workload_name(const FlowWorkload& workload, const std::vector<FlowContext>& contexts) {
  for (const FlowContext& context : contexts) {
    if (!context.instance.empty()) {
      return printable(context.instance, 40) + " (" + to_text(workload.local) + ")";
    }
  }
  return to_text(workload.local);
}

}  // namespace davy::detect
