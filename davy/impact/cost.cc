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

/// Where the meter of one machine stops; not known when nothing tells.
Time meter_stop(const Machine& machine, Time as_of) {
  switch (machine.state) {
    case RunState::kEnded: return std::min(machine.ended, as_of);
    case RunState::kRunning: return as_of;
    case RunState::kUnknown: break;
  }
  return std::max({machine.launched, machine.last_seen, machine.last_reported});
}

/// The times in which it was on; what no record of its power tells of was on from its launch.
std::vector<PoweredOn> times_of(const Machine& machine) {
  if (!machine.powered_on.empty()) return machine.powered_on;
  return {{machine.launched, {}, machine.type}};
}

/// "p3.16xlarge", "t3.micro then p3.16xlarge"
std::string types_of(const std::vector<PoweredOn>& times) {
  std::vector<std::string> types;
  for (const PoweredOn& time : times) {
    const std::string type = time.type.empty() ? "unknown type" : time.type;
    if (types.empty() || types.back() != type) types.push_back(type);
  }
  return join(types, " then ");
}

/// Machine hours of one type at one price: a line of the bill.
struct Term {
  double hours = 0;
  double usd = 0;
};

/// What is summed over the machines of one origin: launched for the incident, or hijacked.
struct Sum {
  std::map<std::string, size_t> by_type;
  std::map<std::string, size_t> unpriced;
  std::map<std::string, Term> terms;  ///< by type
  std::array<size_t, 3> by_state{};
  std::array<Time, 3> last_stop{};  ///< latest meter stop, by state
  size_t priced = 0;
  size_t with_pauses = 0;  ///< machines that were off for a while
  double hours = 0;
  double usd = 0;
  double usd_if_running = 0;
  double usd_per_hour = 0;          ///< all of them
  double running_usd_per_hour = 0;  ///< those that run

  size_t count(RunState state) const { return by_state[static_cast<size_t>(state)]; }
  size_t count() const { return by_state[0] + by_state[1] + by_state[2]; }
};

void add(const Machine& machine, const CostInput& input, const PriceTable& prices, Sum& sum) {
  const std::vector<PoweredOn> times = times_of(machine);
  const Time begin =
      machine.launched_for_it ? machine.launched : std::max(machine.launched, input.first_activity);
  const Time stop = meter_stop(machine, input.as_of);
  const auto state = static_cast<size_t>(machine.state);
  const std::string types = types_of(times);
  ++sum.by_type[types];
  ++sum.by_state[state];
  sum.last_stop[state] = std::max(sum.last_stop[state], stop);
  sum.with_pauses += times.size() > 1;
  bool has_price = true;
  for (const PoweredOn& time : times) {
    const auto hours_on = [&](Time until) {
      return hours(std::max(time.begin, begin),
                   time.end.known() ? std::min(time.end, until) : until);
    };
    const double on = hours_on(stop);
    sum.hours += on;
    const double rate = prices.usd_per_hour(time.type, machine.region);
    has_price = has_price && rate > 0;
    if (rate <= 0) continue;
    sum.usd += rate * on;
    sum.usd_if_running += rate * hours_on(machine.state == RunState::kUnknown ? input.as_of : stop);
    Term& term = sum.terms[time.type];
    term.hours += on;
    term.usd += rate * on;
  }
  if (!has_price) ++sum.unpriced[types];
  const double last_rate = prices.usd_per_hour(times.back().type, machine.region);
  if (last_rate <= 0) return;
  ++sum.priced;
  sum.usd_per_hour += last_rate;
  if (machine.state == RunState::kRunning) sum.running_usd_per_hour += last_rate;
}

Sum sum_of(const CostInput& input, bool launched_for_it, const PriceTable& prices) {
  Sum sum;
  for (const Machine& machine : input.machines) {
    if (machine.launched_for_it == launched_for_it) add(machine, input, prices, sum);
  }
  return sum;
}

/// What is summed over services, groups and fleets whose machines no record names.
struct StandingSum {
  std::map<std::string, size_t> by_unit;   ///< units
  std::map<std::string, size_t> unpriced;  ///< likewise
  std::map<std::string, Term> terms;
  size_t units = 0;
  size_t ended = 0;  ///< units of those on record as ended
  Time last_end;
  uint64_t potential = 0;  ///< of groups that may grow
  size_t seen = 0;         ///< groups and fleets whose machines are on record
  size_t own_machines = 0;
  size_t priced = 0;
  bool jobs = false;  ///< there are some that end by themselves
  bool fargate = false;
  bool shortened = false;
  double hours = 0;
  double usd = 0;
  double running_usd_per_hour = 0;
};

StandingSum sum_of(const std::vector<Standing>& all) {
  StandingSum sum;
  for (const Standing& standing : all) {
    sum.potential += std::max(standing.most, standing.units);
    sum.shortened = sum.shortened || standing.shortened;
    if (standing.instances_seen > 0) {
      ++sum.seen;
      continue;
    }
    sum.units += standing.units;
    sum.by_unit[standing.unit] += standing.units;
    sum.jobs |= ends_by_itself(standing.kind);
    if (standing.ended.known()) {
      sum.ended += standing.units;
      sum.last_end = std::max(sum.last_end, standing.ended);
    }
    sum.hours += standing.unit_hours;
    if (standing.on_own_machines) {
      sum.own_machines += standing.units;
      continue;
    }
    if (standing.usd_per_unit_hour <= 0) {
      sum.unpriced[standing.unit] += standing.units;
      continue;
    }
    ++sum.priced;
    sum.fargate = sum.fargate || standing.fargate;
    const double cost = standing.usd_per_unit_hour * standing.unit_hours;
    sum.usd += cost;
    Term& term = sum.terms[standing.unit];
    term.hours += standing.unit_hours;
    term.usd += cost;
    sum.running_usd_per_hour +=
        standing.usd_per_unit_hour * static_cast<double>(standing.units_at_end);
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
    if (!sum.last_stop[index].known()) {
      parts.push_back(
          fmt::format("{} of unknown end, without a trace of work", sum.by_state[index]));
      continue;
    }
    parts.push_back(fmt::format(fmt::runtime(kStops[index]), sum.by_state[index],
                                to_rfc3339(sum.last_stop[index])));
  }
  if (sum.with_pauses > 0)
    parts.push_back(
        fmt::format("{} by the hours switched on and the type of then", sum.with_pauses));
  return join(parts, "; ");
}

void price_launched(const Sum& sum, const StandingSum& standing, Time as_of, Impact& impact) {
  impact.resource_hours = sum.hours + standing.hours;
  if (sum.priced + standing.priced == 0) return;
  impact.cost_so_far_usd = sum.usd + standing.usd;
  const bool unknown = sum.count(RunState::kUnknown) > 0;
  if (unknown) impact.cost_if_running_usd = sum.usd_if_running + standing.usd;
  const double per_hour = sum.running_usd_per_hour + standing.running_usd_per_hour;
  const bool running = per_hour > 0;
  if (running || !unknown) impact.burn_usd_per_hour = per_hour;
  if (running) {
    impact.projected_month_usd =
        *impact.cost_so_far_usd + per_hour * hours(as_of, month_end(as_of));
  }
}

/// "70.4 h of p3.2xlarge at $3.06/h": of the regions' prices, the mean.
std::string terms_text(const Sum& launched, const StandingSum& standing) {
  std::map<std::string, Term> terms = launched.terms;
  for (const auto& [unit, term] : standing.terms) {
    terms[unit].hours += term.hours;
    terms[unit].usd += term.usd;
  }
  std::vector<std::string> parts;
  for (const auto& [type, term] : terms) {
    if (term.hours <= 0) continue;
    parts.push_back(
        fmt::format("{:.1f} h of {} at {}/h", term.hours, type, usd(term.usd / term.hours)));
  }
  constexpr size_t kShown = 4;
  if (parts.size() > kShown) {
    const size_t more = parts.size() - kShown;
    parts.resize(kShown);
    parts.push_back(fmt::format("{} more", more));
  }
  return join(parts, " + ");
}

using Basis = std::vector<std::string>;

std::string price_list(const std::string& date) {
  return "list price" + (date.empty() ? std::string() : fmt::format(" of {}", date));
}

void explain(const StandingSum& sum, const PriceTable& prices, Time as_of, Basis& basis) {
  if (sum.units > 0) {
    std::string text = fmt::format(
        "cost: {} accepted, at {}, as if all run from the call until a record sets them to zero, "
        "deletes or cancels them, or the logs end at {}; what ran before counts as none unless "
        "the logs tell",
        listing(sum.by_unit),
        sum.fargate ? "Fargate " + price_list(prices.fargate_date()) +
                          " (where no launch type is stated too)"
                    : "on-demand " + price_list(prices.date()),
        to_rfc3339(as_of));
    if (sum.ended > 0) {
      text += fmt::format("; {} ended, the last at {}", sum.ended, to_rfc3339(sum.last_end));
    }
    if (sum.jobs) text += "; a SageMaker job is taken to run for a day unless it is stopped";
    basis.push_back(std::move(text));
  }
  if (sum.potential > sum.units) {
    basis.push_back(
        fmt::format("groups may grow to {} by their maximum size; only what is to run "
                    "at once is counted",
                    with_thousands(sum.potential)));
  }
  if (sum.seen > 0) {
    basis.push_back(fmt::format(
        "{} priced by the machines that the logs show launched for {}",
        sum.seen == 1 ? "1 group or fleet" : fmt::format("{} groups and fleets", sum.seen),
        sum.seen == 1 ? "it" : "them"));
  }
  if (sum.own_machines > 0) {
    basis.push_back(fmt::format("{} tasks run on the cluster's own machines: no bill of their own",
                                with_thousands(sum.own_machines)));
  }
  if (sum.shortened) {
    basis.push_back(
        fmt::format("a service, group or fleet changed more often than is remembered; "
                    "what came before its last {} changes is not counted",
                    summary::StandingCompute::kMaxChanges));
  }
}

void explain(const Sum& launched, const StandingSum& standing, const Sum& hijacked,
             const PriceTable& prices, Time as_of, Impact& impact) {
  const std::string list = "on-demand Linux " + price_list(prices.date());
  const auto say = [&](std::string sentence) { impact.basis.push_back(std::move(sentence)); };
  if (launched.count() + hijacked.count() + standing.units == 0) {
    say("cost: no machine of this incident is known by id, so nothing is priced");
  }
  if (launched.count() > 0) {
    say(fmt::format("cost: {} launched for it, at {}, from launch: {}", listing(launched.by_type),
                    list, meter_text(launched)));
  }
  explain(standing, prices, as_of, impact.basis);
  if (impact.projected_month_usd) {
    say("end of the month: what runs, at the same prices, to the end of the calendar month");
  }
  if (impact.resources_refused > 0) {
    say(fmt::format("not priced: {} of {} requested were refused",
                    with_thousands(impact.resources_refused),
                    with_thousands(impact.resources_requested)));
  }
  const uint64_t accounted = impact.resources_launched + impact.resources_refused + standing.units;
  if (impact.resources_requested > accounted && standing.seen == 0) {
    say(fmt::format("not priced: {} of {} requested, of which no record shows that they ran",
                    with_thousands(impact.resources_requested - accounted),
                    with_thousands(impact.resources_requested)));
  }
  if (hijacked.count() > 0) {
    say(
        fmt::format("machine time abused: {} that ran before; their bill is not the incident's; "
                    "valued at {}: {}",
                    listing(hijacked.by_type), list, meter_text(hijacked)));
  }
  std::map<std::string, size_t> unpriced = launched.unpriced;
  for (const auto* more : {&hijacked.unpriced, &standing.unpriced}) {
    for (const auto& [type, count] : *more)
      unpriced[type] += count;
  }
  if (!unpriced.empty()) say("no price known: " + listing(unpriced));
}

/// "200 x p3.2xlarge (GPU), 425 x ECS task of 16 vCPU, 32 GiB"
std::string launched_types(const Sum& launched, const StandingSum& standing,
                           const PriceTable& prices) {
  std::map<std::string, size_t> by_type = launched.by_type;
  for (const auto& [unit, count] : standing.by_unit)
    by_type[unit] += count;
  std::vector<std::string> parts;
  for (const auto& [type, count] : by_type) {
    const InstanceType* const known = prices.find(type);
    parts.push_back(fmt::format("{} x {}{}", with_thousands(count), type,
                                known != nullptr && known->gpus > 0 ? " (GPU)" : ""));
  }
  return join(parts, ", ");
}

}  // namespace

void price(const CostInput& input, const PriceTable& prices, Impact& impact) {
  const Sum launched = sum_of(input, true, prices);
  const Sum hijacked = sum_of(input, false, prices);
  const StandingSum standing = sum_of(input.standing);
  price_launched(launched, standing, input.as_of, impact);
  impact.resources_accepted = standing.units;
  impact.abused_hours = hijacked.hours;
  if (hijacked.priced > 0) impact.abused_usd_per_hour = hijacked.usd_per_hour;
  impact.launched_types = launched_types(launched, standing, prices);
  impact.cost_terms = terms_text(launched, standing);
  explain(launched, standing, hijacked, prices, input.as_of, impact);
}

}  // namespace davy::impact
