// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/known_pool_name.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/rule_matches.h"
#include "davy/summary/distinct.h"

namespace davy::detect {
namespace {

struct Asked {
  Time first = kEndOfTime;
  Time last;
  summary::Distinct queries;
  bool answered = false;  ///< at least one query was not blocked
  std::vector<Evidence> evidence;

  void merge(const Asked& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
    queries.merge(other.queries);
    answered = answered || other.answered;
    for (const Evidence& one : other.evidence)
      keep_earliest(evidence, one);
  }
};

struct Workload {
  std::set<event::Entity> entities;
  std::map<std::string, Asked> names;
};

/// Weight by the confidence of the indicator: a curated pool, a listed one, a guess.
double weight_of(const std::string& confidence) {
  if (confidence == "high") return 3.0;
  return confidence == "medium" ? 2.4 : 0.8;
}

/// "supportxmr.com" or "www.supportxmr.com": what a browser asks for.
bool is_web_page(std::string_view name, const intel::IndicatorEntry& entry) {
  return name.starts_with("www.") ||
         (name == entry.value && std::count(name.begin(), name.end(), '.') == 1);
}

class KnownPoolName final : public Detector {
 public:
  explicit KnownPoolName(const intel::Intel& intel) : intel_(intel) {}
  std::string_view name() const override { return "known_pool_name"; }

  void observe(const event::Event& event) override {
    if (event.dns == nullptr || intel_.find_domain(event.dns->name) == nullptr) return;
    Workload& workload = workloads_[subject_hash(event)];
    std::vector<event::Entity> entities;
    append_entities(event, entities);
    for (event::Entity& entity : entities)
      workload.entities.insert(std::move(entity));
    Asked& asked = workload.names[std::string(event.dns->name)];
    asked.first = std::min(asked.first, event.time);
    asked.last = std::max(asked.last, event.time);
    asked.queries.add(event.key);
    asked.answered = asked.answered || !event.dns->blocked;
    keep_earliest(asked.evidence, {event.ref, record_id_of(event, "route53"), event.time});
  }

  void merge(Detector& other) override {
    for (auto& [subject, theirs] : static_cast<KnownPoolName&>(other).workloads_) {
      Workload& mine = workloads_[subject];
      mine.entities.merge(theirs.entities);
      for (auto& [domain, asked] : theirs.names)
        mine.names[domain].merge(asked);
    }
  }

  void judge(const JudgeContext&, std::vector<Detection>& out) const override {
    for (const auto& [subject, workload] : workloads_)
      out.push_back(judge_workload(workload));
  }

 private:
  Detection judge_workload(const Workload& workload) const {
    Detection detection;
    detection.detector = "known_pool_name";
    detection.signal = Signal::kNetwork;
    detection.stage = Stage::kMining;
    detection.techniques = {"T1496.001", "T1071.004"};
    detection.time = kEndOfTime;
    detection.entities.assign(workload.entities.begin(), workload.entities.end());
    detection.count = 0;
    bool answered = false;
    std::vector<std::string> names;
    for (const auto& [domain, asked] : workload.names) {
      const intel::IndicatorEntry& entry = *intel_.find_domain(domain);
      detection.time = std::min(detection.time, asked.first);
      detection.end_time = std::max(detection.end_time, asked.last);
      detection.count += asked.queries.count();
      answered = answered || asked.answered;
      for (const Evidence& one : asked.evidence)
        keep_earliest(detection.evidence, one);
      detection.indicators.push_back({IndicatorType::kDomain, domain});
      names.push_back(domain);
      const bool browsing = is_web_page(domain, entry) && asked.queries.count() < 3;
      detection.weight = std::max(detection.weight, browsing ? 0.5 : weight_of(entry.confidence));
    }
    const bool strong = detection.weight >= 2;
    detection.claim = !strong ? Claim::kContext : answered ? Claim::kConfirmed : Claim::kAttempt;
    detection.level = strong ? Level::kHigh : Level::kLow;
    detection.confidence = strong ? 0.9 : 0.3;
    const size_t shown = std::min<size_t>(names.size(), 3);
    const size_t more = names.size() - shown;
    names.resize(shown);
    detection.title = "DNS queries for mining pool " + join(names, ", ") +
                      (more > 0 ? fmt::format(" and {} more", more) : std::string());
    detection.detail =
        fmt::format("{} quer{} for pool names on the indicator list, {}.",
                    with_thousands(detection.count), detection.count == 1 ? "y" : "ies",
                    answered ? "answered" : "all blocked by the DNS firewall");
    finish(detection);
    return detection;
  }

  const intel::Intel& intel_;
  std::map<uint64_t, Workload> workloads_;
};

}  // namespace

std::unique_ptr<Detector> make_known_pool_name(const intel::Intel& intel) {
  return std::make_unique<KnownPoolName>(intel);
}

}  // namespace davy::detect
