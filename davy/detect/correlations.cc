// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/correlations.h"

#include <set>
#include <string_view>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/entities_of.h"
#include "davy/detect/names_hash.h"
#include "davy/detect/rule_matches.h"

namespace davy::detect {
sigma::Attachment NamedRecords::of(const event::Event& event) {
  if (slots_.empty()) slots_.resize(kSlots);
  NamesHash names;
  visit_entities(event,
                 [&names](event::EntityType type, std::string_view id) { names.add(type, id); });
  names.divide();
  visit_indicators(
      event, [&names](IndicatorType type, std::string_view value) { names.add(type, value); });
  const Hash128 key = names.value();
  Slot& slot = slots_[key.low % kSlots];
  if (slot.named == nullptr || slot.key != key) {
    auto named = std::make_shared<Named>();
    visit_entities(event, [&named](event::EntityType type, std::string_view id) {
      named->entities.push_back({type, std::string(id)});
    });
    visit_indicators(event, [&named](IndicatorType type, std::string_view value) {
      named->indicators.push_back({type, std::string(value)});
    });
    slot = {key, std::move(named)};
  }
  return slot.named;
}

namespace {

/// What the match's records name together; true when some of it had to be left out.
bool tell_names(const sigma::CorrelationMatch& match, Detection& detection) {
  summary::Sighting together;
  for (const sigma::Attachment& attachment : match.attachments) {
    const auto& named = *static_cast<const Named*>(attachment.get());
    for (const event::Entity& entity : named.entities)
      together.entities.add(entity);
    for (const Indicator& indicator : named.indicators)
      together.indicators.add(indicator);
  }
  detection.entities = together.entities.items();
  detection.indicators = together.indicators.items();
  return together.cut();
}

}  // namespace

void judge_correlations(const std::vector<sigma::CorrelationMatch>& matches,
                        const sigma::RuleSet& rules, std::vector<std::string>& notes,
                        std::vector<Detection>& out) {
  std::set<sigma::RuleIndex> cut;
  for (const sigma::CorrelationMatch& match : matches) {
    if (!rules.reports_alone(match.rule)) continue;
    Detection detection = from_rule(rules.info(match.rule));
    detection.time = match.first;
    detection.end_time = match.last;
    detection.known_at = match.met;
    detection.count = match.events;
    detection.measures["value"] = match.value;
    if (tell_names(match, detection)) cut.insert(match.rule);
    for (const auto& member : match.members)
      keep_earliest(detection.evidence, {member.ref, member.record_id, member.time});
    finish(detection);
    out.push_back(std::move(detection));
  }
  for (const sigma::RuleIndex rule : cut) {
    notes.push_back(
        fmt::format("correlation '{}': of one match more than {} entities of a kind; the rest are "
                    "not listed",
                    printable(rules.info(rule).title), kMaxPerKind));
  }
}

}  // namespace davy::detect
