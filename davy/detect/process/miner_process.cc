// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/process/miner_process.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/rule_matches.h"
#include "davy/summary/distinct.h"

namespace davy::detect {
namespace {

using What = intel::CommandLineFinding::What;

struct WhatRow {
  What what;
  double weight;
  Claim claim;
  const char* says;
};
constexpr WhatRow kWhat[] = {
    {What::kPoolUrl, 3.4, Claim::kConfirmed, "pool URL"},
    {What::kWallet, 3.4, Claim::kConfirmed, "wallet address with a valid checksum"},
    {What::kMinerName, 3.4, Claim::kConfirmed, "known miner executable"},
    {What::kMinerOption, 1.8, Claim::kConsistent, "miner option"},
    {What::kKnownPath, 1.6, Claim::kConsistent, "path used by miners"},
    {What::kMasquerade, 1.8, Claim::kConsistent, "system name running from a writable folder"},
};

const WhatRow& row_of(What what) {
  return *std::find_if(std::begin(kWhat), std::end(kWhat),
                       [&](const WhatRow& row) { return row.what == what; });
}

/// What a command line was found to hold, owned.
struct Found {
  What what;
  std::string text;
  std::string family;
  auto operator<=>(const Found&) const = default;
};

struct Seen {
  std::set<event::Entity> entities;
  std::set<Indicator> indicators;
  std::set<Found> found;
  std::string path;
  Time first = kEndOfTime;
  Time last;
  double cpu_percent = -1;
  summary::Distinct records;
  std::vector<Evidence> evidence;

  void merge(const Seen& other) {
    entities.insert(other.entities.begin(), other.entities.end());
    indicators.insert(other.indicators.begin(), other.indicators.end());
    found.insert(other.found.begin(), other.found.end());
    path = other.path;
    first = std::min(first, other.first);
    last = std::max(last, other.last);
    cpu_percent = std::max(cpu_percent, other.cpu_percent);
    records.merge(other.records);
    for (const Evidence& one : other.evidence)
      keep_earliest(evidence, one);
  }
};

class MinerProcess final : public Detector {
 public:
  explicit MinerProcess(const intel::Intel& intel) : intel_(intel) {}
  std::string_view name() const override { return "miner_process"; }

  void observe(const event::Event& event) override {
    if (event.process == nullptr) return;
    const event::Process& process = *event.process;
    const std::vector<Found>& found = read(process);
    if (found.empty()) return;

    const std::string_view executable = process.path.empty() ? process.name : process.path;
    Seen& seen = seen_[hash_combine(subject_hash(event), hash64(executable))];
    seen.path = executable;
    seen.found.insert(found.begin(), found.end());
    seen.first = std::min(seen.first, event.time);
    seen.last = std::max(seen.last, event.time);
    seen.cpu_percent = std::max(seen.cpu_percent, process.cpu_percent);
    seen.records.add(event.key);
    keep_earliest(seen.evidence, {event.ref, record_id_of(event, "process"), event.time});
    std::vector<event::Entity> entities;
    append_entities(event, entities);
    for (event::Entity& entity : entities)
      seen.entities.insert(std::move(entity));
    for (const Found& one : found) {
      if (one.what == What::kWallet) {
        seen.entities.insert({event::EntityType::kWallet, one.text});
        seen.indicators.insert({IndicatorType::kWallet, one.text});
      }
      if (one.what == What::kPoolUrl) seen.indicators.insert({IndicatorType::kPool, one.text});
    }
    std::vector<Indicator> indicators;
    append_indicators(event, indicators);
    for (Indicator& indicator : indicators)
      seen.indicators.insert(std::move(indicator));
  }

  void merge(Detector& other) override {
    for (const auto& [key, theirs] : static_cast<MinerProcess&>(other).seen_)
      seen_[key].merge(theirs);
  }

  void judge(const JudgeContext&, std::vector<Detection>& out) const override {
    for (const auto& [key, seen] : seen_)
      out.push_back(judge_one(seen));
  }

 private:
  /// The same few command lines fill process listings: reading is remembered by content.
  const std::vector<Found>& read(const event::Process& process) {
    constexpr size_t kRemembered = 100'000;
    const uint64_t key = hash_combine(hash64(process.path), hash64(process.command_line));
    const auto known = remembered_.find(key);
    if (known != remembered_.end()) return known->second;
    if (remembered_.size() >= kRemembered) remembered_.clear();
    std::vector<Found> found;
    const std::string_view path = process.path.empty() ? process.name : process.path;
    for (const intel::CommandLineFinding& one :
         intel_.read_command_line(path, process.command_line)) {
      found.push_back({one.what, std::string(one.text), one.family});
    }
    return remembered_.emplace(key, std::move(found)).first->second;
  }

  static Detection judge_one(const Seen& seen) {
    Detection detection;
    detection.detector = "miner_process";
    detection.signal = Signal::kProcess;
    detection.stage = Stage::kMining;
    detection.techniques = {"T1496.001"};
    detection.time = seen.first;
    detection.end_time = seen.last;
    detection.count = seen.records.count();
    detection.evidence = seen.evidence;
    detection.entities.assign(seen.entities.begin(), seen.entities.end());
    detection.indicators.assign(seen.indicators.begin(), seen.indicators.end());
    std::vector<std::string> says;
    for (const Found& one : seen.found) {
      const WhatRow& row = row_of(one.what);
      detection.weight = std::max(detection.weight, row.weight);
      detection.claim = std::max(detection.claim, row.claim);
      if (one.what == What::kMasquerade) detection.techniques.push_back("T1036.005");
      says.push_back(fmt::format("{} \"{}\"", row.says, printable(one.text, 80)));
    }
    // Several different things said by one command line confirm each other.
    if (seen.found.size() >= 2)
      detection.weight =
          std::min(3.6, detection.weight + 0.1 * static_cast<double>(seen.found.size() - 1));
    detection.level = detection.claim == Claim::kConfirmed ? Level::kCritical : Level::kMedium;
    detection.confidence = detection.claim == Claim::kConfirmed ? 0.95 : 0.6;
    if (seen.cpu_percent >= 0) detection.measures["cpu_percent"] = seen.cpu_percent;
    detection.title =
        fmt::format("{} {}",
                    detection.claim == Claim::kConfirmed ? "Miner process"
                                                         : "Command that handles miner files:",
                    printable(seen.path, 120));
    detection.detail = join(says, "; ") + ".";
    finish(detection);
    return detection;
  }

  const intel::Intel& intel_;
  std::unordered_map<uint64_t, std::vector<Found>> remembered_;
  std::map<uint64_t, Seen> seen_;
};

}  // namespace

std::unique_ptr<Detector> make_miner_process(const intel::Intel& intel) {
  return std::make_unique<MinerProcess>(intel);
}

}  // namespace davy::detect
