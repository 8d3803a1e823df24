// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/lint.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/sigma/correlation_rule.h"

namespace davy::sigma {
namespace {

/// What is wrong with a rule.
struct Flaw {
  std::string text;  ///< the offending text; empty when there is none to show
  std::string key;   ///< whose value it is, as in RuleInfo::places; empty: the rule
};
/// Nothing: all is well.
using Offence = std::optional<Flaw>;

Offence when(bool offends) {
  return offends ? Offence(Flaw{}) : std::nullopt;
}
Offence when(bool offends, const char* key, const std::string& text) {
  return offends ? Offence(Flaw{text, key}) : std::nullopt;
}

constexpr size_t kMaxTitle = 256;  // of the Sigma specification

bool is_hex(char c) {
  return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view id) {
  if (id.size() != 36) return false;
  for (size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? id[i] != '-' : !is_hex(id[i])) return false;
  }
  return true;
}

bool has_own_id(const RuleInfo& rule) {
  return !rule.id.empty() && rule.id != derived_rule_id(rule.file, rule.title);
}

template <size_t N>
bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}
constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
constexpr std::string_view kStatuses[] = {"stable", "test", "experimental", "deprecated",
                                          "unsupported"};

/// "namespace.name" in lower case.
bool is_tag(std::string_view tag) {
  const size_t dot = tag.find('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == tag.size()) return false;
  return std::all_of(tag.begin(), tag.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '_' || c == '-' || c == '.';
  });
}

/// False for what starts like an ATT&CK technique ("attack.t1", "attack.1496") but is none.
bool is_attack_tag(std::string_view tag) {
  constexpr std::string_view kPrefix = "attack.";
  if (tag.substr(0, kPrefix.size()) != kPrefix || tag.size() == kPrefix.size()) return true;
  std::string_view id = tag.substr(kPrefix.size());
  const bool starts_with_t = id[0] == 't' && id.size() > 1 && is_ascii_digit(id[1]);
  if (!starts_with_t && !is_ascii_digit(id[0])) return true;  // a tactic, group or software
  if (!starts_with_t) return false;
  const auto digits = [](std::string_view text, size_t count) {
    return text.size() == count && std::all_of(text.begin(), text.end(), is_ascii_digit);
  };
  return digits(id.substr(1, 4), 4) &&
         (id.size() == 5 || (id[5] == '.' && digits(id.substr(6), 3)));
}

/// The first tag that `is_good` does not accept.
Offence bad_tag(const RuleInfo& rule, bool (*is_good)(std::string_view)) {
  const auto bad = std::find_if_not(rule.tags.begin(), rule.tags.end(), is_good);
  if (bad == rule.tags.end()) return std::nullopt;
  return Flaw{*bad, fmt::format("tags/{}", bad - rule.tags.begin())};
}

template <typename Rule>
struct Row {
  std::string_view code;
  Severity severity;
  std::string_view sentence;
  std::string_view hint;
  Offence (*find)(const Rule&);
};

constexpr Row<RuleInfo> kRuleRows[] = {
    {"DVY-R101", Severity::kWarning, "the rule has no id",
     "give it a random UUID; without one its detections change identity when it is renamed",
     [](const RuleInfo& r) { return when(!has_own_id(r)); }},
    {"DVY-R102", Severity::kWarning, "the id is neither a UUID nor starts with davy-", "",
     [](const RuleInfo& r) {
       return when(has_own_id(r) && !is_uuid(r.id) && r.id.substr(0, 5) != "davy-", "id", r.id);
     }},
    {"DVY-R104", Severity::kError, "the rule has no title", "say in a few words what it finds",
     [](const RuleInfo& r) { return when(trim(r.title).empty()); }},
    {"DVY-R105", Severity::kWarning, "the title is longer than 256 bytes",
     "move the detail to the description",
     [](const RuleInfo& r) { return when(r.title.size() > kMaxTitle, "title", ""); }},
    {"DVY-R106", Severity::kWarning, "the rule has no level",
     "choose one of informational, low, medium, high, critical",
     [](const RuleInfo& r) { return when(r.level.empty()); }},
    {"DVY-R107", Severity::kError, "the level is unknown",
     "choose one of informational, low, medium, high, critical",
     [](const RuleInfo& r) {
       return when(!r.level.empty() && !is_one_of(r.level, kLevels), "level", r.level);
     }},
    {"DVY-R108", Severity::kNote, "the rule has no status",
     "choose one of stable, test, experimental, deprecated, unsupported",
     [](const RuleInfo& r) { return when(r.status.empty()); }},
    {"DVY-R109", Severity::kError, "the status is unknown",
     "choose one of stable, test, experimental, deprecated, unsupported",
     [](const RuleInfo& r) {
       return when(!r.status.empty() && !is_one_of(r.status, kStatuses), "status", r.status);
     }},
    {"DVY-R110", Severity::kWarning,
     "the rule is out of use by its own status, and loaded nevertheless",
     "take it out of the rule folder, or change the status",
     [](const RuleInfo& r) {
       return when(r.status == "deprecated" || r.status == "unsupported", "status", r.status);
     }},
    {"DVY-R111", Severity::kWarning, "a tag is not of the form namespace.name in lower case",
     "for example attack.t1496", [](const RuleInfo& r) { return bad_tag(r, is_tag); }},
    {"DVY-R112", Severity::kWarning, "a tag looks like an ATT&CK technique but is none",
     "write attack.t and four digits, then optionally a dot and three digits",
     [](const RuleInfo& r) { return bad_tag(r, is_attack_tag); }},
    {"DVY-R113", Severity::kNote, "the rule has no description",
     "say what is seen and why it is suspicious: reports quote it",
     [](const RuleInfo& r) { return when(trim(r.description).empty()); }},
    {"DVY-R114", Severity::kNote, "the rule names no false positives",
     "say what honest activity looks the same, or write 'Unlikely'",
     [](const RuleInfo& r) { return when(r.falsepositives.empty()); }},
    {"DVY-R115", Severity::kNote, "the rule has no references",
     "link what it was made from: a report, a vendor document, an incident",
     [](const RuleInfo& r) { return when(r.references.empty()); }},
};

bool counts_together(const CorrelationRule& r) {
  return r.group_by.empty();
}
bool is_lonely(const CorrelationRule& r) {
  const bool temporal =
      r.type == CorrelationType::kTemporal || r.type == CorrelationType::kTemporalOrdered;
  return temporal && r.rules.size() == 1;
}
bool has_only_upper_bounds(const CorrelationRule& r) {
  return !r.bounds.empty() && std::all_of(r.bounds.begin(), r.bounds.end(), [](const Bound& b) {
    return b.op == Comparison::kLt || b.op == Comparison::kLte;
  });
}

constexpr Row<CorrelationRule> kCorrelationRows[] = {
    {"DVY-R116", Severity::kNote, "the correlation has no group-by and counts all events together",
     "group by who or what acts, or two strangers make one match",
     [](const CorrelationRule& r) { return when(counts_together(r)); }},
    {"DVY-R117", Severity::kWarning, "a temporal correlation of a single rule holds at every match",
     "list the other rules, or count with event_count",
     [](const CorrelationRule& r) { return when(is_lonely(r)); }},
    {"DVY-R118", Severity::kNote, "a condition with upper bounds only is not met by silence",
     "windows without any event are not reported",
     [](const CorrelationRule& r) { return when(has_only_upper_bounds(r)); }},
};

/// A rule and where its keys stand.
struct Subject {
  const RuleInfo& rule;
  const KeyPlaces& places;

  /// Of the value under `key`; of the rule when it is not known.
  TextPlace place_of(std::string_view key) const {
    for (const auto& [name, place] : places) {
      if (name == key) return place;
    }
    return {rule.line, 1};
  }
};

Diagnostic diagnostic(std::string_view code, Severity severity, const Subject& subject,
                      std::string_view sentence, const Flaw& flaw, std::string_view hint) {
  std::string message(sentence);
  if (!flaw.text.empty()) message += fmt::format(": '{}'", printable(flaw.text, 100));
  const TextPlace place = subject.place_of(flaw.key);
  return {std::string(code), severity,           subject.rule.file, place.line,
          place.column,      std::move(message), std::string(hint)};
}

template <typename Rule, size_t N>
void apply(const Row<Rule> (&rows)[N], const Rule& rule, const Subject& subject, Diagnostics& out) {
  for (const Row<Rule>& row : rows) {
    if (const Offence offence = row.find(rule)) {
      out.push_back(diagnostic(row.code, row.severity, subject, row.sentence, *offence, row.hint));
    }
  }
}

}  // namespace

Diagnostics lint(std::span<const RuleInfo> infos, std::span<const KeyPlaces> places,
                 std::span<const CorrelationRule> correlations) {
  const KeyPlaces unknown;
  Diagnostics found;
  std::map<std::string_view, const RuleInfo*> by_id;
  for (size_t i = 0; i < infos.size(); ++i) {
    const RuleInfo& info = infos[i];
    const Subject subject{info, i < places.size() ? places[i] : unknown};
    apply(kRuleRows, info, subject, found);
    const auto [first, is_new] = by_id.try_emplace(info.id, &info);
    if (!is_new && !info.id.empty()) {
      found.push_back(diagnostic("DVY-R103", Severity::kError, subject,
                                 "another rule has the same id", {info.id, "id"},
                                 fmt::format("it is in {}", first->second->file)));
    }
  }
  for (const CorrelationRule& rule : correlations)
    apply(kCorrelationRows, rule, Subject{rule.info, rule.places}, found);
  return found;
}

}  // namespace davy::sigma
