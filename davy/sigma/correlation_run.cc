// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation_run.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace davy::sigma {
namespace {

constexpr size_t kSmallRun = 64;

auto identity(const RunEntry& e) {
  return std::tie(e.time, e.key, e.member, e.ordinal, e.value);
}

int64_t bucket_of(Time time, DurationNs width) {
  const int64_t quotient = time.ns / width;
  return time.ns % width < 0 ? quotient - 1 : quotient;
}

uint64_t rank_of(const RunEntry& e) {
  uint64_t rank = hash_combine(e.key.low, e.key.high);
  for (const uint64_t part : {static_cast<uint64_t>(e.time.ns), uint64_t{e.ordinal}, e.value}) {
    rank = hash_combine(rank, part);
  }
  return rank;
}

/// Marks those of `rows` (positions of one bucket and rule, in order) that are kept.
void mark_kept(const std::vector<RunEntry>& entries, const std::vector<size_t>& rows,
               const RunLimits& limits, std::vector<bool>& kept) {
  // Equal ranks fall back on the position, which is the order of identities.
  std::vector<std::pair<uint64_t, size_t>> ranked;
  ranked.reserve(rows.size());
  for (const size_t row : rows)
    ranked.emplace_back(rank_of(entries[row]), row);
  std::nth_element(ranked.begin(), ranked.begin() + static_cast<ptrdiff_t>(limits.limit),
                   ranked.end());
  for (size_t i = 0; i < limits.limit; ++i)
    kept[ranked[i].second] = true;

  std::map<uint64_t, std::pair<size_t, size_t>> ends;  // value rank -> first and last row
  for (const size_t row : rows) {
    const uint64_t value = limits.by_value ? hash_combine(0, entries[row].value) : 0;
    const auto [place, is_new] = ends.try_emplace(value, row, row);
    if (!is_new) place->second.second = row;
    if (ends.size() > limits.limit) ends.erase(std::prev(ends.end()));
  }
  for (const auto& [value, rows_of_value] : ends) {
    kept[rows_of_value.first] = true;
    kept[rows_of_value.second] = true;
  }
}

/// Drops what exceeds the limit from sorted, distinct entries; true when something did.
bool drop_excess(std::vector<RunEntry>& entries, const RunLimits& limits) {
  std::vector<bool> kept;  // stays empty while nothing is dropped
  for (size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
    const int64_t bucket = bucket_of(entries[begin].time, limits.bucket);
    while (end < entries.size() && bucket_of(entries[end].time, limits.bucket) == bucket)
      ++end;
    if (end - begin <= limits.limit) continue;
    std::map<uint16_t, std::vector<size_t>> by_member;
    for (size_t row = begin; row < end; ++row)
      by_member[entries[row].member].push_back(row);
    for (const auto& [member, rows] : by_member) {
      if (rows.size() <= limits.limit) continue;
      if (kept.empty()) kept.assign(entries.size(), true);
      for (const size_t row : rows)
        kept[row] = false;
      mark_kept(entries, rows, limits, kept);
    }
  }
  if (kept.empty()) return false;
  size_t size = 0;
  for (size_t row = 0; row < entries.size(); ++row) {
    if (!kept[row]) continue;
    if (size != row) entries[size] = std::move(entries[row]);
    ++size;
  }
  entries.resize(size);
  return true;
}

bool compact(std::vector<RunEntry>& entries, const RunLimits& limits) {
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end(), same_match), entries.end());
  return drop_excess(entries, limits);
}

}  // namespace

std::strong_ordering RunEntry::operator<=>(const RunEntry& other) const {
  const auto told = [](const RunEntry& e) {
    return std::tie(e.time, e.key, e.member, e.ordinal, e.value, e.ref, e.record_id);
  };
  return told(*this) <=> told(other);
}

bool same_match(const RunEntry& a, const RunEntry& b) {
  return identity(a) == identity(b);
}

void CorrelationRun::add(const RunEntry& entry, const RunLimits& limits) {
  entries_.push_back(entry);
  dirty_ = true;
  compact_when_grown(limits);
}

void CorrelationRun::merge(CorrelationRun&& other, const RunLimits& limits) {
  entries_.insert(entries_.end(), std::make_move_iterator(other.entries_.begin()),
                  std::make_move_iterator(other.entries_.end()));
  overflowed_ = overflowed_ || other.overflowed_;
  dirty_ = true;
  compact_when_grown(limits);
}

void CorrelationRun::compact_when_grown(const RunLimits& limits) {
  // Doubling keeps the whole at O(n log n) however many duplicates come.
  if (entries_.size() < 2 * compacted_ + kSmallRun) return;
  overflowed_ = compact(entries_, limits) || overflowed_;
  compacted_ = entries_.size();
  dirty_ = false;
}

std::vector<RunEntry> CorrelationRun::finished(const RunLimits& limits) const {
  std::vector<RunEntry> entries = entries_;
  if (dirty_) compact(entries, limits);
  return entries;
}

bool CorrelationRun::overflowed(const RunLimits& limits) const {
  if (overflowed_ || !dirty_) return overflowed_;
  std::vector<RunEntry> entries = entries_;
  return compact(entries, limits);
}

}  // namespace davy::sigma
