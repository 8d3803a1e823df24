// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/rule_matches.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/detect/entities_of.h"

namespace davy::detect {
namespace {

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

}  // namespace

RuleMeaning meaning_of(const sigma::RuleInfo& rule) {
  RuleMeaning meaning;
  meaning.level = by_name<Level>(rule.level, kLevels).value_or(Level::kMedium);
  meaning.signal = signal_of_logsource(rule);
  meaning.weight = kForeignWeight[static_cast<size_t>(meaning.level)];
  meaning.foreign = rule.custom.empty();
  meaning.stage_is_told = !meaning.foreign;
  for (const std::string& tag : rule.tags) {
    if (tag.starts_with("attack.t")) {
      std::string technique = tag.substr(7);
      technique[0] = 'T';
      meaning.techniques.push_back(std::move(technique));
    }
    for (const TacticRow& row : kTactics) {
      if (tag != row.tag) continue;
      meaning.stage = row.stage;
      meaning.stage_is_told = true;
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

void RuleMatches::observe(sigma::RuleIndex rule, const event::Event& event,
                          std::string_view format) {
  Groups& groups = rules_.try_emplace(rule, kMaxGroups).first->second;
  const auto day = static_cast<uint64_t>(bucket_start(event.time, kDay).ns);
  Group* const group = groups.at(hash_combine(subject_hash(event), day));
  if (group == nullptr) return;
  sight(event, format, group->sighting);
  sight_indicators(event, group->sighting);
  if (event.finding == nullptr || event.finding->type.empty()) return;
  const event::Finding& finding = *event.finding;
  VendorFinding* const vendor =
      group->vendor.at(hash_combine(hash64(finding.product), hash64(finding.type)));
  if (vendor != nullptr) vendor->add(finding);
}

void RuleMatches::Group::merge(const Group& other) {
  sighting.merge(other.sighting);
  vendor.merge(other.vendor);
}

void RuleMatches::merge(RuleMatches&& other) {
  for (const auto& [rule, groups] : other.rules_)
    rules_.try_emplace(rule, kMaxGroups).first->second.merge(groups);
}

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
  detection.foreign = meaning.foreign;
  detection.stage_told = meaning.stage_is_told;
  return detection;
}

bool is_foreign_context(const Detection& detection) {
  return detection.level < Level::kHigh && detection.claim == Claim::kContext && detection.foreign;
}

namespace {

/// A rule about a vendor's findings says which they were, so that they are found in its console.
void name_findings(std::vector<VendorFinding> findings, Detection& detection) {
  if (findings.empty()) return;
  std::sort(findings.begin(), findings.end(), [](const VendorFinding& a, const VendorFinding& b) {
    return std::tie(a.type, a.product) < std::tie(b.type, b.product);
  });
  detection.vendor = std::move(findings);
  if (detection.signal != Signal::kManaged) return;
  detection.title += ": " + vendor_findings_text(detection.vendor);
  const bool archived = std::any_of(detection.vendor.begin(), detection.vendor.end(),
                                    [](const VendorFinding& finding) { return finding.archived; });
  if (archived) {
    detection.detail +=
        " Archived: an analyst or a filter put it aside, which says nothing about whether it is "
        "true.";
  }
}

}  // namespace

void RuleMatches::judge(const sigma::RuleSet& rules, std::vector<std::string>& notes,
                        std::vector<Detection>& out) const {
  for (const auto& [rule, groups] : rules_) {
    if (!rules.reports_alone(rule)) continue;
    bool cut = false;
    bool types_cut = false;
    for (const auto& [key, group] : groups) {
      Detection detection = from_rule(rules.info(rule));
      tell(group.sighting, detection);
      std::vector<VendorFinding> findings;
      for (const auto& [type, finding] : group.vendor)
        findings.push_back(finding);
      name_findings(std::move(findings), detection);
      finish(detection);
      out.push_back(std::move(detection));
      cut = cut || group.sighting.cut();
      types_cut = types_cut || group.vendor.cut();
    }
    const std::string name = printable(rules.info(rule).title);
    if (groups.cut()) {
      notes.push_back(fmt::format("rule '{}': more than {} subjects and days; a sample is reported",
                                  name, with_thousands(kMaxGroups)));
    }
    if (cut) {
      notes.push_back(
          fmt::format("rule '{}': of one subject more than {} entities of a kind; the "
                      "rest are not listed",
                      name, kMaxPerKind));
    }
    if (types_cut) {
      notes.push_back(
          fmt::format("rule '{}': of one subject more than {} types of findings; a sample is named",
                      name, kMaxTypes));
    }
  }
}

}  // namespace davy::detect
