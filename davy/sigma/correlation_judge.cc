// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation_judge.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/sigma/correlation_window.h"

namespace davy::sigma {
namespace {

/// The values of `names` in the group of an inner match; nothing when it has not all of them.
std::optional<std::vector<std::string>> group_values(const CorrelationMatch& inner,
                                                     const CorrelationRule& rule, size_t member,
                                                     const std::vector<std::string>& names) {
  std::vector<std::string> values;
  for (const std::string& name : names) {
    const std::string_view field = field_for_member(rule, member, name);
    const auto place = std::find_if(inner.group.begin(), inner.group.end(),
                                    [field](const auto& pair) { return pair.first == field; });
    if (place == inner.group.end()) return std::nullopt;
    values.push_back(place->second);
  }
  return values;
}

/// What an outer correlation counts of an inner match, in the shape of RunEntry::value.
std::optional<uint64_t> counted_value(const CorrelationMatch& inner, const CorrelationRule& rule,
                                      size_t member) {
  if (rule.fields.empty()) return 0;
  const auto values = group_values(inner, rule, member, rule.fields);
  if (!values) return std::nullopt;
  if (!reads_numbers(rule.type)) {
    std::string text;
    for (const std::string& value : *values)
      text += fmt::format("{}:{}", value.size(), value);
    return hash64(text);
  }
  const auto number = parse_number(values->front());
  return number ? std::optional(std::bit_cast<uint64_t>(*number == 0 ? 0.0 : *number))
                : std::nullopt;
}

Hash128 key_of(const CorrelationMatch& match) {
  std::string text = fmt::format("{}:{}:{}", match.rule, match.first.ns, match.last.ns);
  for (const auto& [name, value] : match.group)
    text += fmt::format(":{}:{}", value.size(), value);
  return hash128(text);
}

/// Numbers things 0, 1, 2 … in the order they are first seen.
template <typename Key, typename Hash = std::hash<Key>>
class DenseIds {
 public:
  uint32_t id(const Key& key) {
    return ids_.try_emplace(key, static_cast<uint32_t>(ids_.size())).first->second;
  }

 private:
  std::unordered_map<Key, uint32_t, Hash> ids_;
};

}  // namespace

CorrelationJudge::CorrelationJudge(std::span<const CorrelationRule> rules, RuleIndex first)
    : rules_(rules), first_(first), held_(rules.size()) {}

void CorrelationJudge::add(size_t position, GroupRuns runs) {
  const CorrelationRule& rule = rules_[position];
  GroupPoints groups;
  for (auto& [group, entries] : runs) {
    auto& points = groups[group];
    for (RunEntry& entry : entries)
      points.push_back({std::move(entry), nullptr});
  }
  for (size_t member = 0; member < rule.members.size(); ++member)
    add_inner(position, member, groups);
  for (auto& [group, points] : groups)
    judge_group(position, group, points);
}

void CorrelationJudge::add_inner(size_t position, size_t member, GroupPoints& groups) const {
  const CorrelationRule& rule = rules_[position];
  const RuleIndex index = rule.members[member];
  if (index < first_ || index - first_ >= held_.size()) return;  // a detection rule
  for (const Held& inner : held_[index - first_]) {
    const auto group = group_values(inner.match, rule, member, rule.group_by);
    const auto value = counted_value(inner.match, rule, member);
    if (!group || !value) continue;
    RunEntry entry;
    entry.key = inner.key;
    entry.member = static_cast<uint16_t>(member);
    entry.value = *value;
    const size_t occurrences = reads_numbers(rule.type) ? 1 : inner.ends.size();
    for (size_t i = 0; i < occurrences; ++i) {
      entry.time = inner.ends[i];
      groups[*group].push_back({entry, &inner});
    }
  }
}

void CorrelationJudge::judge_group(size_t position, const std::vector<std::string>& group,
                                   std::vector<Point>& points) {
  const CorrelationRule& rule = rules_[position];
  std::sort(points.begin(), points.end(),
            [](const Point& a, const Point& b) { return a.entry < b.entry; });

  std::vector<Occurrence> run;
  DenseIds<Hash128> records;
  DenseIds<uint64_t> values;
  const RunEntry* previous = nullptr;
  for (const Point& point : points) {
    const RunEntry& entry = point.entry;
    // The numbers of a record are read once, with the field of the first of its rules.
    const bool same_record = previous && previous->time == entry.time && previous->key == entry.key;
    if (reads_numbers(rule.type) && same_record &&
        (previous->member != entry.member || previous->ordinal == entry.ordinal)) {
      continue;
    }
    previous = &entry;
    run.push_back({entry.time, records.id(entry.key), values.id(entry.value),
                   std::bit_cast<double>(entry.value), entry.member});
  }

  for (HeldSpan& span : held_spans(rule, run)) {
    const auto begin = std::lower_bound(points.begin(), points.end(), span.first,
                                        [](const Point& p, Time t) { return p.entry.time < t; });
    const auto end = std::upper_bound(begin, points.end(), span.last,
                                      [](Time t, const Point& p) { return t < p.entry.time; });
    CorrelationMatch match = describe(position, group, {begin, end});
    match.first = span.first;
    match.last = span.last;
    match.met = span.ends.empty() ? span.last : span.ends.front();
    match.value = span.value;
    const Hash128 key = key_of(match);
    held_[position].push_back({std::move(match), key, std::move(span.ends)});
  }
}

CorrelationMatch CorrelationJudge::describe(size_t position, const std::vector<std::string>& group,
                                            std::span<const Point> points) const {
  const CorrelationRule& rule = rules_[position];
  CorrelationMatch match;
  match.rule = first_ + static_cast<RuleIndex>(position);
  for (size_t i = 0; i < group.size(); ++i)
    match.group.emplace_back(rule.group_by[i], group[i]);

  DenseIds<Hash128> seen;
  std::unordered_set<Attachment> attached;  // only looked up
  const auto attach = [&](const Attachment& attachment) {
    if (attachment && attached.insert(attachment).second) match.attachments.push_back(attachment);
  };
  for (const Point& point : points) {
    const RunEntry& entry = point.entry;
    const bool is_new = seen.id(entry.key) == match.events;
    if (is_new) ++match.events;
    if (!point.inner) {
      match.members.push_back(
          {rule.members[entry.member], entry.time, entry.key, entry.ref, entry.record_id});
      attach(entry.attachment);
    } else if (is_new) {
      const auto& inner = point.inner->match.members;
      match.members.insert(match.members.end(), inner.begin(), inner.end());
      for (const Attachment& attachment : point.inner->match.attachments)
        attach(attachment);
    }
  }
  const auto in_time_order = [](const CorrelationMatch::Member& m) {
    return std::tie(m.time, m.key, m.rule, m.ref);
  };
  std::sort(match.members.begin(), match.members.end(),
            [&](const auto& a, const auto& b) { return in_time_order(a) < in_time_order(b); });
  match.members.erase(std::unique(match.members.begin(), match.members.end()), match.members.end());
  if (match.members.size() > CorrelationMatch::kMaxMembers) {
    match.members.resize(CorrelationMatch::kMaxMembers);
  }
  return match;
}

std::vector<CorrelationMatch> CorrelationJudge::matches() const {
  // Groups were judged in order and spans come in order, so only the rules are left to order.
  std::vector<CorrelationMatch> all;
  for (const auto& of_rule : held_) {
    for (const Held& held : of_rule)
      all.push_back(held.match);
  }
  return all;
}

}  // namespace davy::sigma
