// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/process/miner_process.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "davy/base/bounded_map.h"
#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/summary/sighting.h"

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

/// More different findings in one executable's command lines are not listed.
constexpr size_t kMaxFound = 100;
using FoundSet = BoundedSet<Found, &Found::what, &Found::text, kMaxFound>;

/// One executable on one workload.
struct Seen {
  summary::Sighting sighting;
  FoundSet found;
  std::string executable;
  double cpu_percent = -1;

  void merge(const Seen& other) {
    sighting.merge(other.sighting);
    found.merge(other.found);
    executable = other.executable;
    cpu_percent = std::max(cpu_percent, other.cpu_percent);
  }
};

constexpr size_t kMaxSeen = 20'000;

/// The path, or the name where the record has no more.
std::string_view executable_of(const event::Process& process) {
  return process.path.empty() ? process.name : process.path;
}

class MinerProcess final : public Detector {
 public:
  explicit MinerProcess(const intel::Intel& intel) : intel_(intel) {}
  std::string_view name() const override { return "miner_process"; }

  void observe(const event::Event& event) override {
    if (event.process == nullptr) return;
    const event::Process& process = *event.process;
    const std::vector<Found>& found = read(process);
    if (found.empty()) return;

    const std::string_view executable = executable_of(process);
    Seen* const seen = seen_.at(hash_combine(subject_hash(event), hash64(executable)));
    if (seen == nullptr) return;
    sight(event, "process", seen->sighting);
    seen->executable = executable;
    seen->cpu_percent = std::max(seen->cpu_percent, process.cpu_percent);
    for (const Found& one : found) {
      seen->found.add(one);
      if (one.what == What::kWallet) {
        seen->sighting.entities.add(event::EntityType::kWallet, one.text);
        seen->sighting.indicators.add(IndicatorType::kWallet, one.text);
      }
      if (one.what == What::kPoolUrl)
        seen->sighting.indicators.add(IndicatorType::kPool, one.text);
    }
    sight_indicators(event, seen->sighting);
  }

  void merge(Detector& other) override { seen_.merge(static_cast<MinerProcess&>(other).seen_); }

  void judge(const JudgeContext& context, std::vector<Detection>& out) const override {
    for (const auto& [key, seen] : seen_)
      out.push_back(judge_one(seen));
    if (seen_.cut()) {
      context.notes.push_back(
          fmt::format("miner_process: more than {} executables and workloads; a sample is reported",
                      with_thousands(kMaxSeen)));
    }
  }

 private:
  /// The same few command lines fill process listings: reading is remembered by content.
  const std::vector<Found>& read(const event::Process& process) {
    constexpr size_t kRemembered = 100'000;
    const std::string_view executable = executable_of(process);
    const uint64_t key = hash_combine(hash64(executable), hash64(process.command_line));
    const auto known = remembered_.find(key);
    if (known != remembered_.end()) return known->second;
    if (remembered_.size() >= kRemembered) remembered_.clear();
    std::vector<Found> found;
    for (const intel::CommandLineFinding& one :
         intel_.read_command_line(executable, process.command_line)) {
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
    tell(seen.sighting, detection);
    std::vector<Found> found = seen.found.items();
    std::sort(found.begin(), found.end());
    std::vector<std::string> says;
    for (const Found& one : found) {
      const WhatRow& row = row_of(one.what);
      detection.weight = std::max(detection.weight, row.weight);
      detection.claim = std::max(detection.claim, row.claim);
      if (one.what == What::kMasquerade) detection.techniques.push_back("T1036.005");
      says.push_back(fmt::format("{} \"{}\"", row.says, printable(one.text, 80)));
    }
    // Several different things said by one command line confirm each other.
    if (found.size() >= 2)
      detection.weight =
          std::min(3.6, detection.weight + 0.1 * static_cast<double>(found.size() - 1));
    detection.level = detection.claim == Claim::kConfirmed ? Level::kCritical : Level::kMedium;
    detection.confidence = detection.claim == Claim::kConfirmed ? 0.95 : 0.6;
    if (seen.cpu_percent >= 0) detection.measures["cpu_percent"] = seen.cpu_percent;
    detection.title =
        fmt::format("{} {}",
                    detection.claim == Claim::kConfirmed ? "Miner process"
                                                         : "Command that handles miner files:",
                    printable(seen.executable, 120));
    detection.detail = join(says, "; ") + ".";
    finish(detection);
    return detection;
  }

  const intel::Intel& intel_;
  std::unordered_map<uint64_t, std::vector<Found>> remembered_;
  BoundedMap<Seen> seen_{kMaxSeen};
};

}  // namespace

std::unique_ptr<Detector> make_miner_process(const intel::Intel& intel) {
  return std::make_unique<MinerProcess>(intel);
}

}  // namespace davy::detect
