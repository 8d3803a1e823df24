// SPDX-License-Identifier: Apache-2.0
// An ordinary organisation at work, and everything in it that resembles mining without being it.
// Each look-alike that is added is also named in World::look_alikes.
#pragma once

#include <string_view>
#include <vector>

#include "davy/simulate/world.h"

namespace davy::simulate {

enum class Background { kFull, kQuiet };  ///< quiet: no look-alikes

void add_background(World& world, Background background);

// The parts of add_background().

/// Machines that run all four days.
void add_standing_machines(World& world);
/// Steady callers: monitoring, agents, service roles, pipelines, people at the console.
void add_steady_calls(World& world);
/// Stories of the control plane: autoscaling, Terraform, training, changes of trails and users.
void add_fleet_stories(World& world);
/// Everyday flows and queries.
void add_network_background(World& world);
/// Long-lived connections, scanners, and the two lone ports.
void add_network_look_alikes(World& world);
/// Load of the standing machines.
void add_metric_background(World& world);
/// Continuous-integration bursts.
void add_metric_look_alikes(World& world);
/// Process listings, auditd.
void add_host_background(World& world);
/// Falco notices, everyday findings, a sample finding about mining.
void add_host_look_alikes(World& world);

/// One outbound connection to port 3333 of an unknown host: all there is in `lone-port`.
void add_lone_port(World& world);

std::vector<const Machine*> machines_of(const World& world, std::string_view role);

}  // namespace davy::simulate
