// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/unit_price.h"

#include <fmt/format.h>

namespace davy::impact {
namespace {

using summary::StandingKind;

bool is_task(StandingKind kind) {
  return kind == StandingKind::kService || kind == StandingKind::kTask;
}

UnitPrice task(const UnitAsked& asked, const summary::RecipeVersion* recipe,
               const PriceTable& prices) {
  UnitPrice unit;
  unit.label = "ECS task";
  if (recipe != nullptr && recipe->vcpus > 0) {
    unit.label = fmt::format("ECS task of {:g} vCPU, {:g} GiB", recipe->vcpus, recipe->memory_gib);
  }
  unit.on_own_machines = asked.launch_type == "EC2" || asked.launch_type == "EXTERNAL";
  if (recipe == nullptr || unit.on_own_machines) return unit;
  unit.usd_per_hour =
      prices.fargate_usd_per_hour({recipe->vcpus, recipe->memory_gib, recipe->arm}, asked.region);
  unit.fargate = unit.usd_per_hour > 0;
  return unit;
}

UnitPrice instance(const UnitAsked& asked, const summary::RecipeVersion* recipe,
                   const PriceTable& prices) {
  UnitPrice unit;
  std::string_view type = asked.type;
  if (type.empty() && recipe != nullptr) type = recipe->type;
  unit.label = type.empty() ? "instance of unknown type" : std::string(type);
  unit.usd_per_hour = asked.kind == StandingKind::kEmrCluster
                          ? prices.emr_usd_per_hour(type, asked.region)
                          : prices.usd_per_hour(type, asked.region);
  const InstanceType* const known = prices.find(type);
  unit.accelerator = known != nullptr && known->gpus > 0;
  return unit;
}

}  // namespace

UnitPrice price_unit(const UnitAsked& asked, const summary::StandingCompute& known,
                     const PriceTable& prices) {
  const summary::RecipeVersion* const recipe =
      asked.recipe.empty()
          ? nullptr
          : known.find_recipe(asked.account, asked.region, asked.recipe, asked.when);
  UnitPrice unit =
      is_task(asked.kind) ? task(asked, recipe, prices) : instance(asked, recipe, prices);
  if (recipe != nullptr) unit.image = recipe->image;
  return unit;
}

}  // namespace davy::impact
