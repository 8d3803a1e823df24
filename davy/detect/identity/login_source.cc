// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/identity/login_source.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "davy/base/bounded_map.h"
#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/summary/sighting.h"

namespace davy::detect {
namespace {

using What = event::HostChange::What;

/// One address seen at one subject on one day.
struct Seen {
  summary::Sighting sighting;
  std::string address;
  std::string user;
  bool known = false;  ///< the address is on the indicator list
  bool login = false;  ///< on a host; else an API call
  bool succeeded = false;

  void merge(const Seen& other) {
    sighting.merge(other.sighting);
    address = other.address;
    user = std::max(user, other.user);
    known = other.known;
    login = other.login;
    succeeded = succeeded || other.succeeded;
  }
};

/// Known addresses rank first: ordinary logins never push them out.
using Rank = std::pair<bool, uint64_t>;

constexpr size_t kMaxSeen = 20'000;

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
  unsigned reads() const override { return kApiCalls | kHostChanges; }

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

    const auto day = static_cast<uint64_t>(bucket_start(event.time, kDay).ns);
    const uint64_t hash =
        hash_combine(hash_combine(hash_combine(subject_hash(event), hash64(address)), day), login);
    Seen* const seen = seen_.at({known == nullptr, hash});
    if (seen == nullptr) return;
    sight(event, login ? "login" : "api", seen->sighting);
    seen->address = address;
    seen->known = known != nullptr;
    seen->login = login;
    if (login) seen->user = std::max(seen->user, std::string(event.host_change->subject));
    seen->succeeded = seen->succeeded || (login ? logged_in : !event.api->failed);
  }

  void merge(Detector& other) override { seen_.merge(static_cast<LoginSource&>(other).seen_); }

  void judge(const JudgeContext& context, std::vector<Detection>& out) const override {
    for (const auto& [rank, seen] : seen_) {
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
      tell(seen.sighting, detection);
      detection.entities.push_back({event::EntityType::kSourceAddress, seen.address});
      if (seen.known) detection.indicators = {{IndicatorType::kSourceIp, seen.address}};
      detection.title = title_of(seen);
      detection.detail = fmt::format("{} record{}{}.", with_thousands(detection.count),
                                     detection.count == 1 ? "" : "s",
                                     seen.known ? "; the address is on the indicator list" : "");
      finish(detection);
      out.push_back(std::move(detection));
    }
    if (seen_.cut()) {
      context.notes.push_back(
          fmt::format("login_source: more than {} addresses, subjects and days; known malicious "
                      "addresses were kept first, of the others a sample",
                      with_thousands(kMaxSeen)));
    }
  }

 private:
  const intel::Intel& intel_;
  BoundedMap<Seen, Rank> seen_{kMaxSeen};
};

}  // namespace

std::unique_ptr<Detector> make_login_source(const intel::Intel& intel) {
  return std::make_unique<LoginSource>(intel);
}

}  // namespace davy::detect
