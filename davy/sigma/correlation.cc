// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation.h"

#include <algorithm>
#include <bit>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "davy/base/bounded_map.h"
#include "davy/base/text.h"
#include "davy/sigma/correlation_binding.h"
#include "davy/sigma/correlation_judge.h"
#include "davy/sigma/correlation_rule.h"
#include "davy/sigma/correlation_run.h"

namespace davy::sigma {
namespace {

// A record that belongs to more groups, or holds more values of a field, is cut off there.
constexpr size_t kMaxGroupsPerRecord = 64;
constexpr size_t kMaxValuesPerRecord = 256;

// Matches kept per group, rule and timespan bucket: enough for honest logs, and twice the
// threshold, so that a bucket that overflows holds enough to fulfil a count by itself.
constexpr size_t kMinLimit = 4096;
constexpr double kMaxLimit = 1 << 21;

/// Facts about what was observed; only ever OR-ed.
enum Observed : uint8_t {
  kNoTime = 1,
  kNoGroup = 2,
  kNotANumber = 4,
  kManyGroups = 8,
  kManyValues = 16,
};

RunLimits limits_of(const CorrelationRule& rule) {
  double limit = kMinLimit;
  if (!reads_numbers(rule.type)) {
    for (const Bound& bound : rule.bounds)
      limit = std::max(limit, 2 * bound.number);
  }
  return {rule.timespan, static_cast<size_t>(std::min(limit, kMaxLimit)),
          rule.type == CorrelationType::kValueCount};
}

/// Length before each value: no two tuples have the same key.
std::string group_key(const std::vector<std::string_view>& values) {
  std::string key;
  for (const std::string_view value : values)
    key += fmt::format("{}:{}", value.size(), value);
  return key;
}

std::optional<uint64_t> number_bits(std::string_view text) {
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  return std::bit_cast<uint64_t>(*number == 0 ? 0.0 : *number);  // -0 is 0
}

// Groups kept per correlation: those whose values have the smallest hash.
constexpr size_t kMaxGroups = 100'000;

/// Its hash first, so that a bound on groups is a fair sample.
using GroupKey = std::pair<uint64_t, std::string>;

struct Group {
  std::vector<std::string> values;  ///< parallel to CorrelationRule::group_by
  CorrelationRun run;
};

/// What is known of one correlation.
struct Counted {
  RunLimits limits;
  BoundedMap<Group, GroupKey> groups{kMaxGroups};
  uint8_t observed = 0;
};

/// Rule `member` of correlation `correlation` is the rule in question.
struct Use {
  size_t correlation;
  uint16_t member;
};

}  // namespace

struct CorrelationState::Rep {
  std::span<const CorrelationRule> rules;
  RuleIndex first = 0;
  std::vector<Counted> counted;                          // parallel to rules
  std::unordered_map<RuleIndex, std::vector<Use>> uses;  // of each base rule; only looked up
  std::vector<std::vector<std::vector<MemberBinding>>> formats;  // format -> correlation -> member

  void observe(const Use& use, const MemberBinding& binding, RunEntry entry,
               const event::Fields& fields);
  std::vector<uint64_t> read_counted(const CorrelationRule& rule, const MemberBinding& binding,
                                     const event::Fields& fields, uint8_t& observed) const;
};

CorrelationState::CorrelationState(std::span<const CorrelationRule> rules, RuleIndex first)
    : rep_(std::make_unique<Rep>()) {
  rep_->rules = rules;
  rep_->first = first;
  for (size_t i = 0; i < rules.size(); ++i) {
    rep_->counted.emplace_back().limits = limits_of(rules[i]);
    for (size_t member = 0; member < rules[i].members.size(); ++member) {
      rep_->uses[rules[i].members[member]].push_back({i, static_cast<uint16_t>(member)});
    }
  }
}

CorrelationState::CorrelationState(CorrelationState&&) noexcept = default;
CorrelationState& CorrelationState::operator=(CorrelationState&&) noexcept = default;
CorrelationState::~CorrelationState() = default;

void CorrelationState::bind(uint16_t format, const Target& target, const event::Schema& schema) {
  if (rep_->formats.size() <= format) rep_->formats.resize(format + size_t{1});
  auto& correlations = rep_->formats[format];
  correlations.clear();
  for (const CorrelationRule& rule : rep_->rules) {
    auto& members = correlations.emplace_back();
    for (size_t member = 0; member < rule.members.size(); ++member) {
      members.push_back(bind_member(rule, member, target, schema));
    }
  }
}

bool CorrelationState::counts(const std::vector<RuleIndex>& matches) const {
  return std::any_of(matches.begin(), matches.end(),
                     [&](RuleIndex match) { return rep_->uses.contains(match); });
}

void CorrelationState::observe(uint16_t format, const std::vector<RuleIndex>& matches,
                               const SeenRecord& record, const event::Fields& fields) {
  if (format >= rep_->formats.size()) return;
  const auto& correlations = rep_->formats[format];
  if (correlations.empty()) return;
  for (const RuleIndex match : matches) {
    const auto uses = rep_->uses.find(match);
    if (uses == rep_->uses.end()) continue;
    for (const Use& use : uses->second) {
      rep_->observe(use, correlations[use.correlation][use.member],
                    {record.time, record.key, use.member, 0, 0, record.ref,
                     std::string(record.record_id), record.attachment},
                    fields);
    }
  }
}

void CorrelationState::Rep::observe(const Use& use, const MemberBinding& binding, RunEntry entry,
                                    const event::Fields& fields) {
  Counted& target = counted[use.correlation];
  const CorrelationRule& rule = rules[use.correlation];
  if (!entry.time.known()) {
    target.observed |= kNoTime;
    return;
  }
  const Combinations memberships = read_combinations(binding.group_by, fields, kMaxGroupsPerRecord);
  if (memberships.tuples.empty()) target.observed |= kNoGroup;
  if (memberships.cut) target.observed |= kManyGroups;
  if (memberships.tuples.empty()) return;

  const std::vector<uint64_t> values = read_counted(rule, binding, fields, target.observed);
  for (const auto& tuple : memberships.tuples) {
    if (values.empty()) return;
    std::string key = group_key(tuple);
    const uint64_t hash = hash64(key);
    Group* const group = target.groups.at({hash, std::move(key)});
    if (group == nullptr) continue;
    if (group->values.size() != tuple.size()) group->values.assign(tuple.begin(), tuple.end());
    for (size_t i = 0; i < values.size(); ++i) {
      entry.value = values[i];
      entry.ordinal = reads_numbers(rule.type) ? static_cast<uint16_t>(i) : uint16_t{0};
      group->run.add(entry, target.limits);
    }
  }
}

std::vector<uint64_t> CorrelationState::Rep::read_counted(const CorrelationRule& rule,
                                                          const MemberBinding& binding,
                                                          const event::Fields& fields,
                                                          uint8_t& observed) const {
  if (rule.fields.empty()) return {0};
  std::vector<uint64_t> values;
  if (reads_numbers(rule.type)) {
    for (const std::string_view text : read_values(binding.fields[0], fields)) {
      const auto bits = number_bits(text);
      if (!bits) observed |= kNotANumber;
      if (bits && values.size() == kMaxValuesPerRecord) observed |= kManyValues;
      if (bits && values.size() < kMaxValuesPerRecord) values.push_back(*bits);
    }
    return values;
  }
  const Combinations combinations = read_combinations(binding.fields, fields, kMaxValuesPerRecord);
  if (combinations.cut) observed |= kManyValues;
  for (const auto& tuple : combinations.tuples)
    values.push_back(hash64(group_key(tuple)));
  return values;
}

void CorrelationState::merge(CorrelationState&& other) {
  for (size_t i = 0; i < rep_->counted.size(); ++i) {
    Counted& into = rep_->counted[i];
    Counted& from = other.rep_->counted[i];
    into.observed |= from.observed;
    into.groups.merge(std::move(from.groups), [&](Group& mine, Group& theirs) {
      mine.values = std::move(theirs.values);
      mine.run.merge(std::move(theirs.run), into.limits);
    });
  }
}

std::vector<CorrelationMatch> CorrelationState::judge() const {
  CorrelationJudge judge(rep_->rules, rep_->first);
  for (const size_t i : chain_order(rep_->rules, rep_->first)) {
    GroupRuns runs;
    for (const auto& [key, group] : rep_->counted[i].groups) {
      runs.emplace(group.values, group.run.finished(rep_->counted[i].limits));
    }
    judge.add(i, std::move(runs));
  }
  return judge.matches();
}

std::vector<std::string> CorrelationState::notes() const {
  struct Row {
    uint8_t flag;
    std::string_view sentence;
  };
  static constexpr Row kRows[] = {
      {kNoTime, "events without a time could not be correlated"},
      {kNotANumber, "values that are not numbers were left out"},
      {kManyGroups,
       "a record with more than 64 combinations of group-by values counts for 64 of them"},
      {kManyValues, "of a field with more than 256 values in one record 256 were counted"},
  };
  std::vector<std::string> notes;
  for (size_t i = 0; i < rep_->rules.size(); ++i) {
    const Counted& counted = rep_->counted[i];
    const auto say = [&](std::string_view sentence) {
      notes.push_back(
          fmt::format("correlation '{}': {}", printable(rep_->rules[i].info.title), sentence));
    };
    for (const Row& row : kRows) {
      if ((counted.observed & row.flag) != 0) say(row.sentence);
    }
    // Events lacking a field are usual; that none at all has it is a wrong field name.
    if ((counted.observed & kNoGroup) != 0 && counted.groups.empty()) {
      say("rules matched, but no event had a value for every group-by field");
    }
    if (counted.groups.cut()) {
      say(fmt::format("more than {} groups; a sample of them is judged",
                      with_thousands(kMaxGroups)));
    }
    const bool overflowed =
        std::any_of(counted.groups.begin(), counted.groups.end(),
                    [&](const auto& g) { return g.second.run.overflowed(counted.limits); });
    if (overflowed) {
      say(fmt::format(
          "more than {} matches of one rule and group within one timespan; counts there "
          "are lower bounds",
          with_thousands(counted.limits.limit)));
    }
  }
  return notes;
}

}  // namespace davy::sigma
