// SPDX-License-Identifier: Apache-2.0
// Correlation matches become detections that name what their records name, whatever fields the rule
// groups by: the engine carries what each record names as an attachment it does not look into.
//
//   state.observe(format, matches, {time, key, ref, id, names.of(event)}, fields);
//   judge_correlations(state.judge(), rules, notes, detections);
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "davy/base/hash.h"
#include "davy/detect/detection.h"
#include "davy/event/event.h"
#include "davy/sigma/correlation.h"
#include "davy/sigma/rule_set.h"

namespace davy::detect {

/// What one record names, as a rule's detection would list it.
struct Named {
  std::vector<event::Entity> entities;
  std::vector<Indicator> indicators;
};

/// Records of one machine or caller mostly name the same; they share one Named while it is among
/// those lately built. A function of the record: what is shared shows in memory and nowhere else.
class NamedRecords {
 public:
  /// What judge_correlations() reads. Allocates nothing for a record like one just seen.
  sigma::Attachment of(const event::Event& event);

 private:
  struct Slot {
    Hash128 key;
    std::shared_ptr<const Named> named;
  };
  static constexpr size_t kSlots = 4096;

  std::vector<Slot> slots_;
};

/// Appends the detections of what is reported alone, and a note for each rule whose match names
/// more than is kept.
void judge_correlations(const std::vector<sigma::CorrelationMatch>& matches,
                        const sigma::RuleSet& rules, std::vector<std::string>& notes,
                        std::vector<Detection>& out);

}  // namespace davy::detect
