// SPDX-License-Identifier: Apache-2.0
// Sigma matches become detections: one per rule, subject and UTC day.
//
// The summary keeps, per group, what survives merging in any order: earliest and latest time, a
// distinct count, the smallest entities and the earliest evidence.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/event/event.h"
#include "davy/sigma/correlation.h"
#include "davy/sigma/rule_set.h"
#include "davy/summary/distinct.h"

namespace davy::detect {

/// What a rule's `davy:` map (or, for foreign rules, its level and tags) says about its matches.
struct RuleMeaning {
  Signal signal = Signal::kControlPlane;
  Stage stage = Stage::kExecution;
  Claim claim = Claim::kContext;
  Level level = Level::kMedium;
  double weight = 0.3;
  double confidence = 0.5;
  std::vector<std::string> techniques;
};
RuleMeaning meaning_of(const sigma::RuleInfo& rule);

class RuleMatches {
 public:
  static constexpr size_t kMaxEntities = 600;  ///< per detection; a 500-instance launch fits

  /// `rules` outlives this. `format` names become part of evidence ids.
  void observe(sigma::RuleIndex rule, const event::Event& event, std::string_view format);
  void merge(RuleMatches&& other);
  void judge(const sigma::RuleSet& rules, std::vector<Detection>& out) const;

 private:
  struct Group {
    sigma::RuleIndex rule = 0;
    Time first = kEndOfTime;
    Time last;
    Time known = kEndOfTime;  ///< end of the first record: one match suffices
    summary::Distinct records;
    std::set<event::Entity> entities;
    std::set<Indicator> indicators;
    std::vector<Evidence> evidence;  ///< sorted by (time, id), unique, at most kMaxEvidence
  };
  static void merge_group(Group& mine, const Group& other);

  std::unordered_map<uint64_t, Group> groups_;
};

/// Ids of records that correlations may cite, by record key.
using RecordIds = std::unordered_map<Hash128, std::string>;

/// The detection for a correlation match.
Detection detection_of(const sigma::CorrelationMatch& match, const sigma::RuleSet& rules,
                       const RecordIds& record_ids);

/// Inserts into a list kept sorted by (time, record id) and bounded by kMaxEvidence; the same
/// record keeps its smallest place. Any insertion order gives the same list.
void keep_earliest(std::vector<Evidence>& kept, Evidence evidence);

}  // namespace davy::detect
