// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/control_plane/launch_weight.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/rule_matches.h"
#include "davy/impact/price_table.h"

namespace davy::detect {
namespace {

using event::EntityType;

/// The window in which launches add up: science reference section 3.2, "launch -> pool 60-180 s";
/// scripted launches finish within minutes, hands-on ones within the hour.
constexpr DurationNs kWindow = kHour;

/// Price assumed for one unit whose type the call does not state (a task, a group member).
constexpr double kUnknownUnitUsd = 0.10;

/// More distinct calls than this per principal: the ones with the smallest record hash are kept, a
/// uniform sample that does not depend on order.
constexpr size_t kMaxCalls = 20'000;

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

struct Priced {
  const LaunchCall* call;
  double usd_per_hour;
  double gpus;
};

/// The calls of one window and what they come to.
struct Burst {
  size_t begin = 0;
  size_t end = 0;  ///< one past
  double usd_per_hour = 0;
};

Burst busiest_window(const std::vector<Priced>& calls) {
  Burst best;
  double sum = 0;
  size_t begin = 0;
  for (size_t end = 0; end < calls.size(); ++end) {
    sum += calls[end].usd_per_hour;
    while (calls[end].call->time - calls[begin].call->time > kWindow) {
      sum -= calls[begin++].usd_per_hour;
    }
    if (sum > best.usd_per_hour + 1e-9) best = {begin, end + 1, sum};
  }
  return best;
}

/// The most the same principal asked for in any hour clear of the burst.
double habit(const std::vector<Priced>& calls, const Burst& burst) {
  const Time from = calls[burst.begin].call->time - kWindow;
  const Time to = calls[burst.end - 1].call->time + kWindow;
  std::map<int64_t, double> hours;
  for (const Priced& priced : calls) {
    if (priced.call->time >= from && priced.call->time <= to) continue;
    hours[bucket_start(priced.call->time, kHour).ns] += priced.usd_per_hour;
  }
  double most = 0;
  for (const auto& [hour, usd] : hours)
    most = std::max(most, usd);
  return most;
}

std::string describe(const Detection& detection, const std::map<std::string, uint32_t>& by_type,
                     size_t regions) {
  std::vector<std::string> parts;
  for (const auto& [type, count] : by_type)
    parts.push_back(fmt::format("{} x {}", count, type));
  if (parts.size() > 3) {
    const size_t more = parts.size() - 3;
    parts.resize(3);
    parts.push_back(fmt::format("{} more types", more));
  }
  return fmt::format("{} requested in {} region{} within {} ({}/h)", join(parts, ", "), regions,
                     regions == 1 ? "" : "s", to_human(detection.end_time - detection.time),
                     usd(detection.measures.at("usd_per_hour")));
}

class LaunchWeight final : public Detector {
 public:
  std::string_view name() const override { return "launch_weight"; }

  void observe(const event::Event& event) override {
    if (event.api == nullptr || !event.api->launch) return;
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

    std::string principal(event.actor.issuer_arn.empty() ? event.actor.arn
                                                         : event.actor.issuer_arn);
    add(principals_[std::move(principal)], event.key, std::move(call));
  }

  void merge(Detector& other) override {
    for (auto& [principal, calls] : static_cast<LaunchWeight&>(other).principals_) {
      auto& mine = principals_[principal];
      for (auto& [key, call] : calls)
        add(mine, key, std::move(call));
    }
  }

  void judge(const JudgeContext& context, std::vector<Detection>& out) const override {
    for (const auto& [principal, calls] : principals_) {
      judge_principal(principal, calls, context.prices, out);
      if (calls.size() == kMaxCalls) {
        context.notes.push_back(
            fmt::format("launch_weight: more than {} launch calls by {}; judged on a sample",
                        with_thousands(kMaxCalls), principal));
      }
    }
  }

 private:
  using Calls = std::map<Hash128, LaunchCall>;

  static void add(Calls& calls, Hash128 key, LaunchCall call) {
    const event::RecordRef ref = call.ref;
    const auto [place, added] = calls.try_emplace(key, std::move(call));
    if (!added) place->second.ref = std::min(place->second.ref, ref);
    if (calls.size() > kMaxCalls) calls.erase(std::prev(calls.end()));
  }

  static void judge_principal(const std::string& principal, const Calls& calls,
                              const impact::PriceTable& prices, std::vector<Detection>& out) {
    std::vector<Priced> priced;
    for (const auto& [key, call] : calls) {
      const impact::InstanceType* type = prices.find(call.type);
      const double unit =
          type == nullptr ? kUnknownUnitUsd : prices.usd_per_hour(call.type, call.region);
      priced.push_back(
          {&call, call.dry_run ? 0 : unit * call.requested, type == nullptr ? 0 : type->gpus});
    }
    std::sort(priced.begin(), priced.end(), [](const Priced& a, const Priced& b) {
      return std::tie(a.call->time, a.call->record_id) < std::tie(b.call->time, b.call->record_id);
    });
    const Burst burst = busiest_window(priced);
    if (burst.usd_per_hour <= 0) return;

    Detection detection;
    detection.detector = "launch_weight";
    detection.signal = Signal::kControlPlane;
    detection.stage = Stage::kResourceLaunch;
    detection.techniques = {"T1496.001", "T1578.002"};
    std::map<std::string, uint32_t> by_type;
    std::set<std::string> regions;
    uint32_t requested = 0;
    uint32_t launched = 0;
    bool accelerators = false;
    bool accelerators_before = false;
    bool probing = false;
    detection.time = priced[burst.begin].call->time;
    for (size_t i = 0; i < priced.size(); ++i) {
      const LaunchCall& call = *priced[i].call;
      const bool inside = i >= burst.begin && i < burst.end;
      if (!inside) {
        accelerators_before = accelerators_before || priced[i].gpus > 0;
        continue;
      }
      detection.end_time = std::max(detection.end_time, call.time);
      probing = probing || call.dry_run || call.failed;
      if (call.dry_run) continue;
      accelerators = accelerators || priced[i].gpus > 0;
      by_type[call.type.empty() ? call.operation + " units" : call.type] += call.requested;
      regions.insert(call.region);
      requested += call.requested;
      launched += static_cast<uint32_t>(call.instance_ids.size());
      add_entities(call, detection);
      keep_earliest(detection.evidence, {call.ref, call.record_id, call.time});
    }
    detection.count = burst.end - burst.begin;
    detection.entities.push_back({EntityType::kPrincipal, principal});
    const double usual = habit(priced, burst);

    const double size = 1.2 * std::log10(1 + burst.usd_per_hour);
    // Spread counts in proportion to size: rolling small things out to many regions is ordinary
    // work.
    const double spread = 0.5 * std::min<double>(static_cast<double>(regions.size()) - 1, 4) *
                          std::min(1.0, burst.usd_per_hour / 10);
    double weight = size + spread;
    if (accelerators && !accelerators_before) weight += 0.8;
    if (probing && usual == 0) weight += 0.4;
    const bool root = principal.ends_with(":root");
    if (root) weight += 3.5;
    const bool habitual = !root && usual > 0 && burst.usd_per_hour <= 3 * usual;
    if (habitual)
      weight = std::min(weight, 0.2);
    else if (usual > 0)
      weight *= 0.7;

    detection.weight = weight;
    detection.confidence = habitual ? 0.1 : std::min(0.95, 0.3 + 0.1 * weight);
    detection.claim = weight >= 1.5 ? Claim::kAttempt : Claim::kContext;
    detection.level = weight >= 4     ? Level::kCritical
                      : weight >= 2.5 ? Level::kHigh
                      : weight >= 1.5 ? Level::kMedium
                                      : Level::kLow;
    detection.measures = {{"requested", requested},
                          {"launched", launched},
                          {"regions", static_cast<double>(regions.size())},
                          {"usd_per_hour", burst.usd_per_hour},
                          {"usual_usd_per_hour", usual}};
    detection.title = describe(detection, by_type, regions.size());
    if (root) detection.title = "Root credential: " + detection.title;
    detection.detail = fmt::format(
        "Expected at most {}/h in an hour from this principal's other launches, observed "
        "{}/h; "
        "{} of {} requested were launched.",
        usd(usual), usd(burst.usd_per_hour), launched, requested);
    finish(detection);
    add_projected_burn(detection, out);
    out.push_back(std::move(detection));
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
    if (!call.source_ip.empty()) detection.indicators.push_back({"source_ip", call.source_ip});
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

  std::map<std::string, Calls> principals_;
};

}  // namespace

std::unique_ptr<Detector> make_launch_weight() {
  return std::make_unique<LaunchWeight>();
}

}  // namespace davy::detect
