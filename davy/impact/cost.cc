// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/cost.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::impact {
namespace {

double hours(Time from, Time to) {
  return to > from ? static_cast<double>(to - from) / static_cast<double>(kHour) : 0;
}

/// Midnight UTC after the last day of the month of `t`.
Time month_end(Time t) {
  using std::chrono::sys_days;
  const std::chrono::year_month_day date{
      sys_days{std::chrono::days{bucket_start(t, kDay).ns / kDay}}};
  const auto next = std::chrono::year_month{date.year(), date.month()} + std::chrono::months{1};
  return {sys_days{next / 1}.time_since_epoch().count() * kDay};
}

/// Where the meter of one machine stops.
Time meter_stop(const Machine& machine, Time as_of) {
  switch (machine.state) {
    case RunState::kEnded: return std::min(machine.ended, as_of);
    case RunState::kRunning: return as_of;
    case RunState::kUnknown: break;
  }
  return std::max(machine.launched, machine.last_seen);
}

/// What is summed over the machines of one origin: launched for the incident, or hijacked.
struct Sum {
  std::map<std::string, size_t> by_type;
  std::map<std::string, size_t> unpriced;
  std::array<size_t, 3> by_state{};
  std::array<Time, 3> last_stop{};  ///< latest meter stop, by state
  size_t priced = 0;
  double hours = 0;
  double usd = 0;
  double usd_if_running = 0;
  double usd_per_hour = 0;          ///< all of them
  double running_usd_per_hour = 0;  ///< those that run

  size_t count(RunState state) const { return by_state[static_cast<size_t>(state)]; }
  size_t count() const { return by_state[0] + by_state[1] + by_state[2]; }
};

Sum sum_of(const CostInput& input, bool launched_for_it, const PriceTable& prices) {
  Sum sum;
  for (const Machine& machine : input.machines) {
    if (machine.launched_for_it != launched_for_it) continue;
    const std::string type = machine.type.empty() ? "unknown type" : machine.type;
    const Time begin =
        launched_for_it ? machine.launched : std::max(machine.launched, input.first_activity);
    const Time stop = meter_stop(machine, input.as_of);
    const auto state = static_cast<size_t>(machine.state);
    ++sum.by_type[type];
    ++sum.by_state[state];
    sum.last_stop[state] = std::max(sum.last_stop[state], stop);
    sum.hours += hours(begin, stop);
    const double rate = prices.usd_per_hour(machine.type, machine.region);
    if (rate <= 0) {
      ++sum.unpriced[type];
      continue;
    }
    ++sum.priced;
    sum.usd += rate * hours(begin, stop);
    sum.usd_if_running +=
        rate * hours(begin, machine.state == RunState::kUnknown ? input.as_of : stop);
    sum.usd_per_hour += rate;
    if (machine.state == RunState::kRunning) sum.running_usd_per_hour += rate;
  }
  return sum;
}

std::string listing(const std::map<std::string, size_t>& by_type) {
  std::vector<std::string> parts;
  for (const auto& [type, count] : by_type)
    parts.push_back(fmt::format("{} x {}", count, type));
  return join(parts, ", ");
}

/// "200 until their end, the last at …; 3 still run: until …, the last event of the logs"
std::string meter_text(const Sum& sum) {
  constexpr std::array<std::string_view, 3> kStops = {
      "{} of unknown end to the last trace of work, at the latest {}",
      "{} still running to the last event of the logs, {}", "{} to the recorded end, the last {}"};
  std::vector<std::string> parts;
  for (const RunState state : {RunState::kEnded, RunState::kRunning, RunState::kUnknown}) {
    const auto index = static_cast<size_t>(state);
    if (sum.by_state[index] == 0) continue;
    parts.push_back(fmt::format(fmt::runtime(kStops[index]), sum.by_state[index],
                                to_rfc3339(sum.last_stop[index])));
  }
  return join(parts, "; ");
}

void price_launched(const Sum& sum, Time as_of, Impact& impact) {
  impact.resource_hours = sum.hours;
  if (sum.priced == 0) return;
  impact.cost_so_far_usd = sum.usd;
  const bool unknown = sum.count(RunState::kUnknown) > 0;
  if (unknown) impact.cost_if_running_usd = sum.usd_if_running;
  const bool running = sum.running_usd_per_hour > 0;
  if (running || !unknown) impact.burn_usd_per_hour = sum.running_usd_per_hour;
  if (running) {
    impact.projected_month_usd =
        sum.usd + sum.running_usd_per_hour * hours(as_of, month_end(as_of));
  }
}

void explain(const Sum& launched, const Sum& hijacked, const PriceTable& prices, Impact& impact) {
  const std::string price_list =
      "on-demand Linux list price" +
      (prices.date().empty() ? std::string() : fmt::format(" of {}", prices.date()));
  const auto say = [&](std::string sentence) { impact.basis.push_back(std::move(sentence)); };
  if (launched.count() + hijacked.count() == 0) {
    say("cost: no machine of this incident is known by id, so nothing is priced");
  }
  if (launched.count() > 0) {
    say(fmt::format("cost: {} launched for it, at {}, from launch: {}", listing(launched.by_type),
                    price_list, meter_text(launched)));
  }
  if (impact.projected_month_usd) {
    say("end of the month: the machines that run, at the same prices, to the end of the calendar "
        "month");
  }
  if (impact.resources_requested > impact.resources_launched) {
    say(fmt::format("not priced: {} of {} requested were not launched",
                    with_thousands(impact.resources_requested - impact.resources_launched),
                    with_thousands(impact.resources_requested)));
  }
  if (hijacked.count() > 0) {
    say(
        fmt::format("machine time abused: {} that ran before; their bill is not the incident's; "
                    "valued at {}: {}",
                    listing(hijacked.by_type), price_list, meter_text(hijacked)));
  }
  std::map<std::string, size_t> unpriced = launched.unpriced;
  for (const auto& [type, count] : hijacked.unpriced)
    unpriced[type] += count;
  if (!unpriced.empty()) say("no price known: " + listing(unpriced));
}

}  // namespace

void price(const CostInput& input, const PriceTable& prices, Impact& impact) {
  const Sum launched = sum_of(input, true, prices);
  const Sum hijacked = sum_of(input, false, prices);
  price_launched(launched, input.as_of, impact);
  impact.abused_hours = hijacked.hours;
  if (hijacked.priced > 0) impact.abused_usd_per_hour = hijacked.usd_per_hour;
  explain(launched, hijacked, prices, impact);
}

}  // namespace davy::impact
