// SPDX-License-Identifier: Apache-2.0
// Network traffic as VPC Flow Logs and Route 53 Resolver query logs see it. A connection is a shape
// (bytes and packets minute by minute) cut into the windows in which its interface reports.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "davy/simulate/world.h"

namespace davy::simulate {

/// What one minute of a connection carries at IP level, seen from the machine.
struct Volume {
  uint32_t packets_out = 0, packets_in = 0;
  uint64_t bytes_out = 0, bytes_in = 0;

  Volume& operator+=(const Volume& more);
};

struct Connection {
  const Machine* machine = nullptr;
  std::string remote_ip;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
  uint8_t protocol = 6;
  bool inbound = false;               ///< the remote side opened it
  bool rejected = false;              ///< by a security group; only the opener's packets are seen
  std::string_view aws_service = {};  ///< owner of the remote address, for the custom format
};

/// Volume of the minute that begins at `minute`.
using Shape = std::function<Volume(Time minute, Rng& rng)>;

/// Both directions of a connection open from `first` to `last`, one pair of records a window.
void add_connection(World& world, Rng& rng, const Connection& connection, Time first, Time last,
                    const Shape& shape);

/// A connection that fits into one window.
void add_exchange(World& world, Rng& rng, const Connection& connection, Time time,
                  DurationNs duration, const Volume& volume);

/// An ephemeral port.
uint16_t ephemeral_port(Rng& rng);

/// Header line of a network's flow log.
std::string_view flow_log_header(const Network& network);

// Shapes. Numbers are bytes at IP level, headers included.

/// A Stratum session with a Monero pool: jobs pushed every half minute to two minutes, shares a
/// Poisson process, TCP keepalive each minute.
Volume stratum_minute(Time minute, Rng& rng);
/// A browser's or bot's WebSocket: one small ping and pong every 30 s, now and then a message.
Volume websocket_minute(Time minute, Rng& rng);
/// Orders pushed over a WebSocket as they come: the size and rate of a pool session, but it follows
/// the day.
Volume push_feed_minute(Time minute, Rng& rng);
/// An idle SSH login: ServerAliveInterval 60, symmetrical.
Volume ssh_keepalive_minute(Time minute, Rng& rng);
/// A monitoring agent sending more than it receives.
Volume agent_minute(Time minute, Rng& rng);
/// A pooled database connection: busy by day.
Volume database_minute(Time minute, Rng& rng);
/// A Kafka consumer: a fetch every half second.
Volume kafka_minute(Time minute, Rng& rng);
/// MQTT with a keepalive of 60 s, both ways tiny.
Volume mqtt_minute(Time minute, Rng& rng);
/// gRPC: an HTTP/2 ping every 10 s, calls in bursts.
Volume grpc_minute(Time minute, Rng& rng);

/// A DNS query and its answer. `answers` are addresses; a name that ends in '.' is a CNAME.
void add_query(World& world, Rng& rng, const Machine& machine, Time time, std::string_view name,
               const std::vector<std::string>& answers, std::string_view type = "A");

}  // namespace davy::simulate
