// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/known_pool_name.h"

#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "davy/base/bounded_map.h"
#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/network/pool_use.h"
#include "davy/intel/domain.h"
#include "davy/summary/sighting.h"

namespace davy::detect {
namespace {

constexpr size_t kMaxNames = 20;  ///< listed of one pool
constexpr size_t kMaxWorkloads = 20'000;
constexpr double kStrong = 2;  ///< below, a person at a web page, or a guess of the list
constexpr uint64_t kBareQueriesOfUse = 3;  ///< a browser asks for A and AAAA

using event::Entity;
using event::EntityType;
using Names = BoundedSet<Entity, &Entity::type, &Entity::id, kMaxNames>;

/// What one workload asked of one pool: a row of the indicator list.
struct Pool {
  Names names;
  summary::Distinct all_names;
  summary::Distinct bare;        ///< queries for the bare name
  summary::Distinct answered;    ///< minutes in which a name that is no web page's was answered
  summary::Distinct page_hours;  ///< hours in which a web page's name was answered
  bool service = false;          ///< a name that miners connect to

  void merge(const Pool& other) {
    names.merge(other.names);
    all_names.merge(other.all_names);
    bare.merge(other.bare);
    answered.merge(other.answered);
    page_hours.merge(other.page_hours);
    service = service || other.service;
  }
  /// A look at a web page or an interface for statistics, not a miner that connects.
  bool is_browsing() const { return !service && !is_steady() && bare.count() < kBareQueriesOfUse; }
  /// Asked for so long that a page's name acquits nobody.
  bool is_steady() const { return page_hours.count() >= kHoursOfUse; }
};

struct Workload {
  summary::Sighting sighting;  ///< without the names
  std::map<std::string, Pool, std::less<>> pools;
  bool answered = false;  ///< at least one query
  bool blocked = false;   ///< at least one, by the DNS firewall

  void merge(const Workload& other) {
    sighting.merge(other.sighting);
    answered = answered || other.answered;
    blocked = blocked || other.blocked;
    for (const auto& [pool, theirs] : other.pools)
      pools[pool].merge(theirs);
  }
};

/// Weight by the confidence of the indicator: a curated pool, a listed one, a guess.
double weight_of(const std::string& confidence) {
  if (confidence == "high") return 3.0;
  return confidence == "medium" ? 2.4 : 0.8;
}

/// A name that the resolver does not know, or will not tell, leads nowhere. A record without a code
/// is taken as answered.
bool is_answered(const event::DnsQuery& query) {
  return !query.blocked && (query.rcode.empty() || equals_ignore_case(query.rcode, "NOERROR"));
}

/// Mail servers ask for MX and TXT of whoever writes, and for names like _dmarc.pool.example.
bool asks_for_address(const event::DnsQuery& query) {
  constexpr std::string_view kMailTypes[] = {"MX", "TXT", "SPF", "SOA", "NS", "CAA", "DMARC"};
  const auto is_type = [&](std::string_view type) { return equals_ignore_case(query.type, type); };
  return std::none_of(std::begin(kMailTypes), std::end(kMailTypes), is_type) &&
         !query.name.starts_with('_') && query.name.find("._") == std::string_view::npos;
}

/// What the look-ups of one pool entitle to say: they show no connection, so a single answer is no
/// more than consistent with mining.
Claim claim_of(const Pool& pool, const intel::IndicatorEntry& entry, double weight) {
  if (weight < 2) return Claim::kContext;
  uint64_t minutes = pool.answered.count();
  if (pool.is_steady()) minutes += pool.page_hours.count();  // each holds a minute at least
  if (minutes == 0) return Claim::kAttempt;
  return entry.malware || minutes < kMinutesOfUse ? Claim::kConsistent : Claim::kConfirmed;
}

class KnownPoolName final : public Detector {
 public:
  explicit KnownPoolName(const intel::Intel& intel) : intel_(intel) {}
  std::string_view name() const override { return "known_pool_name"; }
  unsigned reads() const override { return kDnsQueries; }

  void observe(const event::Event& event) override {
    if (event.dns == nullptr || !asks_for_address(*event.dns)) return;
    const intel::IndicatorEntry* const entry = intel_.find_domain(event.dns->name);
    if (entry == nullptr) return;
    Workload* const workload = workloads_.at(subject_hash(event));
    if (workload == nullptr) return;
    const std::string_view asked = event.dns->name;
    const std::string_view source = event.finding != nullptr ? event.finding->product : "route53";
    workload->sighting.add(event, RecordId(event, source));
    visit_entities(event, [&](EntityType type, std::string_view id) {
      if (type != EntityType::kDomain) workload->sighting.entities.add(type, id);
    });
    workload->answered = workload->answered || is_answered(*event.dns);
    workload->blocked = workload->blocked || event.dns->blocked;

    Pool& pool = workload->pools[entry->value];
    pool.names.add(EntityType::kDomain, asked);
    pool.all_names.add(hash128(asked));
    if (!entry->malware && intel::is_web_host(asked, entry->value)) {
      if (is_answered(*event.dns)) pool.page_hours.add(period_of(event.time, kHour));
      return;
    }
    if (is_answered(*event.dns)) pool.answered.add(period_of(event.time, kMinute));
    if (asked == entry->value && std::count(asked.begin(), asked.end(), '.') == 1) {
      pool.bare.add(event.key);
    } else {
      pool.service = true;
    }
  }

  void merge(Detector& other) override {
    workloads_.merge(static_cast<KnownPoolName&>(other).workloads_);
  }

  void judge(const JudgeContext& context, std::vector<Detection>& out) const override {
    for (const auto& [subject, workload] : workloads_)
      out.push_back(judge_workload(workload));
    if (workloads_.cut()) {
      context.notes.push_back(fmt::format(
          "known_pool_name: more than {} workloads asked for pools; a sample is reported",
          with_thousands(kMaxWorkloads)));
    }
  }

 private:
  Detection judge_workload(const Workload& workload) const {
    Detection detection;
    detection.detector = "known_pool_name";
    detection.signal = Signal::kNetwork;
    detection.stage = Stage::kMining;
    detection.techniques = {"T1496.001", "T1071.004"};
    tell(workload.sighting, detection);
    std::vector<std::string> names;
    uint64_t all_names = 0;
    bool only_malware = true;
    for (const auto& [value, pool] : workload.pools) {
      const intel::IndicatorEntry& entry = *intel_.find_domain(value);
      const double weight = pool.is_browsing() ? 0.5 : weight_of(entry.confidence);
      const IndicatorRole role = entry.malware       ? IndicatorRole::kDownloadHost
                                 : weight >= kStrong ? IndicatorRole::kPool
                                                     : IndicatorRole::kRemoteHost;
      detection.weight = std::max(detection.weight, weight);
      detection.claim = std::max(detection.claim, claim_of(pool, entry, weight));
      all_names += pool.all_names.count();
      only_malware = only_malware && entry.malware;
      for (Entity& name : pool.names.items()) {
        detection.indicators.push_back({IndicatorType::kDomain, name.id, role});
        names.push_back(name.id);
        detection.entities.push_back(std::move(name));
      }
    }
    std::sort(names.begin(), names.end());
    const bool strong = detection.weight >= kStrong;
    if (only_malware) detection.stage = Stage::kExecution;
    detection.level = strong ? Level::kHigh : Level::kLow;
    detection.confidence = strong ? 0.9 : 0.3;
    const size_t shown = std::min<size_t>(names.size(), 3);
    const uint64_t more = all_names - std::min<uint64_t>(shown, all_names);
    names.resize(shown);
    detection.title =
        (only_malware ? "DNS queries for host of mining malware "
                      : "DNS queries for mining pool ") +
        join(names, ", ") +
        (more > 0 ? fmt::format(" and {} more", with_thousands(more)) : std::string());
    const bool answered = workload.answered && detection.claim != Claim::kAttempt;
    detection.detail =
        fmt::format("{} quer{} for names on the indicator list, {}.",
                    with_thousands(detection.count), detection.count == 1 ? "y" : "ies",
                    answered           ? "answered"
                    : workload.blocked ? "not answered: it was blocked"
                                       : "not answered: the resolver knew or told no address");
    finish(detection);
    return detection;
  }

  const intel::Intel& intel_;
  BoundedMap<Workload> workloads_{kMaxWorkloads};
};

}  // namespace

std::unique_ptr<Detector> make_known_pool_name(const intel::Intel& intel) {
  return std::make_unique<KnownPoolName>(intel);
}

}  // namespace davy::detect
