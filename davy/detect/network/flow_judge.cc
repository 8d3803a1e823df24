// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_judge.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/network/list_confidence.h"
#include "davy/detect/network/stratum_envelope.h"

namespace davy::detect {
namespace {

constexpr uint8_t kTcp = 6;
constexpr size_t kManyConnections = 10;  // per source, destination, port and hour
constexpr size_t kCrowdFloor = 8;        // fewer workloads cannot show that a remote is shared
constexpr size_t kRareRemote = 2;        // workloads that talk to a remote few others use
constexpr size_t kMaxCrowdNotes = 5;

/// What a session's length adds: a benign flow in the envelope rarely lasts.
constexpr struct {
  double minutes;
  double weight;
} kDurationWeights[] = {{720, 1.6}, {240, 1.4}, {60, 1.2}, {kAlertMinutes, 1.0}};
constexpr double kMiningPortWeight = 0.4;
constexpr double kSupportingWeight = 0.3;

/// How many workloads talk to each remote address, and how many there are. Machines of one launch
/// count once: twenty that one call started say no more of a remote than one does.
class Crowd {
 public:
  Crowd(const std::vector<FlowService>& services, const FlowLookups& lookups) {
    using Member = std::pair<std::string, FlowWorkload>;  // one of them is empty
    std::map<FlowWorkload, Member> members;
    std::set<std::pair<Address, Member>> pairs;
    std::set<Member> workloads;
    for (const FlowService& service : services) {
      if (service.port == 0 || service.protocol != kTcp) continue;
      const auto [at, is_new] = members.try_emplace(service.workload, "", service.workload);
      if (is_new && lookups.launch) {
        std::string launch = lookups.launch(service);
        if (!launch.empty()) at->second = Member(std::move(launch), FlowWorkload{});
      }
      pairs.insert({service.remote, at->second});
      workloads.insert(at->second);
    }
    for (const auto& [remote, workload] : pairs)
      ++users_[remote];
    workloads_ = workloads.size();
  }

  size_t users(const Address& remote) const {
    const auto at = users_.find(remote);
    return at == users_.end() ? 0 : at->second;
  }
  size_t workloads() const { return workloads_; }
  bool is_infrastructure(const Address& remote) const {
    return workloads_ >= kCrowdFloor && users(remote) * 2 > workloads_;
  }

 private:
  std::map<Address, size_t> users_;
  size_t workloads_ = 0;
};

/// Counts of one service over all its hours.
struct Traffic {
  uint64_t minutes_out = 0;  ///< with traffic: at least one record each
  uint64_t minutes_in = 0;
  uint64_t minutes_refused = 0;
  size_t most_connections = 0;  ///< distinct local ports in the busiest hour
  bool too_many_ports = false;

  bool accepted() const { return minutes_out + minutes_in != 0; }
};

Traffic traffic_of(const FlowService& service) {
  Traffic traffic;
  for (const FlowCell* cell : service.cells) {
    traffic.minutes_out += static_cast<uint64_t>(std::popcount(cell->filled[kOut]));
    traffic.minutes_in += static_cast<uint64_t>(std::popcount(cell->filled[kIn]));
    traffic.minutes_refused += static_cast<uint64_t>(std::popcount(cell->rejected));
    traffic.most_connections = std::max(traffic.most_connections, cell->local_ports.count());
    traffic.too_many_ports |= cell->local_ports.more();
  }
  return traffic;
}

std::string remote_name(const FlowService& service) {
  return endpoint_text(to_text(service.remote), service.port);
}

/// What every detection about a service has in common.
Detection about(const FlowService& service, const Traffic& traffic, std::string_view detector) {
  Detection d;
  d.detector = detector;
  d.signal = Signal::kNetwork;
  d.stage = Stage::kMining;
  d.techniques = {"T1496.001"};
  d.time = service.first();
  d.end_time = service.last();
  d.count = traffic.minutes_out + traffic.minutes_in + traffic.minutes_refused;
  d.entities = workload_entities(service.workload, service.contexts);
  d.entities.push_back({event::EntityType::kRemoteAddress, remote_name(service)});
  for (const FlowCell* cell : service.cells) {
    if (d.evidence.size() + 1 < kMaxEvidence) d.evidence.push_back(evidence_of(cell->first));
  }
  d.evidence.push_back(evidence_of(service.cells.back()->last));
  return d;
}

/// The runs of a service that lie inside the envelope.
struct Sessions {
  SessionShape longest;
  double minutes = 0;
};

Sessions sessions_of(const FlowService& service) {
  Sessions sessions;
  const bool port_allowed =
      !is_look_alike_port(service.port) || service.mining_port || service.known_address;
  if (service.protocol != kTcp || service.port == 0 || !port_allowed || service.aws_owned ||
      service.workload_answered || !is_public(service.remote)) {
    return sessions;
  }
  for (const FlowRun& run : flow_runs(service)) {
    const SessionShape shape = session_shape(run, service);
    if (shape.minutes < kSupportingMinutes || broken_bound(shape) != nullptr) continue;
    sessions.minutes += shape.minutes;
    if (shape.minutes > sessions.longest.minutes) sessions.longest = shape;
  }
  return sessions;
}

std::string envelope_detail(const Sessions& sessions) {
  const SessionShape& s = sessions.longest;
  return fmt::format(
      "Expected of a Stratum session, and observed over {}: 1.5-25 packets a minute each way "
      "({:.1f} "
      "out, {:.1f} in), 150-6000 bytes a minute out ({:.0f}), 200-12000 in ({:.0f}), traffic in at "
      "least 0.9 of the minutes ({:.2f}), variation between ten-minute windows at most 0.4 "
      "({:.2f}). "
      "Of captured mining windows 96 % fit, of 58 benign flows none (at most 5 % with 95 % "
      "confidence): odds up to 19 to 1. Consistent with mining; behaviour alone does not prove it.",
      to_human(static_cast<DurationNs>(sessions.minutes) * kMinute), s.out_packets_per_minute,
      s.in_packets_per_minute, s.out_bytes_per_minute, s.in_bytes_per_minute, s.busy_minutes,
      s.window_variation);
}

void judge_envelope(const FlowService& service, const Traffic& traffic, const Sessions& sessions,
                    const Crowd& crowd, std::vector<Detection>& out) {
  const bool alert = sessions.longest.minutes >= kAlertMinutes;
  const bool supports =
      service.mining_port || service.known_address || crowd.users(service.remote) <= kRareRemote;
  if (sessions.minutes == 0 || (!alert && !supports)) return;

  Detection d = about(service, traffic, "stratum_envelope");
  d.title = fmt::format("{} traffic like a mining session: {} to {}", alert ? "Long" : "Short",
                        workload_name(service.workload, service.contexts), remote_name(service));
  d.detail = envelope_detail(sessions);
  d.claim = Claim::kConsistent;
  d.level = !alert ? Level::kInformational : service.mining_port ? Level::kHigh : Level::kMedium;
  d.confidence = !alert ? 0.3 : service.mining_port ? 0.8 : 0.6;
  d.weight = kSupportingWeight;
  for (const auto& step : kDurationWeights) {
    if (sessions.longest.minutes < step.minutes) continue;
    d.weight = step.weight + (service.mining_port ? kMiningPortWeight : 0);
    break;
  }
  d.indicators = {{IndicatorType::kIpPort, remote_name(service), IndicatorRole::kSessionPeer}};
  const SessionShape& s = sessions.longest;
  d.measures = {{"session_minutes", sessions.minutes},
                {"packets_out_per_minute", s.out_packets_per_minute},
                {"packets_in_per_minute", s.in_packets_per_minute},
                {"bytes_out_per_minute", s.out_bytes_per_minute},
                {"bytes_in_per_minute", s.in_bytes_per_minute},
                {"window_variation", s.window_variation},
                {"workloads_using_remote", static_cast<double>(crowd.users(service.remote))}};
  finish(d);
  out.push_back(std::move(d));
}

/// How the traffic with a listed address reads, when the list is sure of it.
struct Reading {
  Claim claim;
  Level level;
  double weight;
  double confidence;
  std::string_view title;
  std::string_view detail;
};
constexpr Reading kBothWays{Claim::kConfirmed,
                            Level::kHigh,
                            2.5,
                            0.95,
                            "Traffic with",
                            "Accepted both ways: the remote answered."};
constexpr Reading kOneWay{Claim::kConsistent,
                          Level::kMedium,
                          1.5,
                          0.7,
                          "One-way traffic with",
                          "Accepted one way only: the log does not show that the remote answered."};
constexpr Reading kRefused{Claim::kAttempt,
                           Level::kMedium,
                           1.0,
                           0.8,
                           "Refused traffic to",
                           "Every packet was refused: an attempt, whose origin is still there."};
constexpr Reading kInbound{Claim::kContext,
                           Level::kLow,
                           0.3,
                           0.3,
                           "Contact from",
                           "The remote side opened the connection: a scan, or a shared address."};

/// Returns whether the remote is taken for a pool the workload talked with.
bool judge_known_address(const FlowService& service, const Traffic& traffic,
                         const Sessions& sessions, const FlowLookups& lookups,
                         std::vector<Detection>& out) {
  if (!service.known_address) return false;
  const std::string ip = to_text(service.remote);
  const intel::IndicatorEntry* by_port =
      service.port != 0 && lookups.ip_port ? lookups.ip_port(ip, service.port) : nullptr;
  const intel::IndicatorEntry* entry = by_port;
  if (entry == nullptr && lookups.ip) entry = lookups.ip(ip);
  if (entry == nullptr) return false;

  const bool both_ways = traffic.minutes_out != 0 && traffic.minutes_in != 0;
  const bool inbound = service.port == 0 || service.workload_answered;
  const Reading& reading = inbound              ? kInbound
                           : both_ways          ? kBothWays
                           : traffic.accepted() ? kOneWay
                                                : kRefused;
  Detection d = about(service, traffic, "known_pool_address");
  d.known_at = d.time;
  d.claim = reading.claim;
  d.level = reading.level;
  d.weight = reading.weight;
  d.confidence = reading.confidence;
  temper(entry->confidence, service.mining_port || sessions.minutes > 0, d);
  if (entry->malware) {
    d.claim = std::min(d.claim, Claim::kConsistent);
    d.stage = Stage::kExecution;
  }
  d.title = fmt::format("{} {}: {} and {}{}", reading.title,
                        entry->malware ? "host of mining malware" : "known mining address",
                        workload_name(service.workload, service.contexts), remote_name(service),
                        family_text(*entry));
  d.detail = fmt::format("{} {}", reading.detail, listing_text(*entry));
  const IndicatorRole role = role_of_listed(*entry, d.claim);
  d.indicators = {by_port != nullptr ? Indicator{IndicatorType::kIpPort, remote_name(service), role}
                                     : Indicator{IndicatorType::kIp, ip, role}};
  const bool pool = !inbound && both_ways && !entry->malware && d.claim != Claim::kContext;
  finish(d);
  out.push_back(std::move(d));
  return pool;
}

void judge_mining_port(const FlowService& service, const Traffic& traffic,
                       std::vector<Detection>& out) {
  const bool many = traffic.most_connections > kManyConnections;
  const bool refused = !traffic.accepted();
  const bool retries = refused && (traffic.minutes_refused >= 2 || traffic.most_connections >= 3);
  if (!service.mining_port || !is_public(service.remote)) return;

  Detection d = about(service, traffic, "mining_port");
  d.known_at = d.time;
  const std::string workload = workload_name(service.workload, service.contexts);
  const std::string connections =
      fmt::format("{}{}", traffic.most_connections, traffic.too_many_ports ? " or more" : "");
  if (refused) {
    d.title =
        fmt::format("Refused connections to mining port: {} to {}", workload, remote_name(service));
    d.claim = Claim::kAttempt;
    d.level = retries ? Level::kLow : Level::kInformational;
    d.weight = retries ? 0.5 : 0.1;
    d.confidence = retries ? 0.4 : 0.1;
  } else {
    d.title = fmt::format("{} to mining port: {} to {}", many ? "Many connections" : "Connection",
                          workload, remote_name(service));
    d.claim = Claim::kContext;
    d.level = many ? Level::kLow : Level::kInformational;
    d.weight = many ? 0.6 : 0.2;
    d.confidence = many ? 0.3 : 0.1;
  }
  d.detail = fmt::format(
      "Expected at most {} connections to one service and port in an hour; observed {} in the "
      "busiest "
      "hour{}. Port {} is popular with pools and not theirs alone: weak evidence by itself.",
      kManyConnections, connections, refused ? ", all refused" : "", service.port);
  d.measures = {{"connections_in_busiest_hour", static_cast<double>(traffic.most_connections)},
                {"refused_minutes", static_cast<double>(traffic.minutes_refused)}};
  finish(d);
  out.push_back(std::move(d));
}

void add_pool_egress(const FlowService& service, PoolEgress& pools) {
  for (const FlowCell* cell : service.cells) {
    double& bytes = pools[{service.workload, cell->key.hour}];
    for (unsigned minute = 0; minute < 60; ++minute) {
      bytes += static_cast<double>(cell->at(kOut, minute).bytes);
    }
  }
}

}  // namespace

Evidence evidence_of(const RecordMark& mark) {
  return {mark.ref, fmt::format("vpc_flow:{:016x}", mark.key), mark.time};
}

void judge_flows(const FlowSummary& summary, const FlowInterest& interest,
                 const FlowLookups& lookups, std::vector<std::string>& notes,
                 std::vector<Detection>& out) {
  const std::vector<FlowService> services = flow_services(summary, interest);
  const Crowd crowd(services, lookups);
  PoolEgress pools;
  std::map<Address, size_t> crowded;  // remotes whose mining-shaped sessions were not reported
  for (const FlowService& service : services) {
    const Traffic traffic = traffic_of(service);
    const Sessions sessions = sessions_of(service);
    const bool known = judge_known_address(service, traffic, sessions, lookups, out);
    const bool shared =
        crowd.is_infrastructure(service.remote) && !service.mining_port && !service.known_address;
    const bool long_session = sessions.longest.minutes >= kAlertMinutes;
    if (shared) {
      crowded[service.remote] += long_session ? 1 : 0;
    } else {
      judge_envelope(service, traffic, sessions, crowd, out);
    }
    if (!known && !long_session) judge_mining_port(service, traffic, out);
    if (known || (long_session && !shared)) add_pool_egress(service, pools);
  }
  judge_egress(summary, pools, out);

  for (const std::string& note : summary.degradations())
    notes.push_back(note);
  size_t told = 0;
  for (const auto& [remote, sessions] : crowded) {
    if (sessions == 0 || ++told > kMaxCrowdNotes) continue;
    notes.push_back(fmt::format(
        "{} mining-shaped sessions with {} not reported: {} of {} workloads use it, so it is taken "
        "for shared infrastructure",
        sessions, to_text(remote), crowd.users(remote), crowd.workloads()));
  }
}

std::vector<LongFlow> long_flows(const FlowSummary& summary, const FlowInterest& interest) {
  std::vector<LongFlow> flows;
  for (const FlowService& service : flow_services(summary, interest)) {
    if (service.protocol != kTcp || service.port == 0) continue;
    LongFlow flow;
    for (const event::Entity& entity : workload_entities(service.workload, service.contexts)) {
      if (entity.type == event::EntityType::kAddress) flow.workload = entity.id;
      if (entity.type == event::EntityType::kInstance) flow.instance = entity.id;
    }
    flow.remote_ip = to_text(service.remote);
    flow.remote_port = service.port;
    for (const FlowRun& run : flow_runs(service)) {
      const int64_t minutes = run.back().minute - run.front().minute + 1;
      if (static_cast<double>(minutes) < kAlertMinutes) continue;
      flow.first = {run.front().minute * kMinute};
      flow.last = {(run.back().minute + 1) * kMinute};
      flows.push_back(flow);
    }
  }
  std::sort(flows.begin(), flows.end());
  return flows;
}

}  // namespace davy::detect
