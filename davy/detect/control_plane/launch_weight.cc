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
#include "davy/detect/entities_of.h"
#include "davy/impact/price_table.h"

namespace davy::detect {
namespace {

using event::EntityType;

/// The window in which launches add up: science reference section 3.2, "launch -> pool 60-180 s";
/// scripted launches finish within minutes, hands-on ones within the hour.
constexpr DurationNs kWindow = kHour;

/// Price assumed for one unit whose type the call does not state (a task, a group member), to weigh
/// it. It is never shown: a person reads it as a fact.
constexpr double kUnknownUnitUsd = 0.10;

/// More distinct calls than this per principal: the ones with the smallest record hash are kept, a
/// uniform sample that does not depend on order.
constexpr size_t kMaxCalls = 20'000;

/// Waves reported of one principal: an attack has a few; a root key at work all year has thousands.
constexpr size_t kMaxWaves = 100;

/// Principals that launch.
constexpr size_t kMaxPrincipals = 10'000;

/// Sums of prices are equal when they differ by less.
constexpr double kRounding = 1e-9;

struct LaunchCall {
  Time time;
  event::RecordRef ref;
  std::string record_id;
  std::string account;
  std::string region;
  std::string operation;
  std::string type;
  std::string image;
  std::string key_name;
  std::string access_key;
  std::string source_ip;
  uint32_t requested = 0;
  bool failed = false;
  bool dry_run = false;
  std::vector<std::string> instance_ids;
};

/// Launches on fewer earlier days than this are no habit.
constexpr size_t kHabitDays = 3;

/// A burst of at most this many times the habit is the habit.
constexpr double kHabitFactor = 3;

/// Where the log does not reach kHabitDays back, "first use of accelerators" is not known; below
/// this size the part counts in proportion, so that the first night of a training job stays quiet.
constexpr double kSurelyNewUsd = 100;

/// From this weight on a wave is an attempt, and reported whatever else the principal launched.
constexpr double kAttemptWeight = 1.5;

struct Priced {
  const LaunchCall* call;
  double usd_per_hour;
  bool accelerator;
  bool price_known;
};

/// What a principal did by day, for "is this its habit": only days before a burst are asked about,
/// so that neither the burst nor what its author did next can excuse it.
class Past {
 public:
  Past(const std::vector<Priced>& calls, Time log_begins) : log_begins_(log_begins) {
    std::map<int64_t, double> hours;
    std::set<int64_t> accelerator_days;
    for (const Priced& priced : calls) {
      if (priced.call->failed || priced.call->dry_run) continue;  // what is refused is no habit
      hours[bucket_start(priced.call->time, kHour).ns] += priced.usd_per_hour;
      if (priced.accelerator) accelerator_days.insert(bucket_start(priced.call->time, kDay).ns);
    }
    std::map<int64_t, double> days;
    for (const auto& [hour, usd] : hours) {
      double& most = days[bucket_start({hour}, kDay).ns];
      most = std::max(most, usd);
    }
    busiest_hours_.assign(days.begin(), days.end());
    accelerator_days_.assign(accelerator_days.begin(), accelerator_days.end());
  }

  /// Dollars an hour: the median over earlier days of each day's busiest hour; 0 when there are too
  /// few such days.
  double usual(Time burst) const {
    const int64_t today = bucket_start(burst, kDay).ns;
    const auto [known, is_new] = usual_.try_emplace(today, 0);
    if (!is_new) return known->second;
    std::vector<double> earlier;
    for (const auto& [day, usd] : busiest_hours_) {
      if (day < today) earlier.push_back(usd);
    }
    if (earlier.size() < kHabitDays) return 0;
    const auto middle = earlier.begin() + static_cast<std::ptrdiff_t>(earlier.size() / 2);
    std::nth_element(earlier.begin(), middle, earlier.end());
    return known->second = *middle;
  }

  /// 0 to 1: how new accelerators are in a burst of this size.
  double novelty_of_accelerators(Time burst, double usd_per_hour) const {
    const auto today = std::lower_bound(accelerator_days_.begin(), accelerator_days_.end(),
                                        bucket_start(burst, kDay).ns);
    if (static_cast<size_t>(today - accelerator_days_.begin()) >= kHabitDays) return 0;
    const bool past_is_known = burst - log_begins_ >= static_cast<int64_t>(kHabitDays) * kDay;
    return past_is_known ? 1 : std::min(1.0, usd_per_hour / kSurelyNewUsd);
  }

 private:
  Time log_begins_;
  std::vector<std::pair<int64_t, double>> busiest_hours_;  ///< by day
  std::vector<int64_t> accelerator_days_;
  mutable std::map<int64_t, double> usual_;  ///< by day, as asked
};

/// What launches within one window come to. Grows with every call added.
struct Sum {
  double usd_per_hour = 0;
  size_t accelerators = 0;  ///< calls
  size_t probes = 0;
  std::map<std::string_view, size_t> regions;  ///< calls

  void add(const Priced& priced) {
    const LaunchCall& call = *priced.call;
    probes += call.dry_run || call.failed ? 1 : 0;
    if (call.dry_run) return;
    usd_per_hour += priced.usd_per_hour;
    accelerators += priced.accelerator ? 1 : 0;
    ++regions[call.region];
  }
  void remove(const Priced& priced) {
    const LaunchCall& call = *priced.call;
    probes -= call.dry_run || call.failed ? 1 : 0;
    if (call.dry_run) return;
    usd_per_hour -= priced.usd_per_hour;
    accelerators -= priced.accelerator ? 1 : 0;
    const auto region = regions.find(call.region);
    if (--region->second == 0) regions.erase(region);
  }
};

/// Calls within one window, weighed.
struct Wave {
  size_t begin = 0;
  size_t end = 0;  ///< one past
  double usd_per_hour = 0;
  double usual = 0;
  double weight = 0;
  bool habitual = false;
};

void weigh(const Sum& sum, Time start, bool root, const Past& past, Wave& wave) {
  wave.usd_per_hour = sum.usd_per_hour;
  wave.usual = past.usual(start);
  const double size = 1.2 * std::log10(1 + wave.usd_per_hour);
  // Spread counts in proportion to size: rolling small things out to many regions is ordinary work.
  const double further_regions =
      std::min<double>(static_cast<double>(std::max<size_t>(sum.regions.size(), 1)) - 1, 4);
  wave.weight = size + 0.5 * further_regions * std::min(1.0, wave.usd_per_hour / 10);
  if (sum.accelerators > 0)
    wave.weight += 0.8 * past.novelty_of_accelerators(start, wave.usd_per_hour);
  if (sum.probes > 0 && wave.usual == 0) wave.weight += 0.4;
  if (root) wave.weight += 3.5;
  wave.habitual =
      !root && wave.usual > 0 && wave.usd_per_hour <= kHabitFactor * wave.usual * (1 + kRounding);
  if (wave.habitual) {
    wave.weight = std::min(wave.weight, 0.2);
  } else if (wave.usual > 0) {
    wave.weight *= 0.7;
  }
}

/// The heaviest window among calls [begin, end); empty when none costs anything.
Wave heaviest_window(const std::vector<Priced>& calls, size_t begin, size_t end, bool root,
                     const Past& past) {
  Wave heaviest;
  Sum sum;
  for (size_t last = begin; last < end; ++last) {
    sum.add(calls[last]);
    while (calls[last].call->time - calls[begin].call->time > kWindow)
      sum.remove(calls[begin++]);
    if (sum.usd_per_hour <= kRounding) continue;
    Wave wave{begin, last + 1};
    weigh(sum, calls[begin].call->time, root, past, wave);
    // Of equals, as habits are, the dearest.
    const bool heavier = wave.weight > heaviest.weight + kRounding ||
                         (wave.weight > heaviest.weight - kRounding &&
                          wave.usd_per_hour > heaviest.usd_per_hour + kRounding);
    if (heavier) heaviest = wave;
  }
  return heaviest;
}

/// What is reported of one principal.
struct Waves {
  std::vector<Wave> in_time_order;
  bool more = false;  ///< than kMaxWaves
};

/// The heaviest wave, and the others that are attempts by themselves, heaviest first.
Waves waves_of(const std::vector<Priced>& calls, bool root, const Past& past) {
  struct Segment {  // calls that are in no wave yet
    size_t begin;
    size_t end;
    Wave heaviest;
  };
  std::vector<Segment> segments;
  const auto look_at = [&](size_t begin, size_t end, double least) {
    const Wave heaviest = heaviest_window(calls, begin, end, root, past);
    if (heaviest.begin < heaviest.end && heaviest.weight >= least)
      segments.push_back({begin, end, heaviest});
  };
  Waves waves;
  look_at(0, calls.size(), 0);
  while (!segments.empty() && waves.in_time_order.size() < kMaxWaves) {
    const auto next = std::max_element(
        segments.begin(), segments.end(),
        [](const Segment& a, const Segment& b) { return a.heaviest.weight < b.heaviest.weight; });
    const Segment segment = *next;
    segments.erase(next);
    waves.in_time_order.push_back(segment.heaviest);
    look_at(segment.begin, segment.heaviest.begin, kAttemptWeight);
    look_at(segment.heaviest.end, segment.end, kAttemptWeight);
  }
  waves.more = !segments.empty();
  std::sort(waves.in_time_order.begin(), waves.in_time_order.end(),
            [](const Wave& a, const Wave& b) { return a.begin < b.begin; });
  return waves;
}

/// Units asked for; a sum of 20,000 calls of any 32-bit numbers cannot wrap.
struct Units {
  uint64_t requested = 0;
  uint64_t refused = 0;
  uint64_t launched = 0;
  std::map<std::string, uint64_t> by_type;
  double known_usd_per_hour = 0;  ///< of the types that have a price, refused ones too
};

std::string price_text(double usd_per_hour) {
  return usd_per_hour > 0 ? usd(usd_per_hour) + "/h" : "no price known";
}

std::string describe(const Detection& detection, const Units& units, size_t regions) {
  std::vector<std::string> parts;
  for (const auto& [type, count] : units.by_type)
    parts.push_back(fmt::format("{} x {}", count, type));
  if (parts.size() > 3) {
    const size_t more = parts.size() - 3;
    parts.resize(3);
    parts.push_back(fmt::format("{} more types", more));
  }
  const std::string refused =
      units.refused == 0 ? "" : fmt::format(" ({} refused)", with_thousands(units.refused));
  return fmt::format("{} requested{} in {} region{} within {} ({})", join(parts, ", "), refused,
                     regions, regions == 1 ? "" : "s",
                     to_human(detection.end_time - detection.time),
                     price_text(units.known_usd_per_hour));
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
  return fmt::format("{}; observed {}. {} of {} requested were launched.", expected,
                     price_text(units.known_usd_per_hour), units.launched, units.requested);
}

class LaunchWeight final : public Detector {
 public:
  std::string_view name() const override { return "launch_weight"; }

  void observe(const event::Event& event) override {
    if (event.api == nullptr) return;
    if (event.time.known()) log_begins_ = std::min(log_begins_, event.time);
    if (!event.api->launch) return;
    const event::Launch& launch = *event.api->launch;
    const bool by_service = event.actor.type == "AWSService" || !launch.requester.empty() ||
                            (!event.actor.source_service.empty() && event.actor.source_ip.empty());
    if (by_service) return;
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
    call.requested = launch.requested;
    call.dry_run = event.api->dry_run;
    call.failed = event.api->failed && !event.api->dry_run;
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

  static void add(Calls& calls, Hash128 key, LaunchCall call) {
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
    const impact::PriceTable& prices = context.prices;
    std::vector<Priced> priced;
    for (const auto& [key, call] : calls.by_record) {
      const impact::InstanceType* type = prices.find(call.type);
      const double unit =
          type == nullptr ? kUnknownUnitUsd : prices.usd_per_hour(call.type, call.region);
      priced.push_back({&call, call.dry_run ? 0 : unit * call.requested,
                        type != nullptr && type->gpus > 0, type != nullptr});
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
      units.by_type[call.type.empty() ? call.operation + " units" : call.type] += call.requested;
      units.requested += call.requested;
      if (priced.price_known) units.known_usd_per_hour += priced.usd_per_hour;
      units.refused += call.failed ? call.requested : 0;
      units.launched += call.instance_ids.size();
      regions.insert(call.region);
      add_entities(call, detection);
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
                          {"launched", static_cast<double>(units.launched)},
                          {"regions", static_cast<double>(regions.size())},
                          {"usd_per_hour", units.known_usd_per_hour},
                          {"usual_usd_per_hour", wave.usual}};
    detection.title = describe(detection, units, regions.size());
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
    const double per_day =
        24 * (launch.measures.at("usd_per_hour") - launch.measures.at("usual_usd_per_hour"));
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
    burn.detail = "Requested instances x on-demand list price, before any bill.";
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
