// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/rule_matches.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "davy/base/text.h"
#include "davy/detect/entities_of.h"

namespace davy::detect {
namespace {

using event::Entity;
using event::EntityType;

template <typename Enum, size_t N>
std::optional<Enum> by_name(std::string_view name, const std::array<std::string_view, N>& names) {
  const auto place = std::find(names.begin(), names.end(), name);
  if (place == names.end()) return std::nullopt;
  return static_cast<Enum>(place - names.begin());
}

constexpr std::array<std::string_view, 8> kSignals = {
    "cost", "compute", "network", "process", "control_plane", "identity", "host", "managed"};
constexpr std::array<std::string_view, 9> kStages = {"initial_access",
                                                     "discovery",
                                                     "persistence",
                                                     "privilege_escalation",
                                                     "defense_evasion",
                                                     "resource_launch",
                                                     "execution",
                                                     "mining",
                                                     "cost"};
constexpr std::array<std::string_view, 4> kClaims = {"context", "attempt", "consistent",
                                                     "confirmed"};
constexpr std::array<std::string_view, 5> kLevels = {"informational", "low", "medium", "high",
                                                     "critical"};

/// Rules from elsewhere carry no `davy:` map: their tactic tags tell the stage.
struct TacticRow {
  std::string_view tag;
  Stage stage;
};
constexpr TacticRow kTactics[] = {
    {"attack.initial-access", Stage::kInitialAccess},
    {"attack.initial_access", Stage::kInitialAccess},
    {"attack.discovery", Stage::kDiscovery},
    {"attack.reconnaissance", Stage::kDiscovery},
    {"attack.persistence", Stage::kPersistence},
    {"attack.privilege-escalation", Stage::kPrivilegeEscalation},
    {"attack.privilege_escalation", Stage::kPrivilegeEscalation},
    {"attack.defense-evasion", Stage::kDefenseEvasion},
    {"attack.defense_evasion", Stage::kDefenseEvasion},
    {"attack.stealth", Stage::kDefenseEvasion},
    {"attack.defense-impairment", Stage::kDefenseEvasion},
    {"attack.execution", Stage::kExecution},
    {"attack.impact", Stage::kMining},
};

/// And their logsource the signal.
Signal signal_of_logsource(const sigma::RuleInfo& rule) {
  if (rule.service == "guardduty") return Signal::kManaged;
  if (rule.category == "process_creation") return Signal::kProcess;
  if (rule.category == "network_connection" || rule.category == "dns" ||
      rule.category == "firewall" || rule.service == "vpcflow" ||
      rule.service == "route53resolver") {
    return Signal::kNetwork;
  }
  if (rule.product == "linux" || rule.category == "file_event") return Signal::kHost;
  return Signal::kControlPlane;
}

/// Weight of a foreign rule by its level: it may raise an incident, never make one.
constexpr std::array<double, 5> kForeignWeight = {0.05, 0.1, 0.2, 0.4, 0.6};

/// Which entity a correlation's group-by field names.
struct GroupFieldRow {
  std::string_view suffix;
  EntityType type;
};
constexpr GroupFieldRow kGroupFields[] = {
    {"accessKeyId", EntityType::kAccessKey},
    {"sessionIssuer.arn", EntityType::kPrincipal},
    {"userIdentity.arn", EntityType::kPrincipal},
    {"recipientAccountId", EntityType::kAccount},
    {"accountId", EntityType::kAccount},
    {"awsRegion", EntityType::kRegion},
    {"sourceIPAddress", EntityType::kSourceAddress},
    {"instanceId", EntityType::kInstance},
    {"host", EntityType::kHost},
};

}  // namespace

RuleMeaning meaning_of(const sigma::RuleInfo& rule) {
  RuleMeaning meaning;
  meaning.level = by_name<Level>(rule.level, kLevels).value_or(Level::kMedium);
  meaning.signal = signal_of_logsource(rule);
  meaning.weight = kForeignWeight[static_cast<size_t>(meaning.level)];
  for (const std::string& tag : rule.tags) {
    if (tag.starts_with("attack.t")) {
      std::string technique = tag.substr(7);
      technique[0] = 'T';
      meaning.techniques.push_back(std::move(technique));
    }
    for (const TacticRow& row : kTactics) {
      if (tag == row.tag) meaning.stage = row.stage;
    }
  }
  for (const auto& [key, value] : rule.custom) {
    if (key == "signal") meaning.signal = by_name<Signal>(value, kSignals).value_or(meaning.signal);
    if (key == "stage") meaning.stage = by_name<Stage>(value, kStages).value_or(meaning.stage);
    if (key == "claim") meaning.claim = by_name<Claim>(value, kClaims).value_or(meaning.claim);
    if (key == "weight") meaning.weight = parse_number(value).value_or(meaning.weight);
    if (key == "confidence") meaning.confidence = parse_number(value).value_or(meaning.confidence);
  }
  return meaning;
}

void keep_earliest(std::vector<Evidence>& kept, Evidence evidence) {
  const auto before = [](const Evidence& a, const Evidence& b) {
    return std::tie(a.time, a.record_id) < std::tie(b.time, b.record_id);
  };
  const auto place = std::lower_bound(kept.begin(), kept.end(), evidence, before);
  if (place != kept.end() && place->time == evidence.time &&
      place->record_id == evidence.record_id) {
    place->ref = std::min(place->ref, evidence.ref);
    return;
  }
  kept.insert(place, std::move(evidence));
  if (kept.size() > kMaxEvidence) kept.pop_back();
}

void RuleMatches::observe(sigma::RuleIndex rule, const event::Event& event,
                          std::string_view format) {
  const uint64_t day = static_cast<uint64_t>(bucket_start(event.time, kDay).ns);
  const uint64_t key = hash_combine(hash_combine(subject_hash(event), day), rule);
  Group& group = groups_[key];
  group.rule = rule;
  group.first = std::min(group.first, event.time);
  group.last = std::max(group.last, event.end);
  group.known = std::min(group.known, event.end);
  group.records.add(event.key);
  if (group.evidence.size() < kMaxEvidence || event.time <= group.evidence.back().time) {
    keep_earliest(group.evidence, {event.ref, record_id_of(event, format), event.time});
  }
  std::vector<Entity> entities;
  append_entities(event, entities);
  for (Entity& entity : entities)
    group.entities.insert(std::move(entity));
  while (group.entities.size() > kMaxEntities)
    group.entities.erase(std::prev(group.entities.end()));
  std::vector<Indicator> indicators;
  append_indicators(event, indicators);
  for (Indicator& indicator : indicators)
    group.indicators.insert(std::move(indicator));
  while (group.indicators.size() > kMaxEntities) {
    group.indicators.erase(std::prev(group.indicators.end()));
  }
}

void RuleMatches::merge_group(Group& mine, const Group& other) {
  mine.rule = other.rule;
  mine.first = std::min(mine.first, other.first);
  mine.last = std::max(mine.last, other.last);
  mine.known = std::min(mine.known, other.known);
  mine.records.merge(other.records);
  for (const Evidence& evidence : other.evidence)
    keep_earliest(mine.evidence, evidence);
  mine.entities.insert(other.entities.begin(), other.entities.end());
  while (mine.entities.size() > kMaxEntities)
    mine.entities.erase(std::prev(mine.entities.end()));
  mine.indicators.insert(other.indicators.begin(), other.indicators.end());
  while (mine.indicators.size() > kMaxEntities) {
    mine.indicators.erase(std::prev(mine.indicators.end()));
  }
}

void RuleMatches::merge(RuleMatches&& other) {
  for (const auto& [key, group] : other.groups_)
    merge_group(groups_[key], group);
}

namespace {

/// A detection that says of itself what its rule says.
Detection from_rule(const sigma::RuleInfo& rule) {
  RuleMeaning meaning = meaning_of(rule);
  Detection detection;
  detection.detector = rule.id;
  detection.title = rule.title;
  detection.detail = rule.description;
  detection.level = meaning.level;
  detection.confidence = meaning.confidence;
  detection.weight = meaning.weight;
  detection.signal = meaning.signal;
  detection.stage = meaning.stage;
  detection.claim = meaning.claim;
  detection.techniques = std::move(meaning.techniques);
  return detection;
}

}  // namespace

void RuleMatches::judge(const sigma::RuleSet& rules, std::vector<Detection>& out) const {
  for (const auto& [key, group] : groups_) {
    if (!rules.reports_alone(group.rule)) continue;
    Detection detection = from_rule(rules.info(group.rule));
    detection.time = group.first;
    detection.end_time = group.last;
    detection.known_at = group.known;
    detection.count = group.records.count();
    detection.entities.assign(group.entities.begin(), group.entities.end());
    detection.indicators.assign(group.indicators.begin(), group.indicators.end());
    detection.evidence = group.evidence;
    finish(detection);
    out.push_back(std::move(detection));
  }
}

Detection detection_of(const sigma::CorrelationMatch& match, const sigma::RuleSet& rules,
                       const RecordIds& record_ids) {
  Detection detection = from_rule(rules.info(match.rule));
  detection.time = match.first;
  detection.end_time = match.last;
  detection.known_at = match.met;
  detection.count = match.events;
  detection.measures["value"] = match.value;
  for (const auto& [field, value] : match.group) {
    for (const GroupFieldRow& row : kGroupFields) {
      if (field.ends_with(row.suffix)) {
        detection.entities.push_back({row.type, value});
        break;
      }
    }
  }
  for (const auto& member : match.members) {
    const auto id = record_ids.find(member.key);
    keep_earliest(
        detection.evidence,
        {member.ref, id == record_ids.end() ? to_hex(member.key) : id->second, member.time});
  }
  finish(detection);
  return detection;
}

}  // namespace davy::detect
