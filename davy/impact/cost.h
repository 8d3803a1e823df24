// SPDX-License-Identifier: Apache-2.0
// What the machines of an incident cost their owner, from launches and run time alone: minutes
// after the fact, not with the bill a day later. Cost = sum over the machines launched for the
// incident of list price x hours switched on, by the type they had then, from launch to the end; to
// the last event of the logs for what runs; to the last trace for what may have ended unseen.
// Services, groups and fleets whose machines the logs do not name are priced as accepted. Refused
// launches cost nothing. A type without a price is named and left out, never guessed.
#pragma once

#include <vector>

#include "davy/base/time.h"
#include "davy/impact/impact.h"
#include "davy/impact/machine.h"
#include "davy/impact/price_table.h"
#include "davy/impact/standing.h"

namespace davy::impact {

struct CostInput {
  const std::vector<Machine>& machines;
  const std::vector<Standing>& standing;
  Time first_activity;  ///< of the incident: when hijacked machines began to work for the intruder
  Time as_of;           ///< last event of the logs
};

/// Fills the money and hour members of `impact` and appends to its basis.
void price(const CostInput& input, const PriceTable& prices, Impact& impact);

}  // namespace davy::impact
