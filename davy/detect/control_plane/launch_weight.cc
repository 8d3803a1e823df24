// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/control_plane/launch_weight.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <string>

#include <fmt/format.h>

#include "davy/base/bounded_map.h"
#include "davy/base/text.h"
#include "davy/detect/control_plane/launch_waves.h"
#include "davy/detect/entities_of.h"
#include "davy/impact/price_table.h"
#include "davy/impact/standing.h"
#include "davy/summary/entity_links.h"

namespace davy::detect {
namespace {

using event::EntityType;

/// Price assumed for one unit whose type the call does not state (a task, a group member), to weigh
/// it. It is never shown: a person reads it as a fact.
constexpr double kUnknownUnitUsd = 0.10;

/// More distinct calls than this per principal: the ones with the smallest record hash are kept, a
/// uniform sample that does not depend on order.
constexpr size_t kMaxCalls = 20'000;

/// Principals that launch.
constexpr size_t kMaxPrincipals = 10'000;

/// Units asked for; a sum of 20,000 calls of any 32-bit numbers cannot wrap.
struct Units {
  uint64_t requested = 0;
  uint64_t refused = 0;
  uint64_t launched = 0;   ///< known by id
  uint64_t potential = 0;  ///< what groups may grow to, beyond what they were asked to run
  Time first;              ///< of these calls; a dry run asks for nothing
  Time last;
  std::map<std::string, uint64_t> by_type;
  double known_usd_per_hour = 0;     ///< of the types that have a price, refused ones too
  double accepted_usd_per_hour = 0;  ///< likewise, without them
};

std::string price_text(double usd_per_hour) {
  return usd_per_hour > 0 ? usd(usd_per_hour) + "/h" : "no price known";
}

/// " and accepted ($612/h) in 8 regions": what was refused costs nothing, and is told apart.
std::string outcome_text(const Units& units, std::string_view where) {
  if (units.refused == 0) {
    return fmt::format(" and accepted {} ({})", where, price_text(units.accepted_usd_per_hour));
  }
  if (units.refused == units.requested) {
    const std::string price =
        units.known_usd_per_hour > 0 ? price_text(units.known_usd_per_hour) + " spared" : "";
    return fmt::format(" and refused {}{}", where, price.empty() ? "" : " (" + price + ")");
  }
  return fmt::format(" ({} refused) {} ({}{})", with_thousands(units.refused), where,
                     price_text(units.accepted_usd_per_hour),
                     units.accepted_usd_per_hour > 0 ? " for the rest" : "");
}

std::string describe(const Units& units, size_t regions) {
  std::vector<std::string> parts;
  for (const auto& [type, count] : units.by_type)
    parts.push_back(fmt::format("{} x {}", count, type));
  if (parts.size() > 3) {
    const size_t more = parts.size() - 3;
    parts.resize(3);
    parts.push_back(fmt::format("{} more types", more));
  }
  const DurationNs took = units.last - units.first;
  const std::string where = fmt::format("in {} region{}{}", regions, regions == 1 ? "" : "s",
                                        took >= kSecond ? " within " + to_human(took) : "");
  return fmt::format("{} requested{}", join(parts, ", "), outcome_text(units, where));
}

std::string compare_with_habit(const Wave& wave, const Units& units) {
  const std::string expected =
      wave.usual > 0 ? fmt::format(
                           "Expected about {}/h, the median of the busiest hours of "
                           "this principal's earlier days",
                           usd(wave.usual))
                     : fmt::format(
                           "No habit to compare with: this principal launched on fewer than "
                           "{} earlier days",
                           kHabitDays);
  std::string text =
      fmt::format("{}; observed {}. Of {} requested {} were accepted; {} are known by id.",
                  expected, price_text(units.known_usd_per_hour), units.requested,
                  units.requested - units.refused, units.launched);
  if (units.potential > 0) {
    text += fmt::format(" Groups may grow by {} more.", with_thousands(units.potential));
  }
  return text;
}

/// Services that fill a group, queue or fleet, in whoever's name: judged is the call that set it
/// up.
bool is_filling(std::string_view service) {
  constexpr std::string_view kFilling[] = {
      "autoscaling.amazonaws.com", "batch.amazonaws.com", "ec2fleet.amazonaws.com",
      "spotfleet.amazonaws.com",   "spot.amazonaws.com",  "elasticmapreduce.amazonaws.com"};
  return std::find(std::begin(kFilling), std::end(kFilling), service) != std::end(kFilling);
}

/// The service itself, or a role that only it can take. A service that acts for a caller
/// (CloudFormation for root) launches with the caller's identity: the launch is the caller's.
bool is_service(const event::Actor& actor) {
  if (actor.type == "AWSService" || is_filling(actor.source_service)) return true;
  if (actor.issuer_arn.find(":role/aws-service-role/") != std::string_view::npos) return true;
  // A role made for a service may be stolen from it: then its calls come from an address.
  if (!actor.source_ip.empty() || !actor.source_service.ends_with(".amazonaws.com")) return false;
  return actor.issuer_arn.find(":role/service-role/") != std::string_view::npos ||
         (actor.issuer_arn.empty() &&
          actor.arn.find(":assumed-role/AWSServiceRoleFor") != std::string_view::npos);
}

class LaunchWeight final : public Detector {
 public:
  std::string_view name() const override { return "launch_weight"; }
  unsigned reads() const override { return kApiCalls; }

  void observe(const event::Event& event) override {
    if (event.api == nullptr) return;
    if (event.time.known()) log_begins_ = std::min(log_begins_, event.time);
    if (!event.api->launch) return;
    const event::Launch& launch = *event.api->launch;
    if (is_service(event.actor)) return;
    LaunchCall call;
    call.time = event.time;
    call.ref = event.ref;
    call.record_id = record_id_of(event, "cloudtrail");
    call.account = event.account;
    call.region = event.region;
    call.operation = event.api->operation;
    call.type = launch.instance_type;
    call.image = launch.image;
    call.key_name = launch.key_name;
    call.access_key = event.actor.access_key;
    call.source_ip = event.actor.source_ip;
    if (event.api->standing) {
      call.standing = event.api->standing->kind;
      call.standing_id =
          summary::standing_id(event.api->standing->kind, event.region,
                               event.api->standing->cluster, event.api->standing->names.front());
      call.recipe = event.api->standing->recipe;
      call.launch_type = event.api->standing->launch_type;
    }
    call.mfa = event.actor.mfa;
    call.requested = launch.requested;
    call.potential = launch.potential;
    call.dry_run = event.api->dry_run;
    call.failed = event.api->failed && !event.api->dry_run;
    // AWS having no machine left says nothing of the caller.
    call.probe = call.dry_run ||
                 (call.failed && !event.api->error_code.ends_with("InsufficientInstanceCapacity"));
    for (std::string_view id : launch.instance_ids)
      call.instance_ids.emplace_back(id);

    const std::string_view principal =
        event.actor.issuer_arn.empty() ? event.actor.arn : event.actor.issuer_arn;
    Calls* const calls = principals_.at(hash64(principal));
    if (calls == nullptr) return;
    calls->principal = principal;
    add(*calls, event.key, std::move(call));
  }

  void merge(Detector& other) override {
    auto& theirs = static_cast<LaunchWeight&>(other);
    log_begins_ = std::min(log_begins_, theirs.log_begins_);
    principals_.merge(std::move(theirs.principals_), [](Calls& mine, Calls& other_calls) {
      mine.principal = std::move(other_calls.principal);
      for (auto& [key, call] : other_calls.by_record)
        add(mine, key, std::move(call));
      mine.sampled = mine.sampled || other_calls.sampled;
    });
  }

  void judge(const JudgeContext& context, std::vector<Detection>& out) const override {
    for (const auto& [hash, calls] : principals_) {
      judge_principal(calls, context, out);
      if (calls.sampled) {
        context.notes.push_back(
            fmt::format("launch_weight: more than {} launch calls by {}; judged on a sample",
                        with_thousands(kMaxCalls), printable(calls.principal)));
      }
    }
    if (principals_.cut()) {
      context.notes.push_back(fmt::format("launch_weight: more than {} principals; judged a sample",
                                          with_thousands(kMaxPrincipals)));
    }
  }

 private:
  struct Calls {
    std::string principal;
    std::map<Hash128, LaunchCall> by_record;
    bool sampled = false;  ///< there were more than kMaxCalls
  };

  static void add(Calls& calls, Hash128 key, LaunchCall&& call) {
    const event::RecordRef ref = call.ref;
    const auto [place, added] = calls.by_record.try_emplace(key, std::move(call));
    if (!added) place->second.ref = std::min(place->second.ref, ref);
    if (calls.by_record.size() <= kMaxCalls) return;
    calls.by_record.erase(std::prev(calls.by_record.end()));
    calls.sampled = true;
  }

  void judge_principal(const Calls& calls, const JudgeContext& context,
                       std::vector<Detection>& out) const {
    const std::string& principal = calls.principal;
    std::vector<Priced> priced;
    for (const auto& [key, call] : calls.by_record) {
      uint32_t requested = call.requested;
      impact::UnitPrice unit = price_of(call, context, requested);
      const bool known = unit.usd_per_hour > 0;
      const double usd_per_hour = known ? unit.usd_per_hour : kUnknownUnitUsd;
      priced.push_back({&call, requested, call.dry_run ? 0 : usd_per_hour * requested,
                        unit.accelerator, known, std::move(unit.label), std::move(unit.image)});
    }
    std::sort(priced.begin(), priced.end(), [](const Priced& a, const Priced& b) {
      return std::tie(a.call->time, a.call->record_id) < std::tie(b.call->time, b.call->record_id);
    });
    const Past past(priced, log_begins_);
    const Waves waves = waves_of(priced, is_root(principal), past);
    if (waves.more) {
      context.notes.push_back(
          fmt::format("launch_weight: more than {} waves of launches by {}; the heaviest are shown",
                      kMaxWaves, printable(principal)));
    }
    for (const Wave& wave : waves.in_time_order) {
      const std::span calls_of_wave(priced.begin() + static_cast<std::ptrdiff_t>(wave.begin),
                                    wave.end - wave.begin);
      Detection detection = detection_of(principal, wave, calls_of_wave);
      add_projected_burn(detection, out);
      out.push_back(std::move(detection));
    }
  }

  /// Calls that state a type or set up something standing say what their units are. A call that
  /// only changes a size adds what is beyond the size before, of what earlier calls say.
  static impact::UnitPrice price_of(const LaunchCall& call, const JudgeContext& context,
                                    uint32_t& requested) {
    const summary::StandingCompute& known = context.links.standing();
    if (call.standing && call.type.empty() && call.recipe.empty()) {
      const auto* fact = known.find(*call.standing, call.account, call.standing_id);
      const auto before = fact == nullptr ? std::nullopt : impact::before_call(*fact, call.time);
      if (before) {
        requested -= static_cast<uint32_t>(std::min<uint64_t>(requested, before->units));
        return impact::price_unit(before->unit, known, context.prices);
      }
    }
    if (call.standing || !call.type.empty()) {
      return impact::price_unit({call.standing.value_or(event::StandingKind::kGroup), call.account,
                                 call.region, call.type, call.recipe, call.launch_type, call.time},
                                known, context.prices);
    }
    impact::UnitPrice unit;
    unit.label = call.operation + " units";
    return unit;
  }

  static bool is_root(const std::string& principal) { return principal.ends_with(":root"); }

  static Detection detection_of(const std::string& principal, const Wave& wave,
                                std::span<const Priced> calls) {
    Detection detection;
    detection.detector = "launch_weight";
    detection.signal = Signal::kControlPlane;
    detection.stage = Stage::kResourceLaunch;
    detection.techniques = {"T1496.001", "T1578.002"};
    detection.time = calls.front().call->time;
    detection.end_time = calls.back().call->time;
    detection.count = calls.size();
    detection.entities.push_back({EntityType::kPrincipal, principal});
    Units units;
    std::set<std::string_view> regions;
    for (const Priced& priced : calls) {
      const LaunchCall& call = *priced.call;
      if (call.dry_run) continue;
      if (priced.requested > 0) units.by_type[priced.unit] += priced.requested;
      units.requested += priced.requested;
      units.potential += call.potential - std::min(call.potential, call.requested);
      if (priced.price_known) units.known_usd_per_hour += priced.usd_per_hour;
      if (priced.price_known && !call.failed) units.accepted_usd_per_hour += priced.usd_per_hour;
      units.refused += call.failed ? priced.requested : 0;
      units.launched += call.instance_ids.size();
      if (regions.empty()) units.first = call.time;
      units.last = call.time;  // calls are in time order
      regions.insert(call.region);
      add_entities(call, detection);
      if (!priced.image.empty()) detection.entities.push_back({EntityType::kImage, priced.image});
      keep_earliest(detection.evidence, {call.ref, call.record_id, call.time});
    }

    detection.weight = wave.weight;
    detection.confidence = wave.habitual ? 0.1 : std::min(0.95, 0.3 + 0.1 * wave.weight);
    detection.claim = wave.weight >= kAttemptWeight ? Claim::kAttempt : Claim::kContext;
    detection.level = wave.weight >= 4                ? Level::kCritical
                      : wave.weight >= 2.5            ? Level::kHigh
                      : wave.weight >= kAttemptWeight ? Level::kMedium
                                                      : Level::kLow;
    detection.measures = {{"requested", static_cast<double>(units.requested)},
                          {"refused", static_cast<double>(units.refused)},
                          {"launched", static_cast<double>(units.launched)},
                          {"potential", static_cast<double>(units.requested + units.potential)},
                          {"regions", static_cast<double>(regions.size())},
                          {"usd_per_hour", units.known_usd_per_hour},
                          {"accepted_usd_per_hour", units.accepted_usd_per_hour},
                          {"usual_usd_per_hour", wave.usual}};
    detection.title = describe(units, regions.size());
    if (is_root(principal)) detection.title = "Root credential: " + detection.title;
    detection.detail = compare_with_habit(wave, units);
    finish(detection);
    return detection;
  }

  static void add_entities(const LaunchCall& call, Detection& detection) {
    const auto add_entity = [&](EntityType type, const std::string& id) {
      if (!id.empty()) detection.entities.push_back({type, id});
    };
    add_entity(EntityType::kAccount, call.account);
    add_entity(EntityType::kRegion, call.region);
    add_entity(EntityType::kAccessKey, call.access_key);
    add_entity(EntityType::kSourceAddress, call.source_ip);
    add_entity(EntityType::kImage, call.image);
    add_entity(EntityType::kSshKey, call.key_name);
    for (const std::string& id : call.instance_ids)
      add_entity(EntityType::kInstance, id);
    if (!call.source_ip.empty())
      detection.indicators.push_back({IndicatorType::kSourceIp, call.source_ip});
  }

  /// The same launches seen as money: the seeds' "$50 a day over baseline", known before any bill.
  static void add_projected_burn(const Detection& launch, std::vector<Detection>& out) {
    constexpr double kMinUsdPerDay = 50;
    const double per_day = 24 * (launch.measures.at("accepted_usd_per_hour") -
                                 launch.measures.at("usual_usd_per_hour"));
    if (per_day < kMinUsdPerDay || launch.claim == Claim::kContext) return;
    Detection burn;
    burn.detector = "projected_burn";
    burn.signal = Signal::kCost;
    burn.stage = Stage::kCost;
    burn.level = Level::kMedium;
    burn.claim = Claim::kContext;
    burn.weight = 0.4 * std::log10(per_day / 10);
    burn.confidence = 0.6;
    burn.time = launch.time;
    burn.end_time = launch.end_time;
    burn.count = launch.count;
    burn.title = fmt::format("Projected spend {} a day above this principal's habit", usd(per_day));
    burn.detail = "What was accepted x on-demand list price, before any bill.";
    burn.techniques = {"T1496.001"};
    burn.entities = launch.entities;
    burn.evidence = launch.evidence;
    burn.measures = {{"usd_per_day", per_day}};
    finish(burn);
    out.push_back(std::move(burn));
  }

  BoundedMap<Calls> principals_{kMaxPrincipals};  ///< by hash of the name
  Time log_begins_ = kEndOfTime;                  ///< the earliest API call of anybody
};

}  // namespace

std::unique_ptr<Detector> make_launch_weight() {
  return std::make_unique<LaunchWeight>();
}

}  // namespace davy::detect
