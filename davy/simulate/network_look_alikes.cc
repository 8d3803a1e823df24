// SPDX-License-Identifier: Apache-2.0
// Long-lived, low-rate connections that are not mining, and ports that are not pools.
#include <fmt/format.h>

#include "davy/simulate/background.h"
#include "davy/simulate/traffic.h"

namespace davy::simulate {
namespace {

struct LongLived {
  std::string_view name, role;
  std::string_view remote;  ///< address; one that begins with '.' is inside the machine's VPC
  uint16_t remote_port;
  uint8_t protocol;
  int open_hour, hours;  ///< each day; 24 hours: one connection for all days
  Volume (*shape)(Time, Rng&);
  std::string_view dns_name, why;
};

/// A client that asks for the time every 1,024 seconds.
Volume ntp_minute(Time minute, Rng&) {
  if (minute.ns / kMinute % 17 != 0) return {};
  return {1, 1, 76, 76};
}

constexpr LongLived kConnections[] = {
    {"websocket", "bastion", "44.237.180.172", 443, 6, 13, 9, websocket_minute,
     "wss-primary.slack.com", "chat client, ping every 30 s"},
    {"websocket-feed", "dev-web", "35.186.224.45", 443, 6, 0, 24, websocket_minute,
     "realtime.ably.io", "push feed open day and night"},
    {"push-feed", "api-eu", "34.120.54.212", 443, 6, 0, 24, push_feed_minute,
     "push.partner.example.net",
     "order feed of a partner: a pool session's size and rate, but it follows the day"},
    {"database-pool", "worker", ".3.44", 5432, 6, 0, 24, database_minute,
     "orders-db.estate.internal", "pooled PostgreSQL connections"},
    {"database-pool-dev", "dev-box", ".3.21", 3306, 6, 0, 24, database_minute,
     "dev-db.estate.internal", "pooled MySQL connections"},
    {"datadog-agent", "api", "3.233.158.26", 443, 6, 0, 24, agent_minute,
     "agent-intake.logs.datadoghq.com", "monitoring agent, sends more than it receives"},
    {"ssm-agent", "dev-box", "52.46.145.233", 443, 6, 0, 24, grpc_minute,
     "ssmmessages.us-east-1.amazonaws.com", "Systems Manager control channel"},
    {"kafka-consumer", "worker", ".4.18", 9092, 6, 0, 24, kafka_minute, "kafka-1.estate.internal",
     "consumer polls twice a second"},
    {"mqtt", "dev-replica", "52.27.120.91", 8883, 6, 0, 24, mqtt_minute,
     "a3k7odshaiipe8-ats.iot.us-west-2.amazonaws.com", "device broker, keepalive 60 s"},
    {"grpc-stream", "etl", "34.107.203.66", 443, 6, 0, 24, grpc_minute,
     "bigquerystorage.googleapis.com", "HTTP/2 ping every 10 s"},
    {"ntp", "site", "162.159.200.123", 123, 17, 0, 24, ntp_minute, "time.cloudflare.com",
     "time synchronisation"},
};

std::string remote_address(const LongLived& row, const Machine& machine) {
  if (!row.remote.starts_with('.')) return std::string(row.remote);
  return machine.network->prefix + std::string(row.remote);
}

void add_long_lived(World& world, const LongLived& row) {
  Rng rng = world.rng(fmt::format("look-alike/{}", row.name));
  const std::vector<const Machine*> machines = machines_of(world, row.role);
  for (const Machine* machine : machines) {
    const bool always = row.hours == 24;
    for (int day = 0; day < (always ? 1 : world.days); ++day) {
      if (!always && !world.is_weekday(day)) continue;
      const Time first = world.at(day, row.open_hour, static_cast<int>(rng.below(20)));
      const Time last = always ? world.end() : first + row.hours * kHour;
      const std::string remote = remote_address(row, *machine);
      add_query(world, rng, *machine, first, row.dns_name, {remote});
      const Connection connection{machine, remote, ephemeral_port(rng), row.remote_port,
                                  row.protocol};
      add_connection(world, rng, connection, first + kSecond, last, row.shape);
    }
  }
  world.look_alikes.push_back(
      {std::string(row.name), machines.front()->network->account, std::string(row.why)});
}

/// A developer's SSH login, idle most of the day.
void add_ssh_session(World& world) {
  Rng rng = world.rng("look-alike/ssh");
  const Machine& bastion = *machines_of(world, "bastion").front();
  for (int day = 0; day < world.days; ++day) {
    if (!world.is_weekday(day)) continue;
    const Connection connection{&bastion, "73.114.22.190", 22, ephemeral_port(rng), 6, true};
    const Time first = world.at(day, 14, static_cast<int>(rng.below(30)));
    add_connection(world, rng, connection, first, first + 8 * kHour, ssh_keepalive_minute);
  }
  world.look_alikes.push_back(
      {"ssh-keepalive", std::string(kDevelopment), "idle login, keepalive every 60 s"});
}

/// Ports on every list of mining ports, used for something else.
void add_lone_ports(World& world) {
  Rng rng = world.rng("look-alike/ports");
  const std::vector<const Machine*> web = machines_of(world, "dev-web");
  Connection dev_server{machines_of(world, "bastion").front(), web.front()->private_ip,
                        ephemeral_port(rng), 3333};
  add_exchange(world, rng, dev_server, world.at(1, 16, 12, 40), 12 * kSecond, {9, 8, 1630, 21400});
  world.look_alikes.push_back({"lone-port-3333", std::string(kDevelopment),
                               "one request to a development web server inside the VPC"});
  Connection probe{web.back(), "89.248.165.52", 8333, ephemeral_port(rng), 6, true, true};
  add_exchange(world, rng, probe, world.at(2, 4, 51, 3), 0, {0, 1, 0, 40});
  world.look_alikes.push_back({"rejected-port-8333", std::string(kDevelopment),
                               "a scanner looks for Bitcoin nodes and is refused"});
}

}  // namespace

void add_network_look_alikes(World& world) {
  for (const LongLived& row : kConnections)
    add_long_lived(world, row);
  add_ssh_session(world);
  add_lone_ports(world);
  world.look_alikes.push_back(
      {"port-scanners", std::string(kProduction), "refused probes of public addresses"});
}

}  // namespace davy::simulate
