// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/compute/cpu_detector.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/compute/cpu_plateau.h"
#include "davy/detect/compute/cpu_record.h"
#include "davy/detect/compute/sliding_window.h"
#include "davy/summary/entity_links.h"

namespace davy::detect {
namespace {

using event::EntityType;

constexpr double kIdlePeers = 30;  // percent, median of peers; the seeds' normal is 15-30 %
constexpr size_t kMinPeers = 3;
constexpr double kPeersOnly = 0.8;     // share of the weight when only peers say what is usual
constexpr double kNothingUsual = 0.4;  // nothing does
constexpr double kHabitWeight = 0.2;
/// A maximum hides what lies between its peaks: bursts look flat.
constexpr double kMaximumShare = 0.6;
/// Below this rise a record is of interest to operators, not to us.
constexpr double kRecordRise = 20;

/// One machine's series with everything that judging it needs.
struct Machine {
  const CpuSummary::Key* key = nullptr;
  const CpuSeries* series = nullptr;
  const summary::InstanceFact* fact = nullptr;
  std::string account;
  std::string region;
  std::string kind;  ///< whose habits may explain this machine's; empty: nobody's but its own
  std::vector<CpuSample> samples;
  std::vector<Plateau> plateaus;
  double usual = 0;  ///< median of all samples

  Time first() const { return start_of(samples.front()); }
  bool born_busy() const { return !plateaus.empty() && plateaus.front().born_busy(); }
};

/// Machines of one launcher and type, containers of one cluster, or, where no launch is known,
/// machines of one place that appear and work. Mere neighbours explain nothing: a miner is not
/// excused by the build machines beside it.
std::string kind_of(const Machine& machine) {
  const std::string place = machine.account + '\n' + machine.region + '\n';
  if (machine.fact != nullptr && machine.fact->launched.known()) {
    return place + "launch\n" + machine.fact->launched_by_principal + '\n' +
           machine.fact->launched_by_service + '\n' + machine.fact->type;
  }
  if (!machine.series->cluster().empty()) return place + "cluster\n" + machine.series->cluster();
  return machine.born_busy() ? place + "born busy" : std::string();
}

std::vector<Machine> machines_of(const CpuSummary& summary, const summary::EntityLinks& links) {
  std::vector<Machine> machines;
  for (const auto& [key, series] : summary.series()) {
    // Where both statistics exist the average says more; keys of one subject are neighbours.
    if (!machines.empty() && machines.back().key->subject == key.subject) continue;
    Machine machine;
    machine.key = &key;
    machine.series = &series;
    machine.fact =
        key.subject.type == EntityType::kInstance ? links.find_instance(key.subject.id) : nullptr;
    machine.account = series.account();
    machine.region = series.region();
    if (machine.fact != nullptr) {
      if (machine.account.empty()) machine.account = machine.fact->account;
      if (machine.region.empty()) machine.region = machine.fact->region;
    }
    machine.samples = series.samples(key.statistic);
    machine.plateaus = find_plateaus(machine.samples);
    std::vector<double> percents;
    for (const CpuSample& sample : machine.samples)
      percents.push_back(sample.percent);
    machine.usual = median_of(std::move(percents));
    machine.kind = kind_of(machine);
    machines.push_back(std::move(machine));
  }
  return machines;
}

/// Plateaus by kind of machine, at most kMaxEpisodes each: machines come in order of their hash, so
/// those kept are a fair sample whatever the order of the logs.
using Episodes = std::map<std::string, std::vector<Episode>>;
constexpr size_t kMaxEpisodes = 5000;

Episodes episodes_by_kind(const std::vector<Machine>& machines) {
  Episodes episodes;
  for (size_t i = 0; i < machines.size(); ++i) {
    if (machines[i].kind.empty()) continue;
    std::vector<Episode>& kind = episodes[machines[i].kind];
    if (kind.size() >= kMaxEpisodes) continue;
    for (const Plateau& plateau : machines[i].plateaus)
      kind.push_back({i, plateau.first, plateau.length(), plateau.level});
  }
  return episodes;
}

std::string_view type_of(const Machine& machine) {
  return machine.fact == nullptr ? std::string_view{} : std::string_view(machine.fact->type);
}

/// What a machine without a past is compared with.
struct Peers {
  size_t count = 0;
  double usual = 0;
  bool same_type = false;
  bool idle() const { return count >= kMinPeers && usual < kIdlePeers; }
};

/// Machines born busy within the same hour belong to the same launch and are no peers, unless the
/// logs themselves begin in that hour.
Peers peers_of(const Machine& machine, const std::vector<Machine>& machines) {
  Time logs_begin = kEndOfTime;
  for (const Machine& other : machines) {
    if (other.account == machine.account) logs_begin = std::min(logs_begin, other.first());
  }
  const bool newborn = machine.first() - logs_begin > kHour;
  std::vector<double> same_type;
  std::vector<double> all;
  for (const Machine& other : machines) {
    if (&other == &machine || other.account != machine.account) continue;
    if (!other.key->subject.is_entity) continue;  // a label may be the average of many
    const DurationNs apart =
        std::max(machine.first() - other.first(), other.first() - machine.first());
    if (newborn && other.born_busy() && apart <= kHour) continue;
    all.push_back(other.usual);
    if (!type_of(machine).empty() && type_of(other) == type_of(machine))
      same_type.push_back(other.usual);
  }
  if (same_type.size() >= kMinPeers) return {same_type.size(), median_of(same_type), true};
  return {all.size(), median_of(all), false};
}

/// A plateau and what it is worth.
struct Judged {
  const Plateau* plateau = nullptr;
  double weight = 0;
  std::string habit;
  std::optional<Peers> peers;  ///< asked when there is no full day of history
};

Judged weigh(const Plateau& plateau, size_t self, const std::vector<Machine>& machines,
             const Episodes& episodes) {
  const Machine& machine = machines[self];
  const auto kind = episodes.find(machine.kind);
  Judged judged{&plateau,
                persistence_weight(plateau.length()),
                habit_of(plateau, self, stays_near(plateau.level, machine.samples, self),
                         kind == episodes.end() ? std::span<const Episode>() : kind->second),
                {}};
  if (plateau.history < kFullHistory) {
    judged.peers = peers_of(machine, machines);
    judged.weight *= judged.peers->idle() ? kPeersOnly : kNothingUsual;
  }
  if (machine.key->statistic == CpuStatistic::kMaximum) judged.weight *= kMaximumShare;
  if (!judged.habit.empty()) judged.weight = std::min(judged.weight, kHabitWeight);
  return judged;
}

Detection begin_detection(std::string_view detector, const Machine& machine, Time from, Time to) {
  Detection detection;
  detection.detector = detector;
  detection.signal = Signal::kCompute;
  detection.stage = Stage::kMining;
  detection.techniques = {"T1496.001"};
  detection.time = from;
  detection.end_time = to;
  detection.evidence = machine.series->evidence(from, to);
  const CpuSubject& subject = machine.key->subject;
  const std::pair<EntityType, std::string_view> entities[] = {
      {subject.type, subject.is_entity ? std::string_view(subject.id) : std::string_view()},
      {EntityType::kAccount, machine.account},
      {EntityType::kRegion, machine.region},
      {EntityType::kCluster, machine.series->cluster()},
  };
  for (const auto& [type, id] : entities) {
    if (!id.empty()) detection.entities.push_back({type, std::string(id)});
  }
  return detection;
}

std::string expected_text(const Judged& judged) {
  const Plateau& plateau = *judged.plateau;
  std::string text;
  if (plateau.born_busy()) {
    text = "No normal of its own: busy from its first samples";
  } else {
    text = fmt::format(
        "Expected about {:.0f} % (99 % of the {} normal samples before lie at or "
        "below {:.0f} %)",
        plateau.usual, plateau.history, plateau.high);
  }
  if (!judged.peers) return text;
  if (judged.peers->count < kMinPeers) return text + "; too few other machines to compare with";
  return text + fmt::format("; {} {} at {:.0f} %", judged.peers->count,
                            judged.peers->same_type ? "machines of its type usually"
                                                    : "other machines of the account usually",
                            judged.peers->usual);
}

std::string plateau_detail(const Judged& judged, const Machine& machine) {
  const Plateau& plateau = *judged.plateau;
  std::string text = fmt::format("{}. {}; observed {:.1f} ± {:.1f} % in {} samples in a row",
                                 printable(machine.key->subject.id), expected_text(judged),
                                 plateau.level, plateau.deviation, plateau.samples);
  if (!plateau.born_busy()) {
    text += fmt::format("; {} normal samples were as high (chance {:.2g} each)", plateau.as_high,
                        plateau.tail());
  }
  text += plateau.static_alarm ? ". An alarm at 90 % for 3 x 5 min sees it too."
                               : ". An alarm at 90 % does not see it.";
  if (plateau.level >= 97 && plateau.length() >= 2 * kHour && !plateau.born_busy() &&
      plateau.usual <= 30) {
    text += " 98 % for 2 h where 20-30 % or less is usual.";
  }
  if (machine.key->statistic == CpuStatistic::kMaximum)
    text += " Only maxima are known: bursts look the same.";
  if (!judged.habit.empty()) text += " Habit: " + judged.habit + ".";
  return text;
}

Detection plateau_detection(const Judged& judged, const Machine& machine) {
  const Plateau& plateau = *judged.plateau;
  Detection detection = begin_detection("cpu_plateau", machine, plateau.first, plateau.end);
  detection.title =
      fmt::format("CPU flat at {:.0f} % for {} ({})", plateau.level, to_human(plateau.length()),
                  !judged.habit.empty() ? "habit"
                  : plateau.born_busy() ? "from the first sample"
                                        : fmt::format("usual {:.0f} %", plateau.usual));
  detection.detail = plateau_detail(judged, machine);
  detection.known_at = plateau.first + std::min(plateau.length(), kFullPersistence);
  detection.count = plateau.samples;
  detection.weight = judged.weight;
  const bool known_usual = !judged.peers || judged.peers->idle();
  const bool strong = known_usual && judged.habit.empty();
  detection.claim = strong ? Claim::kConsistent : Claim::kContext;
  detection.level = strong                 ? Level::kMedium
                    : judged.habit.empty() ? Level::kLow
                                           : Level::kInformational;
  detection.confidence = strong ? 0.6 : 0.3;
  detection.measures = {
      {"cpu_percent", plateau.level},
      {"baseline_percent",
       plateau.born_busy() && judged.peers ? judged.peers->usual : plateau.usual},
      {"duration_s", static_cast<double>(plateau.length()) / kSecond},
      {"deviation_points", plateau.deviation},
  };
  if (!plateau.born_busy()) detection.measures["tail_probability"] = plateau.tail();
  finish(detection);
  return detection;
}

/// The machine's strongest plateau; the earliest of equals.
void judge_plateaus(const std::vector<Machine>& machines, size_t self, const Episodes& episodes,
                    std::vector<Detection>& out) {
  const Machine& machine = machines[self];
  std::optional<Judged> strongest;
  for (const Plateau& plateau : machine.plateaus) {
    Judged judged = weigh(plateau, self, machines, episodes);
    if (!strongest || judged.weight > strongest->weight) strongest = std::move(judged);
  }
  if (strongest) out.push_back(plateau_detection(*strongest, machine));
}

double record_weight(double score) {
  if (score >= 2) return 0.6;
  return score >= 1.5 ? 0.45 : 0.3;
}

/// The machine's strongest record that is a rise worth the name.
void judge_records(const Machine& machine, std::vector<Detection>& out) {
  const std::vector<double> scores = record_scores(machine.samples);
  std::optional<RecordAlarm> strongest;
  for (const RecordAlarm& alarm : record_alarms(machine.samples, scores)) {
    if (machine.samples[alarm.peak].percent < machine.usual + kRecordRise) continue;
    if (!strongest || alarm.score > strongest->score) strongest = alarm;
  }
  if (!strongest) return;
  const Time from = start_of(machine.samples[strongest->first]);
  const Time to = start_of(machine.samples[strongest->last]) + kCpuSlot;
  const double percent = machine.samples[strongest->peak].percent;
  Detection detection = begin_detection("cpu_record", machine, from, to);
  detection.title = fmt::format("CPU at {:.0f} %, {:.1f} times its largest swing before", percent,
                                strongest->score);
  detection.detail = fmt::format(
      "{}. Expected about {:.0f} %, observed {:.1f} %: {:.1f} times the largest departure from "
      "the usual that is remembered (half-life 10 days).",
      printable(machine.key->subject.id), machine.usual, percent, strongest->score);
  detection.count = strongest->last - strongest->first + 1;
  detection.stage = Stage::kExecution;
  detection.level = Level::kInformational;
  detection.confidence = 0.3;
  detection.weight = record_weight(strongest->score);
  detection.claim = Claim::kContext;
  detection.measures = {{"cpu_percent", percent},
                        {"baseline_percent", machine.usual},
                        {"duration_s", static_cast<double>(to - from) / kSecond},
                        {"record_ratio", strongest->score}};
  finish(detection);
  out.push_back(std::move(detection));
}

}  // namespace

void judge_cpu(const CpuSummary& summary, const summary::EntityLinks& links,
               std::vector<std::string>& notes, std::vector<Detection>& out) {
  const std::vector<Machine> machines = machines_of(summary, links);
  const Episodes episodes = episodes_by_kind(machines);
  for (size_t i = 0; i < machines.size(); ++i) {
    judge_plateaus(machines, i, episodes, out);
    judge_records(machines[i], out);
  }
  if (summary.sampled()) {
    notes.push_back(fmt::format("cpu_metrics: more than {} CPU series; {} of them were judged",
                                with_thousands(summary.series().size()),
                                with_thousands(machines.size())));
  }
}

void CpuDetector::judge(const JudgeContext& context, std::vector<Detection>& out) const {
  judge_cpu(summary_, context.links, context.notes, out);
}

}  // namespace davy::detect
