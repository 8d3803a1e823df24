// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/identity/login_source.h"

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
  std::string user;
  bool known = false;  ///< the address is on the indicator list
  bool login = false;  ///< on a host; else an API call
  bool succeeded = false;
  Time first = kEndOfTime;
  Time last;
  summary::Distinct records;
  std::set<event::Entity> entities;
  std::vector<Evidence> evidence;

  void merge(const Seen& other) {
    address = other.address;
    user = std::max(user, other.user);
    known = other.known;
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

std::string title_of(const Seen& seen) {
  const std::string from = (seen.known ? "known malicious address " : "") + seen.address;
  if (!seen.login) return "API calls from " + from;
  return fmt::format("{} as {} from {}", seen.succeeded ? "Login" : "Failed login",
                     seen.user.empty() ? "an unnamed user" : printable(seen.user, 40), from);
}

class LoginSource final : public Detector {
 public:
  explicit LoginSource(const intel::Intel& intel) : intel_(intel) {}
  std::string_view name() const override { return "login_source"; }

  void observe(const event::Event& event) override {
    const bool login =
        event.host_change != nullptr &&
        (event.host_change->what == What::kLogin || event.host_change->what == What::kLoginFailed);
    if (!login && event.api == nullptr) return;
    const std::string_view address = login ? event.host_change->source_ip : event.actor.source_ip;
    if (address.empty()) return;
    const intel::IndicatorEntry* known = intel_.find_ip(address);
    const bool logged_in = login && event.host_change->what == What::kLogin;
    if (known == nullptr && !logged_in) return;

    Seen& seen = seen_[hash_combine(hash_combine(subject_hash(event), hash64(address)),
                                    static_cast<uint64_t>(bucket_start(event.time, kDay).ns))];
    seen.address = address;
    seen.known = known != nullptr;
    if (login) seen.user = std::max(seen.user, std::string(event.host_change->subject));
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
    for (const auto& [key, theirs] : static_cast<LoginSource&>(other).seen_)
      seen_[key].merge(theirs);
  }

  void judge(const JudgeContext&, std::vector<Detection>& out) const override {
    for (const auto& [key, seen] : seen_) {
      Detection detection;
      detection.detector = "login_source";
      detection.signal = Signal::kIdentity;
      detection.stage = Stage::kInitialAccess;
      detection.techniques = {seen.login ? "T1021.004" : "T1078.004"};
      const bool telling = seen.known && seen.succeeded;
      detection.weight = telling ? 1.4 : seen.known ? 0.2 : 0.02;
      detection.confidence = telling ? 0.7 : 0.4;
      detection.level = telling ? Level::kHigh : seen.known ? Level::kLow : Level::kInformational;
      detection.claim = Claim::kContext;
      detection.time = seen.first;
      detection.end_time = seen.last;
      detection.count = seen.records.count();
      detection.entities.assign(seen.entities.begin(), seen.entities.end());
      detection.entities.push_back({event::EntityType::kSourceAddress, seen.address});
      if (seen.known) detection.indicators = {{IndicatorType::kSourceIp, seen.address}};
      detection.evidence = seen.evidence;
      detection.title = title_of(seen);
      detection.detail = fmt::format("{} record{}{}.", with_thousands(detection.count),
                                     detection.count == 1 ? "" : "s",
                                     seen.known ? "; the address is on the indicator list" : "");
      finish(detection);
      out.push_back(std::move(detection));
    }
  }

 private:
  const intel::Intel& intel_;
  std::map<uint64_t, Seen> seen_;
};

}  // namespace

std::unique_ptr<Detector> make_login_source(const intel::Intel& intel) {
  return std::make_unique<LoginSource>(intel);
}

}  // namespace davy::detect
