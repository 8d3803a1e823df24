// SPDX-License-Identifier: Apache-2.0
// Everyday traffic: what machines resolve and whom they talk to.
#include <iterator>

#include <fmt/format.h>

#include "davy/simulate/background.h"
#include "davy/simulate/traffic.h"

namespace davy::simulate {
namespace {

struct Site {
  std::string_view name, alias, address, aws_service;
};
// Names and the ranges their owners publish.
constexpr Site kSites[] = {
    {"s3.us-east-1.amazonaws.com", "", "52.216.41.80", "S3"},
    {"sqs.us-east-1.amazonaws.com", "", "3.239.232.45", "AMAZON"},
    {"dynamodb.us-east-1.amazonaws.com", "", "52.119.228.146", "DYNAMODB"},
    {"sts.us-east-1.amazonaws.com", "", "209.54.180.161", "AMAZON"},
    {"logs.us-east-1.amazonaws.com", "", "44.202.79.149", "AMAZON"},
    {"kms.us-east-1.amazonaws.com", "", "67.220.241.188", "AMAZON"},
    {"github.com", "", "140.82.112.4", ""},
    {"api.github.com", "", "140.82.114.6", ""},
    {"registry.npmjs.org", "", "104.16.27.34", ""},
    {"pypi.org", "", "151.101.64.223", ""},
    {"files.pythonhosted.org", "dualstack.python.map.fastly.net.", "151.101.0.223", ""},
    {"archive.ubuntu.com", "", "91.189.91.82", ""},
    {"api.stripe.com", "", "54.187.216.72", "AMAZON"},
    {"hooks.slack.com", "", "44.209.5.11", "AMAZON"},
    {"registry-1.docker.io", "", "54.196.99.49", "AMAZON"},
    {"sentry.io", "", "35.186.247.156", ""},
    {"www.googleapis.com", "", "142.251.40.106", ""},
};

/// Requests over HTTPS: resolve now and then, connect, fetch.
void add_outbound_requests(World& world) {
  Rng rng = world.rng("background/https");
  const size_t standing = world.machines.size();
  const uint64_t requests = world.scaled_daily(5200);
  for (uint64_t i = 0; i < requests; ++i) {
    const Machine& machine = world.machines[rng.below(standing)];
    const Site& site = rng.pick(kSites);
    const Time time = world.moment(rng);
    if (rng.chance(190)) {
      std::vector<std::string> answers;
      if (!site.alias.empty()) answers.emplace_back(site.alias);
      answers.emplace_back(site.address);
      add_query(world, rng, machine, time, site.name, answers);
    }
    const uint64_t reply = rng.exponential(28000) + 2400;
    const uint64_t sent = rng.exponential(1500) + 900;
    const auto packets_in = static_cast<uint32_t>(4 + reply / 1400);
    const auto packets_out = static_cast<uint32_t>(5 + packets_in / 2 + sent / 1400);
    const Connection connection{
        &machine, std::string(site.address), ephemeral_port(rng), 443, 6, false,
        false,    site.aws_service};
    add_exchange(world, rng, connection, time + kSecond, rng.between(1, 20) * kSecond,
                 {packets_out, packets_in, sent + packets_out * 52, reply + packets_in * 52});
  }
}

/// The public service behind its load balancer: busier by day.
void add_inbound_requests(World& world) {
  Rng rng = world.rng("background/inbound");
  const std::vector<const Machine*> servers = machines_of(world, "api");
  const uint64_t requests = world.scaled_daily(3600);
  for (uint64_t i = 0; i < requests; ++i) {
    const Time time = world.moment(rng);
    const Machine& machine = *servers[rng.below(servers.size())];
    const std::string balancer =
        fmt::format("{}.255.{}", machine.network->prefix, 10 + rng.below(4));
    Connection connection{&machine, balancer, 8443, ephemeral_port(rng), 6, true};
    const uint64_t sent = rng.exponential(9000) + 700;
    const auto packets = static_cast<uint32_t>(4 + sent / 1400);
    add_exchange(world, rng, connection, time, rng.between(1, 55) * kSecond,
                 {packets, packets + 1, sent + packets * 52, 1200 + packets * 52ULL});
  }
}

/// The internet knocks at every public address.
void add_scanners(World& world) {
  static constexpr uint16_t kPorts[] = {22,   23,   80,   443,  445,  1433, 2375, 3306,
                                        3389, 5060, 5900, 6379, 8080, 8545, 9200};
  Rng rng = world.rng("background/scanners");
  const size_t standing = world.machines.size();
  const uint64_t probes = world.scaled_daily(2200);
  for (uint64_t i = 0; i < probes; ++i) {
    const Machine& machine = world.machines[rng.below(standing)];
    const Time time = world.moment(rng);
    const uint64_t address = rng.next();
    const std::string scanner = fmt::format("{}.{}.{}.{}", 64 + address % 120, address >> 8 & 255,
                                            address >> 16 & 255, 1 + (address >> 24) % 254);
    const uint16_t port = rng.pick(kPorts);
    Connection connection{&machine, scanner, port, ephemeral_port(rng), 6, true, true};
    add_exchange(world, rng, connection, time, 0, {0, 1, 0, rng.chance(500) ? 40U : 60U});
  }
}

/// Names nobody connects to, reverse look-ups, service discovery.
void add_idle_queries(World& world) {
  static constexpr std::string_view kNames[] = {"kafka-1.estate.internal",
                                                "orders-db.estate.internal",
                                                "ec2messages.us-east-1.amazonaws.com",
                                                "ntp.ubuntu.com",
                                                "instance-data.ec2.internal",
                                                "app.datadoghq.com",
                                                "motd.ubuntu.com"};
  Rng rng = world.rng("background/queries");
  const size_t standing = world.machines.size();
  const uint64_t queries = world.scaled_daily(420);
  for (uint64_t i = 0; i < queries; ++i) {
    const Machine& machine = world.machines[rng.below(standing)];
    const Time time = world.moment(rng);
    const std::string_view name = rng.pick(kNames);
    if (rng.chance(70)) {
      add_query(world, rng, machine, time, std::string(name) + ".ec2.internal", {});
    } else {
      add_query(world, rng, machine, time, name,
                {fmt::format("10.{}.3.{}", 20 + name.size(), 10 + name.size())});
    }
  }
}

}  // namespace

void add_network_background(World& world) {
  add_outbound_requests(world);
  add_inbound_requests(world);
  add_scanners(world);
  add_idle_queries(world);
}

}  // namespace davy::simulate
