// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/process/miner_process.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "davy/base/bounded_map.h"
#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/process/process_words.h"
#include "davy/intel/kernel_threads.h"
#include "davy/intel/normalise.h"
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
    {What::kPoolArgument, 1.6, Claim::kConsistent, "pool in the arguments of a program"},
    {What::kMinerFile, 1.6, Claim::kConsistent, "file or setting of miners"},
    {What::kMention, 0.8, Claim::kContext, "pool or wallet in a text"},
};

/// A disguise as well, told by what the process is besides its name.
constexpr WhatRow kBorrowedThread = {What::kMasquerade, 1.8, Claim::kConsistent,
                                     "kernel thread's name on a program"};
/// xmrig measuring itself earns nobody anything, but few have a reason to.
constexpr WhatRow kBenchmark = {What::kMinerName, 1.0, Claim::kConsistent,
                                "benchmark without a pool of known miner"};

/// Coins that are paid with by more programs than mine them.
constexpr std::string_view kPaidCoins[] = {"BTC", "ETH"};
constexpr WhatRow kPayment = {What::kWallet, 0.8, Claim::kContext,
                              "wallet address, as payments have too"};

bool is_thread(std::string_view text) {
  return intel::is_kernel_thread_name(text) || intel::is_kernel_thread_path(text) ||
         intel::is_kernel_thread_name(intel::file_name(text));
}

const WhatRow& row_of(What what, std::string_view text) {
  if (what == What::kMasquerade && is_thread(text)) return kBorrowedThread;
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

bool is_payment(const Found& found) {
  return found.what == What::kWallet && std::find(std::begin(kPaidCoins), std::end(kPaidCoins),
                                                  found.family) != std::end(kPaidCoins);
}

/// More different findings in one executable's command lines are not listed.
constexpr size_t kMaxFound = 100;
using FoundSet = BoundedSet<Found, &Found::what, &Found::text, kMaxFound>;

/// The most that records of one executable say of its use of the machine.
struct Load {
  double cpu_percent = -1;  ///< of one processor; -1: not said
  DurationNs cpu_time = 0;  ///< 0: not said
  uint64_t resident_bytes = 0;

  void merge(const Load& other) {
    cpu_percent = std::max(cpu_percent, other.cpu_percent);
    cpu_time = std::max(cpu_time, other.cpu_time);
    resident_bytes = std::max(resident_bytes, other.resident_bytes);
  }
};

constexpr double kBusyPercent = 80;  ///< a processor in full use, less what sampling loses
/// Longer than a build or an upgrade under a borrowed name.
constexpr DurationNs kBusyTime = kHour;
constexpr uint64_t kDataset = 2ULL << 30;  ///< RandomX keeps 2,080 MiB; a light service far less

/// What load adds to a disguise or a miner's place: a service of that name does not need it.
double points_of(const Load& load) {
  if (load.cpu_percent < kBusyPercent) return 0;
  return 0.5 + (load.cpu_time >= kBusyTime ? 0.3 : 0) + (load.resident_bytes >= kDataset ? 0.2 : 0);
}

std::string text_of(const Load& load) {
  std::string text = fmt::format("{:.0f} % of one processor", load.cpu_percent);
  if (load.cpu_time > 0) text += ", " + to_human(load.cpu_time) + " of processor time";
  if (load.resident_bytes > 0) text += ", " + human_bytes(load.resident_bytes) + " resident";
  return text;
}

/// One executable on one workload.
struct Seen {
  summary::Sighting sighting;
  FoundSet found;
  FoundSet benchmark;  ///< names and options seen in benchmarks; those seen mining are in `found`
  std::string executable;
  Load load;  ///< without that of benchmarks, which are busy by design

  void merge(const Seen& other) {
    sighting.merge(other.sighting);
    found.merge(other.found);
    benchmark.merge(other.benchmark);
    executable = other.executable;
    load.merge(other.load);
  }
};

constexpr double kMostConsistent = 3.0;  ///< the ladder's bound for what is no proof

constexpr size_t kMaxSeen = 20'000;

/// The path, or the name where the record has no more.
std::string_view executable_of(const event::Process& process) {
  return process.path.empty() ? process.name : process.path;
}

class MinerProcess final : public Detector {
 public:
  explicit MinerProcess(const intel::Intel& intel) : intel_(intel) {}
  std::string_view name() const override { return "miner_process"; }
  unsigned reads() const override { return kProcesses; }

  void observe(const event::Event& event) override {
    if (event.process == nullptr) return;
    const event::Process& process = *event.process;
    const Reading& reading = read(process);
    // Hangs on memory and user too, which the remembered reading does not know.
    const std::string_view borrowed = borrowed_thread_name(process);
    if (reading.found.empty() && borrowed.empty()) return;

    const std::string_view executable = executable_of(process);
    Seen* const seen = seen_.at(hash_combine(subject_hash(event), hash64(executable)));
    if (seen == nullptr) return;
    sight(event, "process", seen->sighting);
    seen->executable = executable;
    if (!reading.benchmark)
      seen->load.merge({process.cpu_percent, process.cpu_time, process.resident_bytes});
    if (!borrowed.empty()) seen->found.add({What::kMasquerade, std::string(borrowed), ""});
    for (const Found& one : reading.found) {
      const bool measures = one.what == What::kMinerName || one.what == What::kMinerOption;
      (reading.benchmark && measures ? seen->benchmark : seen->found).add(one);
      if (one.what == What::kWallet) {
        seen->sighting.entities.add(event::EntityType::kWallet, one.text);
        seen->sighting.indicators.add(IndicatorType::kWallet, one.text);
      }
      if (one.what == What::kPoolUrl) seen->sighting.indicators.add(IndicatorType::kPool, one.text);
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
  struct Reading {
    std::vector<Found> found;
    bool benchmark = false;
  };

  /// The same few command lines fill process listings: reading is remembered by content.
  const Reading& read(const event::Process& process) {
    constexpr size_t kRemembered = 100'000;
    const std::string_view executable = executable_of(process);
    const uint64_t key = hash_combine(
        hash_combine(hash64(executable), hash64(process.command_line)), hash64(process.sha256));
    const auto known = remembered_.find(key);
    if (known != remembered_.end()) return known->second;
    if (remembered_.size() >= kRemembered) remembered_.clear();
    Reading reading;
    for (const intel::CommandLineFinding& one :
         intel_.read_command_line(executable, process.command_line)) {
      reading.found.push_back({one.what, std::string(one.text), one.family});
    }
    if (const auto* row = intel_.find_sha256(process.sha256))
      reading.found.push_back({What::kMinerName, std::string(process.sha256), row->family});
    reading.benchmark = is_miners_benchmark(reading.found) && is_benchmark(process.command_line);
    return remembered_.emplace(key, std::move(reading)).first->second;
  }

  /// The option is xmrig's: another miner may ignore it and mine.
  static bool is_miners_benchmark(const std::vector<Found>& found) {
    bool named = false;
    for (const Found& one : found) {
      if (one.what == What::kPoolUrl || one.what == What::kWallet) return false;
      if (one.what != What::kMinerName) continue;
      if (one.family != "xmrig") return false;
      named = true;
    }
    return named;
  }

  /// What load adds to. A folder where healthy programs run too (low confidence) is none.
  bool is_telling(const Found& found) const {
    if (found.what != What::kKnownPath) return true;
    const intel::IndicatorEntry* const path = intel_.find_path(found.text);
    return path != nullptr && path->confidence != "low";
  }

  /// What the program is called that does not surely mine, by the first row that fits.
  static const char* title_of(Claim claim, const std::vector<Found>& found, bool measures) {
    if (claim == Claim::kConfirmed) return "Miner process";
    if (measures) return "Miner benchmark";
    const auto any = [&](std::initializer_list<What> whats) {
      return std::any_of(found.begin(), found.end(), [&](const Found& one) {
        return std::find(whats.begin(), whats.end(), one.what) != whats.end();
      });
    };
    const bool disguise = std::all_of(found.begin(), found.end(), [](const Found& one) {
      return &row_of(one.what, one.text) == &kBorrowedThread;
    });
    if (disguise) return "Program that calls itself a kernel thread:";
    if (any({What::kMinerOption, What::kKnownPath, What::kMasquerade}))
      return "Running program that looks like a miner:";
    if (any({What::kMinerFile})) return "Command that handles miner files:";
    if (any({What::kPoolArgument})) return "Program that was given a pool:";
    return any({What::kWallet}) ? "Command with a wallet address:"
                                : "Command that mentions a pool or wallet:";
  }

  Detection judge_one(const Seen& seen) const {
    Detection detection;
    detection.detector = "miner_process";
    detection.signal = Signal::kProcess;
    detection.stage = Stage::kMining;
    detection.techniques = {"T1496.001"};
    tell(seen.sighting, detection);
    std::vector<Found> found = seen.found.items();
    std::sort(found.begin(), found.end());
    std::vector<std::string> says;
    const bool mines = std::any_of(found.begin(), found.end(), [](const Found& one) {
      return one.what == What::kPoolUrl || one.what == What::kMinerName ||
             one.what == What::kMinerOption;
    });
    for (const Found& one : found) {
      const WhatRow& row = !mines && is_payment(one) ? kPayment : row_of(one.what, one.text);
      detection.weight = std::max(detection.weight, row.weight);
      detection.claim = std::max(detection.claim, row.claim);
      if (one.what == What::kMasquerade) detection.techniques.push_back("T1036.005");
      says.push_back(fmt::format("{} \"{}\"", row.says, printable(one.text, 80)));
    }
    // A miner also seen without the option mines; its benchmarks then say nothing more.
    const bool measures = detection.claim != Claim::kConfirmed && !seen.benchmark.items().empty();
    if (measures) {
      detection.weight = std::max(detection.weight, kBenchmark.weight);
      detection.claim = std::max(detection.claim, kBenchmark.claim);
      for (const Found& one : seen.benchmark.items()) {
        if (one.what == What::kMinerName)
          says.push_back(fmt::format("{} \"{}\"", kBenchmark.says, printable(one.text, 80)));
      }
    }
    // Several different things said by one command line confirm each other.
    if (found.size() >= 2)
      detection.weight =
          std::min(3.6, detection.weight + 0.1 * static_cast<double>(found.size() - 1));
    const double points = points_of(seen.load);
    if (points > 0) says.push_back(text_of(seen.load));
    if (detection.claim == Claim::kConsistent &&
        std::any_of(found.begin(), found.end(), [&](const Found& f) { return is_telling(f); })) {
      detection.weight = std::min(kMostConsistent, detection.weight + points);
    }
    detection.level = detection.claim == Claim::kConfirmed ? Level::kCritical
                      : detection.claim == Claim::kContext ? Level::kLow
                                                           : Level::kMedium;
    detection.confidence = detection.claim == Claim::kConfirmed ? 0.95 : found.empty() ? 0.4 : 0.6;
    if (seen.load.cpu_percent >= 0) detection.measures["cpu_percent"] = seen.load.cpu_percent;
    if (seen.load.cpu_time > 0) {
      detection.measures["cpu_time_s"] =
          static_cast<double>(seen.load.cpu_time) / static_cast<double>(kSecond);
    }
    if (seen.load.resident_bytes > 0) {
      detection.measures["resident_bytes"] = static_cast<double>(seen.load.resident_bytes);
    }
    detection.title = fmt::format("{} {}", title_of(detection.claim, found, measures),
                                  printable(seen.executable, 120));
    detection.detail = join(says, "; ") + ".";
    finish(detection);
    return detection;
  }

  const intel::Intel& intel_;
  std::unordered_map<uint64_t, Reading> remembered_;
  BoundedMap<Seen> seen_{kMaxSeen};
};

}  // namespace

std::unique_ptr<Detector> make_miner_process(const intel::Intel& intel) {
  return std::make_unique<MinerProcess>(intel);
}

}  // namespace davy::detect
