// SPDX-License-Identifier: Apache-2.0
// Sigma matches become detections: one per rule, subject and UTC day.
//
// The summary keeps a Sighting per rule, subject and day, and what another product calls its
// findings; the bound is per rule, so that a rule
// that matches everything cannot push another's matches out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "davy/base/bounded_map.h"
#include "davy/detect/detection.h"
#include "davy/event/event.h"
#include "davy/sigma/rule_set.h"
#include "davy/summary/sighting.h"

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
  bool foreign = false;       ///< no `davy:` map
  bool stage_is_told = true;  ///< by the map or a tactic tag; else `stage` is a mere place to stand
};
RuleMeaning meaning_of(const sigma::RuleInfo& rule);

/// A detection that says of itself what its rule says; who, what and when are still to be told.
Detection from_rule(const sigma::RuleInfo& rule);

/// True for a match below `high` of a rule without a `davy:` map. Such a rule was not written about
/// mining: who it names may be the responder as well as the intruder. It adds a line to an incident
/// and decides nothing of it: neither its id, its bounds and stages, nor who the intruder is.
bool is_foreign_context(const Detection& detection);

class RuleMatches {
 public:
  static constexpr size_t kMaxGroups = 10'000;  ///< subjects and days of one rule
  static constexpr size_t kMaxTypes = 16;       ///< of a vendor's findings, of one of those

  /// `rules` outlives this. `format` names become part of evidence ids.
  void observe(sigma::RuleIndex rule, const event::Event& event, std::string_view format);
  void merge(RuleMatches&& other);
  /// Appends finished detections, and a note for each bound that was met.
  void judge(const sigma::RuleSet& rules, std::vector<std::string>& notes,
             std::vector<Detection>& out) const;

 private:
  struct Group {
    summary::Sighting sighting;
    BoundedMap<VendorFinding> vendor{kMaxTypes};  ///< by product and type

    void merge(const Group& other);
  };
  using Groups = BoundedMap<Group>;  ///< by subject and day

  std::map<sigma::RuleIndex, Groups> rules_;
};

}  // namespace davy::detect
