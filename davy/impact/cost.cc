// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/cost.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::impact {
namespace {

double hours(DurationNs duration) {
  return static_cast<double>(duration) / static_cast<double>(kHour);
}

/// Midnight UTC after the last day of the month of `t`.
Time month_end(Time t) {
  using std::chrono::sys_days;
  const std::chrono::year_month_day date{
      sys_days{std::chrono::days{bucket_start(t, kDay).ns / kDay}}};
  const auto next = std::chrono::year_month{date.year(), date.month()} + std::chrono::months{1};
  return {sys_days{next / 1}.time_since_epoch().count() * kDay};
}

std::string count_by_type(const std::vector<const summary::InstanceFact*>& machines) {
  std::map<std::string, size_t> counts;
  for (const auto* machine : machines)
    ++counts[machine->type.empty() ? "unknown type" : machine->type];
  std::vector<std::string> parts;
  for (const auto& [type, count] : counts)
    parts.push_back(fmt::format("{} x {}", count, type));
  return join(parts, ", ");
}

}  // namespace

void price(const CostInput& input, const PriceTable& prices, Impact& impact) {
  std::set<std::string> unpriced;
  for (const auto* machine : input.machines) {
    const double rate = prices.usd_per_hour(machine->type, machine->region);
    if (rate == 0) unpriced.insert(machine->type.empty() ? machine->id : machine->type);
    const Time begin = std::max(machine->launched, input.first_activity);
    const Time end = machine->ended.known() ? std::min(machine->ended, input.as_of) : input.as_of;
    const double ran = end > begin ? hours(end - begin) : 0;
    impact.resource_hours += ran;
    impact.cost_so_far_usd += ran * rate;
    if (!machine->ended.known()) impact.burn_usd_per_hour += rate;
  }
  impact.projected_month_usd =
      impact.cost_so_far_usd +
      impact.burn_usd_per_hour * hours(month_end(input.as_of) - input.as_of);

  if (input.machines.empty()) {
    impact.basis.push_back(
        "cost: no machine of this incident is known by id, so nothing is priced");
    return;
  }
  impact.basis.push_back(
      fmt::format("cost: {} at on-demand Linux list price{}, from the later of launch and {} to {}",
                  count_by_type(input.machines),
                  prices.date().empty() ? std::string() : fmt::format(" of {}", prices.date()),
                  to_rfc3339(input.first_activity), to_rfc3339(input.as_of)));
  impact.basis.push_back(
      "burn rate: machines without a TerminateInstances in the logs, at the same prices; projected "
      "to "
      "the end of the calendar month");
  for (const std::string& type : unpriced) {
    impact.basis.push_back(fmt::format("not priced: {} is not in the price table", type));
  }
}

}  // namespace davy::impact
