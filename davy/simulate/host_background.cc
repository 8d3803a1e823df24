// SPDX-License-Identifier: Apache-2.0
// Load, process listings, audit records, runtime alerts and findings of an ordinary week.
#include <fmt/format.h>

#include "davy/simulate/background.h"
#include "davy/simulate/findings.h"
#include "davy/simulate/host_logs.h"
#include "davy/simulate/metrics.h"

namespace davy::simulate {
namespace {

struct LoadRow {
  std::string_view role;
  int base, by_day;  ///< percent
};
constexpr LoadRow kLoads[] = {
    {"dev-web", 6, 9}, {"bastion", 2, 3},  {"dev-box", 9, 22}, {"dev-replica", 5, 4},
    {"api", 18, 34},   {"worker", 22, 30}, {"kafka", 31, 16},  {"api-eu", 14, 8},
    {"etl", 12, 20},   {"site", 3, 2},
};

/// Builds come in bursts on weekdays and take every core.
void add_build_load(World& world) {
  Rng rng = world.rng("look-alike/ci-load");
  for (const Machine* runner : machines_of(world, "ci-runner")) {
    int64_t busy_until = 0, next_build = 0;
    add_cpu(world, rng, *runner, world.start, world.end(), [&](Time time, Rng& r) {
      const int day = static_cast<int>((time - world.start) / kDay);
      const int64_t minute = time.ns % kDay / kMinute;
      const bool open = world.is_weekday(day) && minute >= 13 * 60 && minute < 23 * 60;
      if (open && time.ns >= next_build) {
        busy_until = time.ns + r.between(3, 9) * 5 * kMinute;
        next_build = busy_until + r.between(1, 8) * 5 * kMinute;
      }
      return time.ns < busy_until ? r.around(9780, 210) : r.around(320, 180);
    });
  }
  world.look_alikes.push_back({"ci-fleet-cpu", std::string(kDevelopment),
                               "build runners at 95-100 % in bursts on weekdays"});
}

void add_listings(World& world) {
  Rng rng = world.rng("background/listings");
  for (const Machine& machine : world.machines) {
    if (machine.role.empty() || machine.role == "ci-runner") continue;
    std::vector<ListedProcess> processes = ordinary_processes(rng, world.start - 3 * kDay);
    processes.push_back({"app", 1402, 1, static_cast<int>(rng.between(40, 380)), 61, 1022408,
                         started_on(world.start - 2 * kDay),
                         machine.role == "kafka"
                             ? "java -Xmx6g kafka.Kafka /etc/kafka/server.properties"
                             : "/usr/local/bin/orders --config /etc/orders/config.json"});
    const int day = static_cast<int>(rng.below(3));
    add_listing(world, rng, machine, world.at(day, 9, 30, static_cast<int>(rng.below(60))),
                processes);
  }
}

void add_audit_days(World& world) {
  Rng rng = world.rng("background/audit");
  for (const Machine* machine : machines_of(world, "bastion")) {
    AuditLog audit(world, *machine);
    for (int day = 0; day < world.days; ++day) {
      audit.program(world.at(day, 3, 10), 0, 0, "/usr/bin/apt-get", {"apt-get", "-qq", "update"});
      if (!world.is_weekday(day)) continue;
      const Time login = world.at(day, 14, static_cast<int>(rng.below(30)));
      audit.login(login, 1001, "anna", "73.114.22.190", true);
      audit.program(login + 40 * kSecond, 1001, 1001, "/usr/bin/git", {"git", "pull", "--ff-only"});
      audit.program(login + 300 * kSecond, 1001, 1001, "/usr/bin/psql",
                    {"psql", "-h", "dev-db.estate.internal", "-c", "select count(*) from orders"});
      audit.login(login + 9000 * kSecond, 1001, "admin", "64.62.197.21", false);
    }
  }
}

/// An analyst who looks for miners writes their names and options into every command line.
void add_hunt(World& world) {
  const Machine& bastion = *machines_of(world, "bastion").front();
  AuditLog audit(world, bastion);
  const Time login = world.at(1, 15, 5);
  audit.login(login, 1001, "anna", "73.114.22.190", true);
  const std::vector<std::string> searches[] = {
      {"pgrep", "-af", "xmrig|t-rex|minerd"},
      {"bash", "-c", "ps aux | grep -e xmrig -e --donate-level"},
      {"grep", "-rlE", "stratum\\+tcp://|c3pool.com", "/etc", "/tmp", "/var/tmp"},
      {"find", "/", "-xdev", "-name", "*xmrig*"},
  };
  Time time = login + 50 * kSecond;
  for (const std::vector<std::string>& words : searches) {
    audit.program(time, 1001, 0, "/usr/bin/" + words.front(), words);
    time = time + 35 * kSecond;
  }
  world.look_alikes.push_back(
      {"miner-hunt", std::string(kDevelopment), "an analyst greps for miners by name and option"});
}

void add_falco_notices(World& world) {
  Rng rng = world.rng("background/falco");
  const std::vector<const Machine*> nodes = machines_of(world, "api");
  for (int i = 0; i < 24; ++i) {
    const Time time = world.at(i % world.days, 12) + rng.between(0, 36000) * kSecond;
    const std::string container = rng.hex(12);
    const bool shell = rng.chance(400);
    add_falco(
        world, *nodes[rng.below(nodes.size())],
        {time, shell ? "Terminal shell in container" : "Contact K8S API Server From Container",
         "Notice",
         shell ? "A shell was spawned in a container with an attached terminal"
               : "Unexpected connection to K8s API Server from container",
         shell ? "bash" : "metrics", shell ? "bash" : "metrics-adapter --v=2", container,
         "210987654321.dkr.ecr.us-east-1.amazonaws.com/orders-api",
         "orders-api-7d9f4bdb5c-" + container.substr(0, 5), "orders"});
  }
  world.look_alikes.push_back(
      {"falco-notices", std::string(kProduction), "shells for debugging, monitoring adapters"});
}

void add_everyday_findings(World& world) {
  Rng rng = world.rng("background/findings");
  const Machine& server = *machines_of(world, "api").front();
  FindingRequest probe;
  probe.type = "Recon:EC2/PortProbeUnprotectedPort";
  probe.title = fmt::format("Unprotected port on EC2 instance {} is being probed.", server.id);
  probe.description = fmt::format(
      "EC2 instance {} has an unprotected port which is being probed by a known malicious host.",
      server.id);
  probe.severity = 2;
  probe.first_seen = world.at(0, 2, 11);
  probe.last_seen = probe.created = world.at(0, 2, 26);
  probe.count = 7;
  probe.account = kProduction;
  probe.region = "us-east-1";
  probe.action =
      R"({"actionType":"PORT_PROBE","portProbeAction":{"blocked":false,"portProbeDetails":[{"localPortDetails":{"port":443,"portName":"HTTPS"},"remoteIpDetails":{"ipAddressV4":"80.82.77.139"}}]}})";
  probe.resource = instance_resource(server);
  add_finding(world, rng, probe);
  world.look_alikes.push_back(
      {"recon-finding", std::string(kProduction), "severity 2, the port is public on purpose"});

  Machine invented = server;
  invented.id = "i-99999999";
  invented.name = "GeneratedFindingInstanceName";
  FindingRequest sample = probe;
  sample.type = "CryptoCurrency:EC2/BitcoinTool.B!DNS";
  sample.title = "[SAMPLE] Bitcoin-related domain name queried by EC2 instance i-99999999.";
  sample.description =
      "EC2 instance i-99999999 is querying a domain name that is associated with Bitcoin-related "
      "activity.";
  sample.severity = 8;
  sample.account = kDevelopment;
  sample.first_seen = sample.last_seen = sample.created = world.at(0, 15, 3);
  sample.count = 1;
  sample.action = dns_action("GeneratedFindingDomainName");
  sample.resource = instance_resource(invented);
  sample.sample = true;
  add_finding(world, rng, sample);
  world.look_alikes.push_back(
      {"sample-finding", std::string(kDevelopment), "made by CreateSampleFindings"});
}

}  // namespace

void add_metric_background(World& world) {
  Rng rng = world.rng("background/load");
  for (const LoadRow& row : kLoads) {
    for (const Machine* machine : machines_of(world, row.role)) {
      add_cpu(world, rng, *machine, world.start, world.end(),
              office_hours_level(row.base, row.by_day));
    }
  }
}

void add_metric_look_alikes(World& world) {
  add_build_load(world);
}

void add_host_background(World& world) {
  add_listings(world);
  add_audit_days(world);
}

void add_host_look_alikes(World& world) {
  add_hunt(world);
  add_falco_notices(world);
  add_everyday_findings(world);
}

}  // namespace davy::simulate
