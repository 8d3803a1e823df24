// SPDX-License-Identifier: Apache-2.0
// What the machines of an incident cost their owner, from launches and run time alone: minutes
// after the fact, not with the bill a day later. Cost = sum over instances of list price x hours
// from the first malicious moment (the launch, for machines the attacker launched) to the end or,
// when it still runs, to the last event in the logs.
#pragma once

#include <string>
#include <vector>

#include "davy/base/time.h"
#include "davy/impact/impact.h"
#include "davy/impact/price_table.h"
#include "davy/summary/entity_links.h"

namespace davy::impact {

struct CostInput {
  std::vector<const summary::InstanceFact*> machines;
  Time first_activity;  ///< of the incident: when a hijacked machine started to work for the
                        ///< attacker
  Time as_of;           ///< last event of the logs
};

/// Fills the money and count members of `impact` and appends to its basis.
void price(const CostInput& input, const PriceTable& prices, Impact& impact);

}  // namespace davy::impact
