// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/identity/known_source.h"

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

using What = event::HostChange::What;

struct Seen {
  std::string address;
  std::string family;
  bool login = false;  ///< on a host; else an API call
  bool succeeded = false;
  Time first = kEndOfTime;
  Time last;
  summary::Distinct records;
  std::set<event::Entity> entities;
  std::vector<Evidence> evidence;

  void merge(const Seen& other) {
    address = other.address;
    family = other.family;
    login = other.login;
    succeeded = succeeded || other.succeeded;
    first = std::min(first, other.first);
    last = std::max(last, other.last);
    records.merge(other.records);
    entities.insert(other.entities.begin(), other.entities.end());
    for (const Evidence& one : other.evidence)
      keep_earliest(evidence, one);
  }
};

class KnownSource final : public Detector {
 public:
  explicit KnownSource(const intel::Intel& intel) : intel_(intel) {}
  std::string_view name() const override { return "known_source"; }

  void observe(const event::Event& event) override {
    const bool login =
        event.host_change != nullptr &&
        (event.host_change->what == What::kLogin || event.host_change->what == What::kLoginFailed);
    if (!login && event.api == nullptr) return;
    const std::string_view address = login ? event.host_change->source_ip : event.actor.source_ip;
    if (address.empty()) return;
    const intel::IndicatorEntry* known = intel_.find_ip(address);
    if (known == nullptr) return;

    Seen& seen = seen_[hash_combine(subject_hash(event), hash64(address))];
    seen.address = address;
    seen.family = known->family;
    seen.login = login;
    seen.succeeded =
        seen.succeeded || (login ? event.host_change->what == What::kLogin : !event.api->failed);
    seen.first = std::min(seen.first, event.time);
    seen.last = std::max(seen.last, event.end);
    seen.records.add(event.key);
    std::vector<event::Entity> entities;
    append_entities(event, entities);
    seen.entities.insert(entities.begin(), entities.end());
    while (seen.entities.size() > RuleMatches::kMaxEntities) {
      seen.entities.erase(std::prev(seen.entities.end()));
    }
    keep_earliest(seen.evidence,
                  {event.ref, record_id_of(event, login ? "login" : "api"), event.time});
  }

  void merge(Detector& other) override {
    for (const auto& [key, theirs] : static_cast<KnownSource&>(other).seen_)
      seen_[key].merge(theirs);
  }

  void judge(const JudgeContext&, std::vector<Detection>& out) const override {
    for (const auto& [key, seen] : seen_) {
      Detection detection;
      detection.detector = "known_source";
      detection.signal = Signal::kIdentity;
      detection.stage = Stage::kInitialAccess;
      detection.techniques = {seen.login ? "T1021.004" : "T1078.004"};
      detection.weight = seen.succeeded ? 1.4 : 0.2;
      detection.confidence = seen.succeeded ? 0.7 : 0.3;
      detection.level = seen.succeeded ? Level::kHigh : Level::kLow;
      detection.claim = Claim::kContext;
      detection.time = seen.first;
      detection.end_time = seen.last;
      detection.count = seen.records.count();
      detection.entities.assign(seen.entities.begin(), seen.entities.end());
      detection.entities.push_back({event::EntityType::kSourceAddress, seen.address});
      detection.indicators = {{"source_ip", seen.address}};
      detection.evidence = seen.evidence;
      detection.title =
          fmt::format("{} from known malicious address {}",
                      seen.login ? seen.succeeded ? "SSH login" : "Failed SSH login" : "API calls",
                      seen.address);
      detection.detail = fmt::format(
          "{} record{}; the address is listed for {}.", with_thousands(detection.count),
          detection.count == 1 ? "" : "s", seen.family.empty() ? "mining" : seen.family);
      finish(detection);
      out.push_back(std::move(detection));
    }
  }

 private:
  const intel::Intel& intel_;
  std::map<uint64_t, Seen> seen_;
};

}  // namespace

std::unique_ptr<Detector> make_known_source(const intel::Intel& intel) {
  return std::make_unique<KnownSource>(intel);
}

}  // namespace davy::detect
