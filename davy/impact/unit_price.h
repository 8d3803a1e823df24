// SPDX-License-Identifier: Apache-2.0
// What one unit of standing compute is and costs: an instance by its type, a task by the size its
// definition gives it. What no record says stays without a price.
#pragma once

#include <string>
#include <string_view>

#include "davy/base/time.h"
#include "davy/impact/price_table.h"
#include "davy/summary/standing.h"

namespace davy::impact {

/// What a call says about the units it asks for.
struct UnitAsked {
  summary::StandingKind kind = summary::StandingKind::kService;
  std::string_view account;
  std::string_view region;
  std::string_view type;         ///< instance type, where the call states one
  std::string_view recipe;       ///< task definition or launch template, likewise
  std::string_view launch_type;  ///< "FARGATE", "EC2", likewise
  Time when;
};

struct UnitPrice {
  std::string label;        ///< "g5.12xlarge", "task of 16 vCPU, 32 GiB", "instance of group x"
  std::string image;        ///< as the recipe has it; empty when no record says
  double usd_per_hour = 0;  ///< 0: no price is known
  bool accelerator = false;
  bool fargate = false;          ///< priced as a Fargate task
  bool on_own_machines = false;  ///< tasks on machines that are billed by themselves
};

UnitPrice price_unit(const UnitAsked& asked, const summary::StandingCompute& known,
                     const PriceTable& prices);

}  // namespace davy::impact
