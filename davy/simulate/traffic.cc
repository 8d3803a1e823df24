// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/traffic.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/hash.h"
#include "davy/simulate/json_text.h"

namespace davy::simulate {
namespace {

enum TcpFlag : unsigned { kFin = 1, kSyn = 2, kRst = 4, kAck = 16 };

/// What one direction of one window is written from.
struct Leg {
  bool outbound = false;
  uint32_t packets = 0;
  uint64_t bytes = 0;
  int64_t start = 0, end = 0;  ///< epoch seconds
  unsigned flags = 0;
};

std::string default_line(const Connection& connection, const Leg& leg) {
  const Machine& machine = *connection.machine;
  const bool out = leg.outbound;
  return fmt::format("2 {} {} {} {} {} {} {} {} {} {} {} {} OK", machine.network->account,
                     machine.interface, out ? machine.private_ip : connection.remote_ip,
                     out ? connection.remote_ip : machine.private_ip,
                     out ? connection.local_port : connection.remote_port,
                     out ? connection.remote_port : connection.local_port, connection.protocol,
                     leg.packets, leg.bytes, leg.start, leg.end,
                     connection.rejected ? "REJECT" : "ACCEPT");
}

std::string custom_line(const Connection& connection, const Leg& leg) {
  const Machine& machine = *connection.machine;
  const Network& network = *machine.network;
  const bool out = leg.outbound;
  const std::string& source = out ? machine.private_ip : connection.remote_ip;
  const std::string& target = out ? connection.remote_ip : machine.private_ip;
  const std::string_view service =
      connection.aws_service.empty() ? std::string_view("-") : connection.aws_service;
  // Same VPC 1, else through the internet gateway 8; told for egress only.
  const bool inside = connection.remote_ip.starts_with("10.");
  return fmt::format(
      "5 {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} OK {} {} {} IPv4 {} {} {} {} {}",
      network.account, network.vpc, network.subnet, machine.id, machine.interface, source, target,
      out ? connection.local_port : connection.remote_port,
      out ? connection.remote_port : connection.local_port, connection.protocol, leg.flags,
      leg.packets, leg.bytes, leg.start, leg.end, connection.rejected ? "REJECT" : "ACCEPT",
      network.region, network.zone_id, out ? "egress" : "ingress", source, target,
      out ? std::string_view("-") : service, out ? service : std::string_view("-"),
      !out ? "-" : (inside ? "1" : "8"));
}

void add_leg(World& world, const Connection& connection, const Leg& leg) {
  if (leg.packets == 0) return;
  const Network& network = *connection.machine->network;
  world.flows.push_back(
      {{leg.end * kSecond},
       &network,
       network.version_5 ? custom_line(connection, leg) : default_line(connection, leg)});
}

/// Both directions of one window.
void add_window(World& world, const Connection& connection, const Volume& volume, Time from,
                Time to, unsigned phase_flags) {
  const bool tcp = connection.protocol == 6;
  Leg out{true, volume.packets_out, volume.bytes_out, from.ns / kSecond, to.ns / kSecond, 0};
  Leg in{false, volume.packets_in, volume.bytes_in, from.ns / kSecond, to.ns / kSecond, 0};
  if (tcp) {
    Leg& opener = connection.inbound ? in : out;
    Leg& accepter = connection.inbound ? out : in;
    opener.flags = phase_flags;
    accepter.flags = (phase_flags & kSyn) != 0 ? (phase_flags | kAck) : phase_flags;
  }
  add_leg(world, connection, out);
  add_leg(world, connection, in);
}

/// Each interface's windows begin at an offset of its own.
DurationNs phase_of(const Machine& machine, DurationNs window) {
  return static_cast<DurationNs>(hash64(machine.interface) %
                                 static_cast<uint64_t>(window / kSecond)) *
         kSecond;
}

std::string query_line(const Machine& machine, Time time, std::string_view name,
                       std::string_view type, const std::vector<std::string>& answers,
                       uint16_t source_port) {
  std::vector<std::string> written;
  for (const std::string& answer : answers) {
    written.push_back(Object()
                          .text("Rdata", answer)
                          .text("Type", answer.ends_with('.') ? "CNAME" : type)
                          .text("Class", "IN")
                          .done());
  }
  const Network& network = *machine.network;
  return Object()
      .text("version", "1.100000")
      .text("account_id", network.account)
      .text("region", network.region)
      .text("vpc_id", network.vpc)
      .text("query_timestamp", to_rfc3339(time))
      .text("query_name", std::string(name) + '.')
      .text("query_type", type)
      .text("query_class", "IN")
      .text("rcode", answers.empty() ? "NXDOMAIN" : "NOERROR")
      .raw("answers", list(written))
      .text("srcaddr", machine.private_ip)
      .text("srcport", fmt::format("{}", source_port))
      .text("transport", "UDP")
      .raw("srcids", Object().text("instance", machine.id).done())
      .done();
}

}  // namespace

Volume& Volume::operator+=(const Volume& more) {
  packets_out += more.packets_out;
  packets_in += more.packets_in;
  bytes_out += more.bytes_out;
  bytes_in += more.bytes_in;
  return *this;
}

void add_connection(World& world, Rng& rng, const Connection& connection, Time first, Time last,
                    const Shape& shape) {
  const Machine& machine = *connection.machine;
  const DurationNs window = machine.flow_window();
  const DurationNs phase = phase_of(machine, window);
  unsigned flags = kSyn;
  for (Time from = first; from < last;) {
    const Time to = std::min(bucket_start(from - phase, window) + phase + window, last);
    Volume volume;
    for (Time minute = from; minute < to; minute = minute + kMinute)
      volume += shape(minute, rng);
    if (flags == kSyn) volume += {2, 1, 112, 60};
    add_window(world, connection, volume, from, to - kSecond, flags | (to == last ? kFin : 0U));
    flags = 0;
    from = to;
  }
}

void add_exchange(World& world, Rng& rng, const Connection& connection, Time time,
                  DurationNs duration, const Volume& volume) {
  const Time end = time + duration + rng.between(0, 3) * kSecond;
  add_window(world, connection, volume, time, end, connection.rejected ? kSyn : kSyn | kFin);
}

uint16_t ephemeral_port(Rng& rng) {
  return static_cast<uint16_t>(rng.between(32768, 60999));
}

std::string_view flow_log_header(const Network& network) {
  if (network.version_5) {
    return "version account-id vpc-id subnet-id instance-id interface-id srcaddr dstaddr srcport "
           "dstport protocol tcp-flags packets bytes start end action log-status region az-id "
           "flow-direction type pkt-srcaddr pkt-dstaddr pkt-src-aws-service pkt-dst-aws-service "
           "traffic-path";
  }
  return "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes "
         "start end action log-status";
}

void add_query(World& world, Rng& rng, const Machine& machine, Time time, std::string_view name,
               const std::vector<std::string>& answers, std::string_view type) {
  const uint16_t port = ephemeral_port(rng);
  world.dns.push_back({time, machine.network->account, machine.network->region,
                       query_line(machine, time, name, type, answers, port)});
}

}  // namespace davy::simulate
