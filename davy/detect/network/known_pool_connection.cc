// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/known_pool_connection.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "davy/base/bounded_map.h"
#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/network/list_confidence.h"
#include "davy/detect/network/pool_use.h"
#include "davy/intel/domain.h"
#include "davy/summary/sighting.h"

namespace davy::detect {
namespace {

constexpr size_t kMaxListed = 20;  ///< programs, and remotes, of one workload and pool
constexpr size_t kMaxPools = 20'000;

using intel::IndicatorKind;
using Outcome = event::Connection::Outcome;

/// How what was seen reads, when the list is sure of the remote.
struct Reading {
  Claim claim;
  Level level;
  double weight;
  double confidence;
  std::string_view verb;
  std::string_view detail;
};
constexpr Reading kUsed{Claim::kConfirmed,
                        Level::kHigh,
                        3.0,
                        0.95,
                        "connects to",
                        "The host saw connections made, on a mining port or again and again."};
constexpr Reading kMade{Claim::kConsistent,
                        Level::kHigh,
                        2.5,
                        0.85,
                        "connects to",
                        "The host saw a connection made, too seldom to tell use from a try."};
constexpr Reading kCalled{Claim::kConsistent,
                          Level::kHigh,
                          2.5,
                          0.85,
                          "connects to",
                          "A call was seen; the log does not show whether it led anywhere."};
constexpr Reading kFailed{Claim::kAttempt,
                          Level::kMedium,
                          1.0,
                          0.8,
                          "fails to connect to",
                          "No connection was made: an attempt, whose origin is still there."};
constexpr Reading kLooked{
    Claim::kContext,
    Level::kLow,
    0.5,
    0.3,
    "looks at a page of",
    "Only pages and interfaces were asked: a person or a script that reads statistics."};

/// Who connects to what, in words of the record.
struct Name {
  enum class Kind : uint8_t { kProgram, kRemoteName, kRemoteAddress };
  Kind kind = Kind::kProgram;
  std::string text;
};
using Names = BoundedSet<Name, &Name::kind, &Name::text, kMaxListed>;

/// What one workload did with one row of the indicator list. A look at a page says nothing of what
/// else was done there, and a failure nothing of a success.
struct Pool {
  const intel::IndicatorEntry* entry = nullptr;  ///< the row
  summary::Sighting sighting;
  Names names;                       ///< of connections to what miners connect to
  summary::Distinct made;            ///< minutes in which such a connection was made
  bool called = false;               ///< one that did not fail
  bool failed = false;               ///< one that did
  bool on_mining_port = false;       ///< called on one
  bool made_on_mining_port = false;  ///< made on one
  Names page_names;                  ///< of looks at pages
  summary::Distinct page_hours;      ///< hours with one

  void merge(const Pool& other) {
    entry = other.entry;
    sighting.merge(other.sighting);
    names.merge(other.names);
    made.merge(other.made);
    called = called || other.called;
    failed = failed || other.failed;
    on_mining_port = on_mining_port || other.on_mining_port;
    made_on_mining_port = made_on_mining_port || other.made_on_mining_port;
    page_names.merge(other.page_names);
    page_hours.merge(other.page_hours);
  }

  const Reading& reading() const {
    if (made_on_mining_port || made.count() >= kMinutesOfUse) return kUsed;
    if (made.count() > 0) return kMade;
    if (called || page_hours.count() >= kHoursOfUse) return kCalled;
    return failed ? kFailed : kLooked;
  }
  /// Names of what the reading is about.
  const Names& told() const { return called || failed ? names : page_names; }
};

/// Pages and statistics, rather than what miners connect to: by the host's name, or the bare name
/// of a whole domain on a port of the web.
bool is_web_page(const event::Connection& connection, const intel::IndicatorEntry& entry) {
  if (entry.malware || entry.kind != IndicatorKind::kDomain) return false;
  if (intel::is_web_host(connection.remote_name, entry.value)) return true;
  const bool web_port = connection.remote_port == 80 || connection.remote_port == 443;
  const bool whole_domain = std::count(entry.value.begin(), entry.value.end(), '.') == 1;
  return web_port && whole_domain && equals_ignore_case(connection.remote_name, entry.value);
}

IndicatorType type_of(IndicatorKind kind) {
  if (kind == IndicatorKind::kDomain) return IndicatorType::kDomain;
  return kind == IndicatorKind::kIpPort ? IndicatorType::kIpPort : IndicatorType::kIp;
}

/// "a, b and more"; empty when there is none.
std::string listed(const Names& names, Name::Kind kind) {
  constexpr size_t kShown = 2;
  std::vector<std::string> texts;
  for (const Name& name : names.items()) {
    if (name.kind == kind) texts.push_back(printable(name.text, 120));
  }
  std::sort(texts.begin(), texts.end());
  const bool more = texts.size() > kShown;
  texts.resize(std::min(texts.size(), kShown));
  return join(texts, ", ") + (more ? " and more" : "");
}

void add_names(const event::Event& event, Names& names) {
  const event::Connection& connection = *event.connection;
  if (!connection.remote_name.empty()) names.add(Name::Kind::kRemoteName, connection.remote_name);
  if (!connection.remote_ip.empty()) {
    names.add(Name::Kind::kRemoteAddress,
              endpoint_text(connection.remote_ip, connection.remote_port));
  }
  if (event.process == nullptr) return;
  const event::Process& process = *event.process;
  const std::string_view program = process.path.empty() ? process.name : process.path;
  if (!program.empty()) names.add(Name::Kind::kProgram, program);
}

class KnownPoolConnection final : public Detector {
 public:
  explicit KnownPoolConnection(const intel::Intel& intel) : intel_(intel) {}
  std::string_view name() const override { return "known_pool_connection"; }
  unsigned reads() const override { return kConnections; }

  void observe(const event::Event& event) override {
    if (event.connection == nullptr) return;
    const event::Connection& connection = *event.connection;
    const intel::IndicatorEntry* const entry = find(connection);
    if (entry == nullptr) return;
    const uint64_t row = hash_combine(static_cast<uint64_t>(entry->kind), hash64(entry->value));
    Pool* const pool = pools_.at(hash_combine(subject_hash(event), row));
    if (pool == nullptr) return;

    pool->entry = entry;
    sight(event, event.finding != nullptr ? event.finding->product : "connection", pool->sighting);
    if (is_web_page(connection, *entry)) {
      add_names(event, pool->page_names);
      pool->page_hours.add(period_of(event.time, kHour));
      return;
    }
    add_names(event, pool->names);
    if (connection.outcome == Outcome::kFailed) {
      pool->failed = true;
      return;
    }
    const bool on_mining_port = intel_.find_port(connection.remote_port) != nullptr;
    pool->called = true;
    pool->on_mining_port = pool->on_mining_port || on_mining_port;
    if (connection.outcome != Outcome::kEstablished) return;
    pool->made.add(period_of(event.time, kMinute));
    pool->made_on_mining_port = pool->made_on_mining_port || on_mining_port;
  }

  void merge(Detector& other) override {
    pools_.merge(static_cast<KnownPoolConnection&>(other).pools_);
  }

  void judge(const JudgeContext& context, std::vector<Detection>& out) const override {
    for (const auto& [key, pool] : pools_)
      out.push_back(judge_pool(pool));
    if (pools_.cut()) {
      context.notes.push_back(fmt::format(
          "known_pool_connection: more than {} workloads and pools; a sample is reported",
          with_thousands(kMaxPools)));
    }
  }

 private:
  /// A name that the host gave to an address of a CDN is a guess: others live there too.
  const intel::IndicatorEntry* find(const event::Connection& connection) const {
    if (intel_.is_shared(connection.remote_ip)) return nullptr;
    if (const auto* entry = intel_.find_domain(connection.remote_name)) return entry;
    if (const auto* entry = intel_.find_ip_port(connection.remote_ip, connection.remote_port))
      return entry;
    return intel_.find_ip(connection.remote_ip);
  }

  static Detection judge_pool(const Pool& pool) {
    const intel::IndicatorEntry& entry = *pool.entry;
    const Reading& reading = pool.reading();
    Detection detection;
    detection.detector = "known_pool_connection";
    detection.signal = Signal::kNetwork;
    detection.stage = entry.malware ? Stage::kExecution : Stage::kMining;
    detection.techniques = {"T1496.001"};
    tell(pool.sighting, detection);
    detection.claim = reading.claim;
    detection.level = reading.level;
    detection.weight = reading.weight;
    detection.confidence = reading.confidence;
    temper(entry.confidence, pool.on_mining_port, detection);
    if (entry.malware) detection.claim = std::min(detection.claim, Claim::kConsistent);

    const std::string programs = listed(pool.told(), Name::Kind::kProgram);
    const std::string names = listed(pool.told(), Name::Kind::kRemoteName);
    detection.title =
        fmt::format("{} {} {} {}{}", programs.empty() ? "A program" : programs, reading.verb,
                    entry.malware ? "host of mining malware" : "known mining pool",
                    names.empty() ? listed(pool.told(), Name::Kind::kRemoteAddress) : names,
                    family_text(entry));
    detection.detail = fmt::format("{} {}", reading.detail, listing_text(entry));
    const IndicatorRole role = role_of_listed(entry, detection.claim);
    detection.indicators.push_back({type_of(entry.kind), entry.value, role});
    detection.measures = {{"minutes_connected", static_cast<double>(pool.made.count())}};
    finish(detection);
    return detection;
  }

  const intel::Intel& intel_;
  BoundedMap<Pool> pools_{kMaxPools};
};

}  // namespace

std::unique_ptr<Detector> make_known_pool_connection(const intel::Intel& intel) {
  return std::make_unique<KnownPoolConnection>(intel);
}

}  // namespace davy::detect
