// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/incident/advice.h"
#include "davy/incident/containment.h"
#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using detect::Stage;
using event::EntityType;
using summary::Measure;

using Lines = std::vector<std::string>;

Lines undeleted_keys(const Incident& incident, const Situation&) {
  Lines keys;
  for (std::string& key : ids(incident.entities, EntityType::kAccessKey)) {
    const bool temporary = key.starts_with("ASIA");
    if (!temporary && !was_done(incident, Measure::kKeyDeleted, key)) keys.push_back(key);
  }
  return keys;
}

/// Users and roles; the root user has all rights whatever one does.
Lines principals(const Incident& incident, const Situation&) {
  Lines names;
  for (std::string& principal : ids(incident.entities, EntityType::kPrincipal)) {
    if (!principal.ends_with(":root")) names.push_back(std::move(principal));
  }
  return names;
}

Lines temporary_principals(const Incident&, const Situation& situation) {
  Lines names;
  for (const TemporaryKeys& temporary : situation.temporary_keys) {
    if (!temporary.principal.empty()) names.push_back(temporary.principal);
  }
  return names;
}

Lines task_definitions(const Incident& incident, const Situation&) {
  Lines names = ids(incident.entities, EntityType::kTask);
  for (std::string& name : ids(incident.entities, EntityType::kTaskDefinition))
    names.push_back(std::move(name));
  return names;
}
Lines pods(const Incident& incident, const Situation&) {
  return ids(incident.entities, EntityType::kPod);
}
Lines functions(const Incident& incident, const Situation&) {
  return ids(incident.entities, EntityType::kFunction);
}
Lines trails(const Incident& incident, const Situation&) {
  return ids(incident.entities, EntityType::kTrail);
}
Lines own_machines(const Incident&, const Situation& situation) {
  Lines names = situation.own_running;
  names.insert(names.end(), situation.hosts.begin(), situation.hosts.end());
  return names;
}

/// Container images only: a machine image belongs to its publisher, and others may use it.
Lines container_images(const Incident& incident, const Situation&) {
  Lines names;
  for (std::string& image : ids(incident.entities, EntityType::kImage)) {
    if (!image.starts_with("ami-")) names.push_back(std::move(image));
  }
  return names;
}

/// A measure that calls for names, which stand behind it.
struct NamedMeasure {
  Lines (*names)(const Incident&, const Situation&);
  std::string_view measure;
};

// In the order a responder works through them: credentials, workloads, guard rails.
constexpr NamedMeasure kNamedMeasures[] = {
    {undeleted_keys, "Delete the access key, after its use elsewhere has been reviewed"},
    {temporary_principals, "Review who may assume the role or ask for its sessions"},
    {principals, "Review what the principal created and reduce its rights to what it needs"},
    {trails, "Forbid switching off the trail by organisation policy"},
    {container_images, "Refuse the image at admission, and allow only reviewed images"},
    {task_definitions, "Deregister the task definition and its revisions"},
    {pods, "Rebuild the workload from a reviewed image and enforce admission rules"},
    {own_machines, "Rebuild from a clean image; do not clean in place"},
    {functions, "Redeploy the function from reviewed source"},
};

struct StageMeasure {
  Stage stage;
  std::string_view measure;
};

constexpr StageMeasure kStageMeasures[] = {
    {Stage::kPersistence,
     "List users, keys, roles and scheduled jobs created since the first activity, and remove what "
     "nobody owns"},
    {Stage::kPrivilegeEscalation, "Review the policies that were changed or attached"},
    {Stage::kDefenseEvasion,
     "Deliver audit logs to an account that the affected principals cannot write to"},
    {Stage::kResourceLaunch,
     "Deny large and GPU instance types, and regions not in use, by organisation policy and quota"},
    {Stage::kExecution, "Watch processes at run time on hosts and containers of this kind"},
    {Stage::kMining, "Allow outbound traffic from workloads only to what they need"},
};

/// A word in the way in, and what closes it.
struct VectorMeasure {
  std::string_view word;
  std::string_view measure;
};

constexpr VectorMeasure kVectorMeasures[] = {
    {"root access key",
     "Use the root user for nothing that another can do, and protect it with a hardware second "
     "factor"},
    {"access key",
     "Scan repositories for secrets, and replace long-lived keys by short-lived roles"},
    {"login as", "Close SSH to the internet; use session access with a second factor"},
    {"brute", "Allow key-based login only, and limit where logins may come from"},
    {"metadata", "Require IMDSv2 on every instance"},
    {"console", "Require a second factor for every console login"},
};

}  // namespace

std::vector<std::string> remediation(const Incident& incident, const Situation& situation) {
  Lines lines;
  for (const NamedMeasure& row : kNamedMeasures) {
    const Lines names = row.names(incident, situation);
    if (!names.empty()) lines.push_back(fmt::format("{}: {}", row.measure, some_of(names, 4)));
  }
  const std::string way_in = to_lower(incident.initial_access.vector);
  for (const VectorMeasure& row : kVectorMeasures) {
    if (way_in.find(row.word) == std::string::npos) continue;
    lines.emplace_back(row.measure);
    break;  // the first word is the most exact
  }
  for (const StageMeasure& row : kStageMeasures) {
    const bool reached =
        std::any_of(incident.stages.begin(), incident.stages.end(),
                    [&](const StageSpan& span) { return span.stage == row.stage; });
    if (reached) lines.emplace_back(row.measure);
  }
  lines.emplace_back(
      "Set a budget alarm on hourly spend, so that the next launch shows before the bill does");
  return lines;
}

}  // namespace davy::incident
