// SPDX-License-Identifier: Apache-2.0
// One service, group, fleet, … of an incident: how much of it was accepted, whether it was ended,
// what it comes to. The logs name its calls, not its machines, so the figures rest on an
// assumption that every reader is told: what was accepted runs from the call until a record sets it
// to zero, deletes or cancels it, or the logs end.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "davy/base/time.h"
#include "davy/impact/price_table.h"
#include "davy/impact/unit_price.h"
#include "davy/summary/entity_links.h"

namespace davy::impact {

struct Standing {
  summary::StandingKind kind = summary::StandingKind::kService;
  std::string id;    ///< as in summary::StandingFact
  std::string name;  ///< likewise
  std::string account;
  std::string region;
  std::string unit;       ///< what one is: "g5.12xlarge", "ECS task of 16 vCPU, 32 GiB"
  std::string recipe;     ///< task definition or launch template; empty when the calls name none
  std::string image;      ///< that its task definition or template starts
  Time accepted;          ///< first call that raised it for the incident
  Time ended;             ///< not known: no record sets it to zero
  uint64_t units = 0;     ///< most at any time, beyond what ran before
  uint64_t most = 0;      ///< what a group may grow to; 0 where the calls do not say
  double unit_hours = 0;  ///< until the end or the last event of the logs
  double usd_per_unit_hour = 0;  ///< 0: no price is known
  uint64_t units_at_end = 0;     ///< still asked for at the last event of the logs
  uint64_t instances_seen = 0;   ///< launched for it on record; they are counted in its stead
  bool fargate = false;
  bool on_own_machines = false;  ///< tasks on machines that are billed by themselves
  bool shortened = false;        ///< more changes than are remembered: the early ones are missing
};

/// SageMaker's jobs: they are taken to run for a day unless they are stopped.
bool ends_by_itself(summary::StandingKind kind);

/// What the calls before one call say: of a unit, and how many there are. Views into the fact.
struct BeforeCall {
  UnitAsked unit;
  uint64_t units = 0;
};
/// Nothing where none of them says what a unit is.
std::optional<BeforeCall> before_call(const summary::StandingFact& fact, Time when);

struct StandingInput {
  const std::set<std::string>& keys;  ///< access keys of the incident's launches
  Time from;                          ///< earlier calls are not the incident's
  const summary::EntityLinks& links;
};

/// What those keys raised, in (kind, id) order.
std::vector<Standing> standing_of(const StandingInput& input, const PriceTable& prices);

}  // namespace davy::impact
