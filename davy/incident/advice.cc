// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/advice.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using detect::Stage;
using event::EntityType;

using Lines = std::vector<std::string>;

/// "access key A", "access keys A, B and 3 more"
std::string named(std::string_view noun, const Lines& names, size_t shown = 3) {
  return fmt::format("{}{} {}", noun, names.size() == 1 ? "" : "s", some_of(names, shown));
}

std::string_view it_or_they(const Lines& names) {
  return names.size() == 1 ? "it" : "they";
}

/// "role deploy", "user ci", "the root user"
std::string principal_name(std::string_view arn) {
  if (arn.empty()) return "the role behind them";
  if (arn.ends_with(":root")) return "the root user";
  const bool role = arn.find(":role/") != std::string_view::npos;
  return fmt::format("{} {}", role ? "role" : "user", last_part(arn));
}

void credentials(const Situation& situation, Lines& lines) {
  if (!situation.root_keys.empty()) {
    lines.push_back(fmt::format(
        "Delete {}, change the root password and turn on a second factor: root's rights cannot be "
        "reduced",
        named("root access key", situation.root_keys)));
  }
  if (!situation.long_term_keys.empty()) {
    lines.push_back(fmt::format("Deactivate {} and deny older sessions: {} can still act",
                                named("access key", situation.long_term_keys),
                                it_or_they(situation.long_term_keys)));
  }
  for (const TemporaryKeys& temporary : situation.temporary_keys) {
    if (temporary.principal.ends_with(":root")) {
      lines.push_back(
          "Change the root password, turn on a second factor and check the account's recovery "
          "address and phone: root's sessions cannot be revoked");
      continue;
    }
    lines.push_back(fmt::format(
        "Revoke the sessions of {} issued before now (deny on aws:TokenIssueTime), then close how "
        "they were got: {} cannot be deactivated",
        principal_name(temporary.principal), named("temporary key", temporary.keys, 2)));
  }
}

/// What the intruder made to come back with goes together with what he came in by.
void foothold(const Situation& situation, Lines& lines) {
  if (!situation.made_users.empty()) {
    lines.push_back(fmt::format("Delete {} with keys and password: the intruder made {}",
                                named("user", situation.made_users),
                                situation.made_users.size() == 1 ? "it" : "them"));
  }
  if (!situation.made_keys.empty()) {
    lines.push_back(fmt::format("Delete {}, which the intruder made",
                                named("access key", situation.made_keys)));
  }
  if (!situation.made_passwords.empty()) {
    lines.push_back(fmt::format("Remove the console password of {}, which the intruder set",
                                named("user", situation.made_passwords)));
  }
}

/// A scheduler moves the work elsewhere; with containers alone nobody does.
bool has_scheduler(const Incident& incident) {
  return std::any_of(incident.entities.begin(), incident.entities.end(), [](const auto& entity) {
    return entity.type == EntityType::kPod || entity.type == EntityType::kTask ||
           entity.type == EntityType::kCluster;
  });
}

/// Machines that were there before: alone they are cut off; under an orchestrator others work
/// there.
void own_machines(const Incident& incident, const Situation& situation, Lines& lines) {
  const auto it_or_them = [](const Lines& names) { return names.size() == 1 ? "it" : "them"; };
  Lines nodes;
  const auto alone = [&](const Lines& names) {
    Lines rest;
    for (const std::string& name : names) {
      const bool shared = incident.kind == Kind::kServiceAbuse || situation.shared.contains(name);
      (shared ? nodes : rest).push_back(name);
    }
    return rest;
  };
  const Lines instances = alone(situation.own_running);
  const Lines hosts = alone(situation.hosts);
  if (!nodes.empty()) {
    lines.push_back(
        has_scheduler(incident)
            ? fmt::format("Cordon {}: others work there too; drain and replace {} later",
                          named("node", nodes, 2), it_or_them(nodes))
            : fmt::format(
                  "Look on {} for what got out of the container; if anything did, cut {} off "
                  "the network, and leave {} running for images of memory and disk",
                  named("machine", nodes, 2), it_or_them(nodes), it_or_them(nodes)));
  }
  if (!instances.empty()) {
    lines.push_back(
        fmt::format("Isolate {} with an empty security group, and leave {} running for a memory "
                    "image",
                    some_of(instances, 2), it_or_them(instances)));
  }
  if (!hosts.empty()) {
    lines.push_back(
        fmt::format("Cut {} off the network, and leave {} running for images of memory and disk",
                    named("host", hosts), it_or_them(hosts)));
  }
}

void machines(const Incident& incident, const Situation& situation, Lines& lines) {
  Lines running = situation.own_running;
  running.insert(running.end(), situation.launched_running.begin(),
                 situation.launched_running.end());
  if (situation.host_unknown) {
    lines.push_back(
        "Find out which machine the audit log was taken from; cut that machine off, and leave it "
        "running for images of memory and disk");
  }
  if (!situation.state_unknown.empty()) {
    lines.push_back(fmt::format("Look whether {} still run{}: no record says",
                                some_of(situation.state_unknown, 2),
                                situation.state_unknown.size() == 1 ? "s" : ""));
  }
  if (!running.empty()) {
    lines.push_back(
        fmt::format("Snapshot the volumes of {} before anything destructive", some_of(running, 2)));
  }
  own_machines(incident, situation, lines);
  if (!situation.launched_running.empty()) {
    lines.push_back(
        fmt::format("Lift termination protection where it is on, then terminate {} "
                    "that {} launched ({})",
                    plural(situation.launched_running.size(), "instance"),
                    situation.theft_is_shown ? "the intruder" : "this credential",
                    some_of(situation.launched_running, 2)));
  }
  if (!situation.ended.empty()) {
    lines.push_back(fmt::format(
        "Look for volumes and snapshots that outlived {} ({}): they are evidence, and they cost",
        plural(situation.ended.size(), "ended instance"), some_of(situation.ended, 2)));
  }
}

/// A way to come back that was left on a machine, by ATT&CK technique, and what closes it.
struct HostStep {
  std::string_view technique;
  std::string_view action;
};

constexpr HostStep kHostSteps[] = {
    {"T1098.004", "Take the keys nobody owns out of authorized_keys"},
    {"T1548.003", "Take back the sudo rights that were granted without a password"},
    {"T1053.003", "Remove the cron entries that fetch and run programs"},
    {"T1574.006", "Remove the library from /etc/ld.so.preload, from outside: it hides processes"},
    {"T1562.012", "Switch the audit system on again"},
    {"T1222.002", "Clear the immutable flag (chattr -i) before removing files"},
};

void undo_changes(const std::set<std::string>& techniques, const std::string& place,
                  const Lines& added_users, Lines& lines) {
  if (!added_users.empty()) {
    lines.push_back(fmt::format("Lock {} on {}: the logs show {} being added",
                                named("user", added_users), place,
                                added_users.size() == 1 ? "it" : "them"));
  } else if (techniques.contains("T1136.001")) {
    lines.push_back("Find and lock the user that was added on " + place);
  }
  for (const HostStep& step : kHostSteps) {
    if (techniques.contains(std::string(step.technique))) {
      lines.push_back(fmt::format("{} on {}", step.action, place));
    }
  }
}

void host_persistence(const Situation& situation, Lines& lines) {
  const Lines& where = situation.hosts.empty() ? situation.own_running : situation.hosts;
  if (!where.empty()) {
    undo_changes(situation.host_techniques, some_of(where, 2), situation.added_users, lines);
  }
  if (situation.host_unknown) {
    const Lines& users = where.empty() ? situation.added_users : Lines{};
    undo_changes(situation.unknown_host_techniques, "that machine", users, lines);
  }
}

void doors(const Situation& situation, Lines& lines) {
  if (!situation.key_pairs.empty()) {
    lines.push_back("Delete " + named("key pair", situation.key_pairs));
  }
  if (!situation.security_groups.empty()) {
    lines.push_back("Take the rules that were added out of " +
                    named("security group", situation.security_groups));
  }
  if (!situation.way_in_addresses.empty()) {
    lines.push_back(fmt::format("Block {}, and look for other logins and calls from there",
                                some_of(situation.way_in_addresses, 3)));
  }
  if (!situation.pools.empty()) {
    lines.push_back("Block " + some_of(situation.pools, 3) + " at the DNS firewall");
  }
  if (!situation.blocked_addresses.empty()) {
    lines.push_back("Block outbound traffic to " + some_of(situation.blocked_addresses, 3));
  }
}

/// What launches again whatever is ended: it goes first.
void relaunchers(const Situation& situation, Lines& lines) {
  const auto them = [](const Lines& names) { return names.size() == 1 ? "it" : "them"; };
  const auto they = [](const Lines& names) {
    return names.size() == 1 ? "it starts" : "they start";
  };
  if (!situation.services.empty()) {
    lines.push_back(
        fmt::format("Set {} to zero tasks and delete {}: until then {} every task "
                    "again that is stopped",
                    named("ECS service", situation.services), them(situation.services),
                    they(situation.services)));
  }
  if (!situation.groups.empty()) {
    lines.push_back(fmt::format(
        "Set {} to a size of 0 (minimum, desired and maximum) and delete "
        "{}, before any instance is terminated: until then {} others",
        named("group", situation.groups), them(situation.groups), they(situation.groups)));
  }
  if (!situation.fleets.empty()) {
    lines.push_back(
        fmt::format("Cancel {} together with the instances, before any instance is "
                    "terminated: until then {} others",
                    named("spot or fleet request", situation.fleets), they(situation.fleets)));
  }
  if (!situation.tasks.empty()) lines.push_back("Stop " + named("ECS task", situation.tasks));
  if (!situation.notebooks.empty()) {
    lines.push_back(fmt::format("Stop {}; keep {} until the start script was copied",
                                named("notebook", situation.notebooks), them(situation.notebooks)));
  }
  if (!situation.jobs.empty()) lines.push_back("Stop " + named("SageMaker job", situation.jobs));
  if (!situation.emr_clusters.empty()) {
    lines.push_back(fmt::format(
        "Terminate {} once the steps and bootstrap actions were copied; lift termination "
        "protection first",
        named("EMR cluster", situation.emr_clusters)));
  }
}

/// Workloads that run under an orchestrator: ending one brings the next.
void orchestrated(const Incident& incident, const Situation& situation, Lines& lines) {
  struct Row {
    EntityType type;
    std::string_view action;
  };
  constexpr Row kRows[] = {
      {EntityType::kTask, "Set the ECS service behind it to zero tasks, then stop"},
      {EntityType::kPod, "Quarantine with a network policy, capture, then delete with its owner"},
      {EntityType::kFunction, "Set the reserved concurrency to zero for"},
  };
  for (const Row& row : kRows) {
    Lines names = ids(incident.entities, row.type);
    std::erase_if(names, [&](const std::string& name) {  // told of above
      return std::find(situation.tasks.begin(), situation.tasks.end(), name) !=
             situation.tasks.end();
    });
    if (!names.empty()) lines.push_back(fmt::format("{}: {}", row.action, some_of(names, 2)));
  }
  const Lines containers = ids(incident.entities, EntityType::kContainer);
  const bool has_pod = !ids(incident.entities, EntityType::kPod).empty();
  if (!containers.empty() && !has_pod) {
    lines.push_back("Pause and capture, then stop: " + named("container", containers, 2));
  }
  const Lines clusters = ids(incident.entities, EntityType::kCluster);
  const bool has_workload =
      has_pod || !containers.empty() || !ids(incident.entities, EntityType::kTask).empty();
  if (!clusters.empty() && !has_workload) {
    lines.push_back(
        fmt::format("Find out which pods or tasks of {} these records are of, and act "
                    "on them: the machines are shared",
                    named("cluster", clusters, 2)));
  }
}

/// What this intruder left a name on; empty when nothing has a name.
void look_elsewhere(const Incident& incident, const Situation& situation, Lines& lines) {
  Lines cloud;
  const auto add = [](std::string_view noun, const Lines& names, Lines& to) {
    if (!names.empty()) to.push_back(named(noun, names, 2));
  };
  if (incident.kind == Kind::kCompromisedCredential) {
    add("access key", ids(incident.entities, EntityType::kAccessKey), cloud);
    add("image", situation.images, cloud);
  }
  add("key pair", ids(incident.entities, EntityType::kSshKey), cloud);
  add("security group", ids(incident.entities, EntityType::kSecurityGroup), cloud);
  if (!situation.caller_addresses.empty()) {
    cloud.push_back("calls from " + some_of(situation.caller_addresses, 2));
  }
  if (!cloud.empty()) lines.push_back("Look in every region for " + join(cloud, "; "));

  Lines machine;
  add("user", situation.added_users, machine);
  add("program", situation.miner_paths, machine);
  if (!machine.empty()) lines.push_back("Look on every machine for " + join(machine, "; "));
}

/// Context alone, or a dear launch with nothing beside it that points to an intruder.
bool is_mere_suspicion(const Incident& incident, const Situation& situation) {
  if (incident.claim == detect::Claim::kContext && incident.severity == Severity::kLow) return true;
  return incident.kind == Kind::kCompromisedCredential && incident.severity < Severity::kHigh &&
         incident.claim <= detect::Claim::kAttempt && !situation.theft_is_shown;
}

/// First after the intruder is out: what he does next should be seen.
void logging(const Situation& situation, Lines& lines) {
  if (situation.dark_regions.empty()) return;
  lines.push_back("Switch logging and detection back on in " + some_of(situation.dark_regions, 8));
}

/// Nothing here shows an attack: asking comes before acting.
Lines ask_first(const Incident& incident, const Situation& situation) {
  std::set<std::string> who;
  for (const std::string& session : ids(incident.entities, EntityType::kSession)) {
    const std::string_view name = last_part(session);
    who.emplace((name.starts_with("i-") ? "whoever runs instance " : "") + std::string(name));
  }
  if (who.empty()) {
    for (const std::string& principal : ids(incident.entities, EntityType::kPrincipal))
      who.emplace(last_part(principal));
  }
  const std::string owner =
      who.empty() ? "the owner of what is named here" : some_of({who.begin(), who.end()}, 3);
  Lines lines{fmt::format("Ask {} whether this was intended; by itself it shows no attack", owner)};
  Lines otherwise;
  credentials(situation, otherwise);
  foothold(situation, otherwise);
  logging(situation, otherwise);
  relaunchers(situation, otherwise);
  orchestrated(incident, situation, otherwise);
  if (incident.kind == Kind::kCompromisedCredential || incident.launches.launched > 0)
    machines(incident, situation, otherwise);
  doors(situation, otherwise);
  for (const std::string& line : otherwise)
    lines.push_back("If it was not: " + std::string(1, ascii_lower(line[0])) + line.substr(1));
  return lines;
}

}  // namespace

std::vector<std::string> first_actions(const Incident& incident, const Situation& situation) {
  if (is_mere_suspicion(incident, situation)) return ask_first(incident, situation);
  Lines lines;
  credentials(situation, lines);
  foothold(situation, lines);
  logging(situation, lines);
  relaunchers(situation, lines);
  orchestrated(incident, situation, lines);
  machines(incident, situation, lines);
  host_persistence(situation, lines);
  doors(situation, lines);
  look_elsewhere(incident, situation, lines);
  if (incident.impact.egress_unexplained_bytes > 0) {
    lines.push_back(fmt::format("Find out what left the machine: {} more than mining explains",
                                human_bytes(incident.impact.egress_unexplained_bytes)));
  }
  if (lines.empty() && incident.claim >= detect::Claim::kConsistent) {
    return {
        "Find out which machine or account these records are of; then cut it off, and leave it "
        "running for images of memory and disk"};
  }
  if (lines.empty()) return ask_first(incident, situation);
  return lines;
}

std::vector<std::string> still_open(const Incident& incident, const Situation& situation) {
  Lines open;
  if (is_mere_suspicion(incident, situation)) return open;
  const Lines& again = situation.reopened_keys;
  if (!again.empty()) open.push_back(named("access key", again) + " open again");
  const auto never_closed = [&](std::string_view noun, const Lines& keys, std::string_view state) {
    Lines names;
    std::set_difference(keys.begin(), keys.end(), again.begin(), again.end(),
                        std::back_inserter(names));
    if (!names.empty()) open.push_back(fmt::format("{} not seen {}", named(noun, names), state));
  };
  never_closed("root access key", situation.root_keys, "deleted");
  never_closed("access key", situation.long_term_keys, "deactivated");
  never_closed("access key", situation.made_keys, "deleted");
  never_closed("user", situation.made_users, "deleted");
  for (const TemporaryKeys& temporary : situation.temporary_keys) {
    open.push_back(
        fmt::format("sessions of {} not seen revoked", principal_name(temporary.principal)));
  }
  const size_t running = situation.own_running.size() + situation.launched_running.size();
  if (running > 0) open.push_back(plural(running, "instance") + " not seen ended");
  const std::pair<std::string_view, size_t> standing[] = {
      {"ECS service", situation.services.size()},
      {"ECS task", situation.tasks.size()},
      {"group", situation.groups.size()},
      {"spot or fleet request", situation.fleets.size()},
      {"notebook", situation.notebooks.size()},
      {"SageMaker job", situation.jobs.size()},
      {"EMR cluster", situation.emr_clusters.size()},
  };
  for (const auto& [noun, count] : standing) {
    if (count > 0) open.push_back(plural(count, noun) + " not seen ended");
  }
  if (!situation.dark_regions.empty()) {
    open.push_back("logging not seen back in " + some_of(situation.dark_regions, 8));
  }
  return open;
}

}  // namespace davy::incident
