// SPDX-License-Identifier: Apache-2.0
#include "davy/report/remediation.h"

#include <algorithm>

#include "davy/base/text.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

using event::EntityType;
using incident::Incident;

/// A measure that every entity of a type calls for; the entities are named behind it.
struct EntityMeasure {
  EntityType type;
  std::string_view measure;
};

// In the order a responder works through them: credentials, persistence, workloads, guard rails.
constexpr EntityMeasure kEntityMeasures[] = {
    {EntityType::kAccessKey, "Delete the access key, after its use elsewhere has been reviewed"},
    {EntityType::kSession, "Revoke the role's older sessions and review who may assume it"},
    {EntityType::kPrincipal,
     "Review what the principal created and reduce its rights to what it needs"},
    {EntityType::kSshKey, "Remove the SSH key from every host and key-pair list"},
    {EntityType::kUser,
     "Remove the operating-system user and its sudo rights, or rebuild the host"},
    {EntityType::kTrail,
     "Switch logging on again in every region and forbid switching it off by policy"},
    {EntityType::kImage, "Delete the image from the registry, and allow only reviewed images"},
    {EntityType::kTask, "Deregister the task definition and its revisions"},
    {EntityType::kPod, "Rebuild the workload from a reviewed image and enforce admission rules"},
    {EntityType::kInstance, "Rebuild the instance from a clean image; do not clean it in place"},
    {EntityType::kHost, "Rebuild the host from a clean image; do not clean it in place"},
    {EntityType::kFunction, "Redeploy the function from reviewed source"},
    {EntityType::kDomain, "Block the name in DNS for the whole organisation"},
};

/// A measure that reaching a stage calls for.
struct StageMeasure {
  detect::Stage stage;
  std::string_view measure;
};

constexpr StageMeasure kStageMeasures[] = {
    {detect::Stage::kPersistence,
     "List users, keys, roles and scheduled jobs created since the first activity, and remove what "
     "nobody owns"},
    {detect::Stage::kPrivilegeEscalation, "Review the policies that were changed or attached"},
    {detect::Stage::kDefenseEvasion,
     "Deliver audit logs to an account that the affected principals cannot write to"},
    {detect::Stage::kResourceLaunch,
     "Deny large and GPU instance types, and regions not in use, by organisation policy and quota"},
    {detect::Stage::kExecution, "Watch processes at run time on hosts and containers of this kind"},
    {detect::Stage::kMining, "Allow outbound traffic from workloads only to what they need"},
};

/// Text in a vector or credential that names the way in, and what closes it.
struct VectorMeasure {
  std::string_view word;
  std::string_view measure;
};

constexpr VectorMeasure kVectorMeasures[] = {
    {"root", "Delete the root user's access keys and protect root with a hardware second factor"},
    {"leak", "Scan repositories for secrets, and replace long-lived keys by short-lived roles"},
    {"exposed", "Scan repositories for secrets, and replace long-lived keys by short-lived roles"},
    {"ssh", "Close SSH to the internet; use session access with a second factor"},
    {"brute", "Allow key-based login only, and limit where logins may come from"},
    {"metadata", "Require IMDSv2 on every instance"},
    {"console", "Require a second factor for every console login"},
};

}  // namespace

std::vector<std::string> remediation(const Incident& incident) {
  std::vector<std::string> actions;
  const auto add = [&actions](std::string action) {
    if (std::find(actions.begin(), actions.end(), action) == actions.end()) {
      actions.push_back(std::move(action));
    }
  };
  for (const EntityMeasure& row : kEntityMeasures) {
    std::vector<std::string> ids;
    for (const event::Entity& entity : incident.entities) {
      if (entity.type == row.type) ids.push_back(entity.id);
    }
    if (!ids.empty()) add(std::string(row.measure) + ": " + first_few(ids, 4));
  }
  const std::string way_in = to_lower(incident.initial_access.vector);
  for (const VectorMeasure& row : kVectorMeasures) {
    if (way_in.find(row.word) != std::string::npos) add(std::string(row.measure));
  }
  for (const StageMeasure& row : kStageMeasures) {
    const bool reached = std::any_of(incident.stages.begin(), incident.stages.end(),
                                     [&](const auto& span) { return span.stage == row.stage; });
    if (reached) add(std::string(row.measure));
  }
  add("Set a budget alarm on hourly spend, so that the next launch shows before the bill does");
  return actions;
}

std::string cryptocurrency(const Incident& incident) {
  for (const detect::Indicator& indicator : incident.indicators) {
    if (indicator.type != "wallet") continue;
    const std::string_view w = indicator.value;
    // Monero: 95 characters (106 with a payment id), main network 4, sub-address 8.
    const bool monero = (w.size() == 95 || w.size() == 106) && (w[0] == '4' || w[0] == '8');
    if (monero) return "Monero (XMR), by the form of the wallet address";
    if (w.starts_with("bc1") ||
        (w.size() >= 26 && w.size() <= 35 && (w[0] == '1' || w[0] == '3'))) {
      return "Bitcoin (BTC), by the form of the wallet address";
    }
    if (w.size() == 42 && w.starts_with("0x"))
      return "an Ethereum-like coin, by the form of the wallet address";
  }
  for (const detect::Indicator& indicator : incident.indicators) {
    const bool names_monero =
        indicator.type == "domain" && (contains_ignore_case(indicator.value, "xmr") ||
                                       contains_ignore_case(indicator.value, "monero"));
    if (names_monero) return "Monero (XMR), by the name of the pool";
  }
  return {};
}

}  // namespace davy::report
