// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/background.h"

#include <fmt/format.h>

#include "davy/simulate/traffic.h"

namespace davy::simulate {
namespace {

struct FleetRow {
  std::string_view account, region, type, role;
  int count;
};
constexpr FleetRow kFleet[] = {
    {kDevelopment, "us-east-1", "c5.2xlarge", "ci-runner", 4},
    {kDevelopment, "us-east-1", "t2.medium", "dev-web", 2},
    {kDevelopment, "us-east-1", "t3.small", "bastion", 1},
    {kDevelopment, "us-east-1", "m4.xlarge", "dev-box", 5},
    {kDevelopment, "us-west-2", "t2.large", "dev-replica", 2},
    {kProduction, "us-east-1", "m5.xlarge", "api", 4},
    {kProduction, "us-east-1", "m4.2xlarge", "worker", 4},
    {kProduction, "us-east-1", "r4.xlarge", "kafka", 3},
    {kProduction, "eu-west-1", "m4.xlarge", "api-eu", 2},
    {kData, "us-east-1", "r4.2xlarge", "etl", 3},
    {kMarketing, "us-east-1", "t2.small", "site", 1},
};

}  // namespace

void add_standing_machines(World& world) {
  Rng rng = world.rng("background/machines");
  for (const FleetRow& row : kFleet) {
    Network& network = world.network(row.account, row.region);
    for (int i = 1; i <= row.count; ++i) {
      const int64_t age = rng.between(5 * 86400, 200 * 86400);
      Machine& machine = world.add_machine(
          rng, network, row.type, fmt::format("{}-{}", row.role, i), world.start - age * kSecond);
      machine.role = row.role;
    }
  }
}

std::vector<const Machine*> machines_of(const World& world, std::string_view role) {
  std::vector<const Machine*> found;
  for (const Machine& machine : world.machines) {
    if (machine.role == role) found.push_back(&machine);
  }
  return found;
}

void add_lone_port(World& world) {
  Rng rng = world.rng("lone-port");
  const Machine& machine = *machines_of(world, "dev-web").front();
  Connection connection{&machine, "51.15.171.206", ephemeral_port(rng), 3333};
  add_exchange(world, rng, connection, world.at(1, 10, 41, 7), 9 * kSecond, {7, 6, 812, 1904});
}

void add_background(World& world, Background background) {
  add_standing_machines(world);
  add_steady_calls(world);
  add_network_background(world);
  add_metric_background(world);
  add_host_background(world);
  if (background == Background::kQuiet) return;
  add_fleet_stories(world);
  add_network_look_alikes(world);
  add_metric_look_alikes(world);
  add_host_look_alikes(world);
}

}  // namespace davy::simulate
