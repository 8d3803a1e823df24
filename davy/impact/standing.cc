// SPDX-License-Identifier: Apache-2.0
#include "davy/impact/standing.h"

#include <algorithm>

namespace davy::impact {
namespace {

using summary::StandingChange;
using summary::StandingFact;

double hours(Time from, Time to) {
  return to > from ? static_cast<double>(to - from) / static_cast<double>(kHour) : 0;
}

/// How long a job runs at most unless its call says otherwise: the default of MaxRuntimeInSeconds
/// in SageMaker's API reference. A job that ends by itself leaves no record.
constexpr DurationNs kLongestJob = kDay;

/// How many there are after a change.
uint64_t after(const StandingChange& change, uint64_t before) {
  uint64_t units = change.units ? *change.units : before;
  if (change.least) units = std::max<uint64_t>(units, *change.least);
  if (change.most && !change.units) units = std::min<uint64_t>(units, *change.most);
  return units;
}

void keep_last(std::string_view& mine, const std::string& said) {
  if (!said.empty()) mine = said;
}

/// What the calls say of one unit, later calls first where they say it.
UnitAsked asked_by(const StandingFact& fact, const StandingChange& raised) {
  UnitAsked asked{fact.kind, fact.account, fact.region, {}, {}, {}, raised.time};
  for (const StandingChange& change : fact.changes) {
    if (change.time > raised.time && !asked.recipe.empty()) break;
    keep_last(asked.type, change.type);
    keep_last(asked.recipe, change.recipe);
    keep_last(asked.launch_type, change.launch_type);
  }
  return asked;
}

/// One walk over the changes of one service, group or fleet.
class Course {
 public:
  Course(const StandingFact& fact, const StandingInput& input) : input_(input) {
    for (const StandingChange& change : fact.changes)
      apply(change);
    end_job(fact, input.links.last_event());
    close(input.links.last_event());
    standing_.units_at_end = beyond_before();
    if (standing_.units_at_end > 0) standing_.ended = {};
  }

  const StandingChange* raised() const { return raised_; }
  Standing& standing() { return standing_; }

 private:
  uint64_t beyond_before() const { return units_ > before_ ? units_ - before_ : 0; }

  void close(Time until) {
    if (raised_ != nullptr)
      standing_.unit_hours += static_cast<double>(beyond_before()) * hours(since_, until);
    since_ = until;
  }

  void end_job(const StandingFact& fact, Time last_event) {
    const Time end = standing_.accepted + kLongestJob;
    if (!ends_by_itself(fact.kind) || raised_ == nullptr || units_ == 0 || last_event < end) return;
    close(end);
    units_ = 0;
    standing_.ended = end;
  }

  void apply(const StandingChange& change) {
    const uint64_t next = after(change, units_);
    const bool own = input_.keys.contains(change.by_key);
    const bool raises = next > units_ && change.time >= input_.from && own;
    close(change.time);
    // What others add is theirs.
    if (raised_ != nullptr && next > units_ && !own) before_ += next - units_;
    if (raised_ == nullptr && raises) {
      raised_ = &change;
      before_ = units_;
      standing_.accepted = change.time;
    }
    const bool had_some = beyond_before() > 0;
    units_ = next;
    if (raised_ == nullptr) return;
    if (change.most) standing_.most = std::max<uint64_t>(standing_.most, *change.most);
    standing_.units = std::max(standing_.units, beyond_before());
    if (had_some && beyond_before() == 0) standing_.ended = change.time;
  }

  const StandingInput& input_;
  const StandingChange* raised_ = nullptr;
  Standing standing_;
  Time since_;
  uint64_t units_ = 0;
  uint64_t before_ = 0;  ///< when the incident first raised it
};

/// Instances launched for the group or fleet on record, in its account and region.
uint64_t instances_seen(const StandingFact& fact, Time accepted,
                        const summary::EntityLinks& links) {
  uint64_t seen = 0;
  for (const summary::InstanceFact* instance : links.launched_for(fact.name)) {
    seen += instance->account == fact.account && instance->region == fact.region &&
            instance->launched >= accepted;
  }
  return seen;
}

}  // namespace

bool ends_by_itself(summary::StandingKind kind) {
  return kind == summary::StandingKind::kTrainingJob ||
         kind == summary::StandingKind::kProcessingJob;
}

std::optional<BeforeCall> before_call(const StandingFact& fact, Time when) {
  BeforeCall before{{fact.kind, fact.account, fact.region, {}, {}, {}, when}, 0};
  for (const StandingChange& change : fact.changes) {
    if (change.time >= when) break;
    keep_last(before.unit.type, change.type);
    keep_last(before.unit.recipe, change.recipe);
    keep_last(before.unit.launch_type, change.launch_type);
    before.units = after(change, before.units);
  }
  if (before.unit.type.empty() && before.unit.recipe.empty()) return std::nullopt;
  return before;
}

std::vector<Standing> standing_of(const StandingInput& input, const PriceTable& prices) {
  std::vector<Standing> all;
  const summary::StandingCompute& known = input.links.standing();
  for (const StandingFact* fact : known.changed_by(input.keys)) {
    Course course(*fact, input);
    if (course.raised() == nullptr) continue;
    Standing& standing = course.standing();
    standing.kind = fact->kind;
    standing.id = fact->id;
    standing.name = fact->name;
    standing.account = fact->account;
    standing.region = fact->region;
    const UnitAsked asked = asked_by(*fact, *course.raised());
    UnitPrice price = price_unit(asked, known, prices);
    standing.unit = std::move(price.label);
    standing.image = std::move(price.image);
    standing.recipe = asked.recipe;
    standing.usd_per_unit_hour = price.usd_per_hour;
    standing.fargate = price.fargate;
    standing.on_own_machines = price.on_own_machines;
    standing.shortened = fact->changes.size() >= summary::StandingCompute::kMaxChanges;
    standing.instances_seen = instances_seen(*fact, standing.accepted, input.links);
    all.push_back(std::move(standing));
  }
  return all;
}

}  // namespace davy::impact
