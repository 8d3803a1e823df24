// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/suppression.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/incident/naming.h"

namespace davy::incident {
namespace {

using detect::Detection;

/// What entries say of one detection, times and kinds of incident not yet asked.
struct Judged {
  const Detection* detection;
  std::vector<size_t> covering;  ///< entries, ascending
  bool unnamed = false;          ///< an entry would cover it, if it named it
};

/// By detection id; two detections may look alike in all that an id is made of.
using JudgedById = std::multimap<std::string_view, Judged>;

JudgedById judge(const AllowList& list, const std::vector<Detection>& detections,
                 const summary::EntityLinks& links, std::vector<Cover>& best) {
  JudgedById judged;
  for (const Detection& detection : detections) {
    const Subject subject = subject_of(detection, links);
    Judged one{&detection, {}};
    for (size_t i = 0; i < list.size(); ++i) {
      const Cover found = cover(list[i], subject);
      if (found == Cover::kFull) one.covering.push_back(i);
      one.unnamed = one.unnamed || found == Cover::kUnnamed;
      best[i] = std::max(best[i], found);
    }
    judged.emplace(detection.id, std::move(one));
  }
  return judged;
}

/// One incident before the list.
class Hearing {
 public:
  Hearing(const AllowList& list, const JudgedById& judged, const Incident& incident)
      : list_(list), incident_(incident) {
    for (const std::string& id : incident.detections) {
      const auto [begin, end] = judged.equal_range(id);
      for (auto it = begin; it != end; ++it)
        hear(it->second);
    }
  }

  bool covers_anything() const { return !covered_.empty(); }
  bool covers_everything() const { return kept_.empty() && !covered_.empty(); }
  /// Entries that were not in force and would have covered a part.
  const std::set<size_t>& lapsed() const { return lapsed_; }

  std::string suppressed_by() const {
    std::set<size_t> entries;
    for (const auto& [id, entry] : covered_)
      entries.insert(entry);
    std::vector<std::string> credits;
    for (const size_t entry : entries)
      credits.push_back(credit(list_[entry]) + ": " + list_[entry].reason);
    return join(credits, "; ");
  }

  /// What of the incident is covered, by entry.
  std::vector<Allowance> allowed() const {
    std::map<size_t, Allowance> by_entry;
    for (const auto& [id, entry] : covered_)
      by_entry[entry].detections.emplace_back(id);
    for (const Contribution& part : incident_.why) {
      if (first_of(part, kept_) != kept_.end()) continue;
      const auto found = first_of(part, covered_);
      if (found != covered_.end()) by_entry[found->second].texts.push_back(part.text);
    }
    std::vector<Allowance> allowed;
    for (auto& [entry, allowance] : by_entry) {
      allowance.by = credit(list_[entry]);
      allowed.push_back(std::move(allowance));
    }
    return allowed;
  }

  /// What keeps the incident, strongest first.
  std::vector<std::string> kept_by() const {
    std::vector<std::string> texts;
    std::set<std::string_view> told;
    for (const Contribution& part : incident_.why) {
      const auto found = first_of(part, kept_);
      if (found == kept_.end()) continue;
      texts.push_back(part.text + reason_for(*found->second));
      told.insert(part.detections.begin(), part.detections.end());
    }
    for (const auto& [id, judged] : kept_) {
      if (!told.contains(id)) texts.push_back(judged->detection->title + reason_for(*judged));
    }
    return texts;
  }

 private:
  template <typename ById>
  static typename ById::const_iterator first_of(const Contribution& part, const ById& by_id) {
    for (const std::string& id : part.detections) {
      const auto found = by_id.find(id);
      if (found != by_id.end()) return found;
    }
    return by_id.end();
  }

  static std::string reason_for(const Judged& judged) {
    if (!judged.unnamed) return {};
    if (judged.detection->signal == detect::Signal::kIdentity)
      return " (an identity signal, which no entry names)";
    return fmt::format(" (of stage {}, which no entry names)",
                       detect::stage_name(judged.detection->stage));
  }

  void hear(const Judged& one) {
    // What gives no points keeps nothing, unless it may not be passed over in silence.
    if (one.detection->weight <= 0 && !is_protected(*one.detection)) return;
    size_t first = list_.size();
    for (const size_t entry : one.covering) {
      const auto& kinds = list_[entry].what.kinds;
      if (!kinds.empty() && !kinds.contains(incident_.kind)) continue;
      if (in_force(list_[entry], incident_)) {
        first = std::min(first, entry);
      } else {
        lapsed_.insert(entry);
      }
    }
    if (first < list_.size()) {
      covered_.try_emplace(one.detection->id, first);
    } else {
      kept_.try_emplace(one.detection->id, &one);
    }
  }

  const AllowList& list_;
  const Incident& incident_;
  std::map<std::string_view, size_t> covered_;  ///< detection id -> entry
  std::map<std::string_view, const Judged*> kept_;
  std::set<size_t> lapsed_;
};

/// Incidents by the entry that was not in force for them.
using Lapsed = std::map<size_t, std::vector<std::string>>;

std::string entry_name(const AllowEntry& entry) {
  return fmt::format("allow-list entry {} (owner {}, {}:{})", printable(entry.name),
                     printable(entry.owner), printable(entry.file), entry.line);
}

void note_lapsed(const AllowList& list, const Lapsed& lapsed, std::vector<std::string>& notes) {
  constexpr size_t kShown = 3;
  for (const auto& [entry, incidents] : lapsed) {
    const AllowEntry& one = list[entry];
    const std::string from = one.starts.known() ? "from " + to_rfc3339(one.starts) + " " : "";
    notes.push_back(fmt::format("{} is in force {}to {} only: not applied to {}", entry_name(one),
                                from, to_rfc3339(one.ends), some_of(incidents, kShown)));
  }
}

void note_idle(const AllowList& list, const std::vector<Cover>& best, Time last_event,
               std::vector<std::string>& notes) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (best[i] == Cover::kFull) continue;
    std::string note = entry_name(list[i]);
    note += best[i] == Cover::kNone
                ? " matched nothing in these logs"
                : " matched only identity signals and protected stages, which it does not name";
    note += list[i].ends <= last_event ? fmt::format(", and ended {}", to_rfc3339(list[i].ends))
                                       : "; remove it if what it permits is over";
    notes.push_back(std::move(note));
  }
}

}  // namespace

Suppression suppress(const AllowList& list, const std::vector<Detection>& detections,
                     const summary::EntityLinks& links, std::vector<Incident>& incidents) {
  Suppression result;
  if (list.empty()) return result;
  std::vector<Cover> best(list.size(), Cover::kNone);
  const JudgedById judged = judge(list, detections, links, best);
  Lapsed lapsed;
  std::vector<Incident> staying;
  for (Incident& incident : incidents) {
    const Hearing hearing(list, judged, incident);
    for (const size_t entry : hearing.lapsed())
      lapsed[entry].push_back(incident.id);
    if (hearing.covers_everything()) {
      incident.suppressed_by = hearing.suppressed_by();
      result.suppressed.push_back(std::move(incident));
      continue;
    }
    if (hearing.covers_anything()) {
      incident.allowed = hearing.allowed();
      incident.kept_by = hearing.kept_by();
    }
    staying.push_back(std::move(incident));
  }
  incidents = std::move(staying);
  note_lapsed(list, lapsed, result.notes);
  note_idle(list, best, links.last_event(), result.notes);
  return result;
}

}  // namespace davy::incident
