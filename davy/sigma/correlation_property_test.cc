// SPDX-License-Identifier: Apache-2.0
// Two laws of correlations on random streams: order, splits and duplicates cannot matter, and the
// sliding judgement agrees with one that looks at every window afresh.
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/sigma/correlation_testing.h"

namespace davy::sigma {
namespace {

using testing::at;
using testing::Bench;
using testing::Seen;

// Rules a, b, c; group-by g; counted field v. Inner correlations come after the outer on purpose.
const char* const kBodies[] = {
    "type: event_count, condition: {gte: 3}",
    "type: event_count, condition: {lte: 2}",
    "type: event_count, condition: {gt: 1, lt: 4}",
    "type: event_count, condition: {neq: 2}",
    "type: value_count, condition: {gte: 3, field: v}",
    "type: value_count, condition: {eq: 2, field: v}",
    "type: temporal",
    "type: temporal, condition: {gte: 2}",
    "type: temporal, condition: a and (b or not c) or c and not b",
    "type: temporal_ordered",
    "type: temporal_ordered, condition: {gte: 2}",
    "type: temporal_ordered, condition: {eq: 2}",
    "type: value_sum, condition: {gte: 7, field: v}",
    "type: value_sum, condition: {lt: 5, field: v}",
    "type: value_avg, condition: {gt: 2, field: v}",
    "type: value_median, condition: {gte: 2, field: v}",
    "type: value_percentile, condition: {lte: 3, field: v, percentile: 75}",
};
constexpr int64_t kTimespan = 10;

Bench bench_of_all() {
  std::vector<std::string> documents;
  for (const char* body : kBodies) {
    documents.push_back(fmt::format(
        "{{name: c{}, correlation: {{rules: [a, b, c], group-by: g, timespan: {}s, {}}}}}",
        documents.size(), kTimespan, body));
  }
  documents.push_back(
      "{name: outer, correlation: {type: temporal, rules: [c4, c0, a], group-by: g, timespan: "
      "8s}}");
  documents.push_back(
      "{name: outermost, correlation: {type: event_count, rules: [outer, c1], timespan: 30s, "
      "condition: {gte: 2}}}");
  return Bench(documents);
}

/// Few values of everything, so that ties, repeated values and full windows are common.
std::vector<Seen> random_events() {
  const auto event = rc::gen::apply(
      [](int mask, int second, int id, int group, std::vector<int> values) {
        Seen seen;
        for (int rule = 0; rule < 3; ++rule) {
          if ((mask >> rule & 1) != 0) seen.matches += static_cast<char>('a' + rule);
        }
        // A record's content follows from its key, as in life.
        seen.second = second;
        seen.key = fmt::format("{}-{}-{}-{}", mask, second, id, group);
        for (const int value : values) {
          seen.fields.emplace_back("v", std::to_string(value));
          seen.key += fmt::format("/{}", value);
        }
        if (group < 2) seen.fields.emplace_back("g", group == 0 ? "x" : "y");
        return seen;
      },
      rc::gen::inRange(0, 8), rc::gen::inRange(0, 60), rc::gen::inRange(0, 3),
      rc::gen::inRange(0, 3),
      rc::gen::resize(3, rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5))));
  return *rc::gen::container<std::vector<Seen>>(event);
}

/// Everything a match says, for comparison.
std::string in_full(const Bench& bench, const CorrelationState& state) {
  const auto matches = state.judge();
  std::string text = told(bench, matches);
  for (const CorrelationMatch& match : matches) {
    for (const auto& m : match.members) {
      text += fmt::format("{} {} {} {}\n", m.rule, m.time.ns, to_hex(m.key), m.ref.offset);
    }
    text += testing::attached(match) + "\n";
  }
  for (const std::string& note : state.notes())
    text += note + "\n";
  return text;
}

TEST(CorrelationLaw, OrderSplitsAndDuplicatesCannotMatter) {
  const Bench bench = bench_of_all();
  EXPECT_TRUE(rc::check([&] {
    std::vector<Seen> events = random_events();
    for (size_t i = 0; i < events.size(); ++i)
      events[i].offset = i;
    CorrelationState whole = bench.state();
    for (const Seen& seen : events)
      bench.observe(whole, seen);

    std::vector<CorrelationState> parts;
    for (int i = 0; i < 3; ++i)
      parts.push_back(bench.state());
    std::vector<size_t> order(events.size());
    for (size_t i = 0; i < order.size(); ++i)
      order[i] = i;
    for (size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[*rc::gen::inRange<size_t>(0, i)]);
    }
    for (const size_t i : order) {
      const int copies = *rc::gen::inRange(1, 3);
      for (int copy = 0; copy < copies; ++copy) {
        Seen seen = events[i];
        seen.offset += copy == 0 ? 0 : 1000;  // the same record again, read elsewhere
        bench.observe(parts[*rc::gen::inRange<size_t>(0, 3)], seen);
      }
    }
    parts[1].merge(std::move(parts[2]));
    parts[1].merge(std::move(parts[0]));
    RC_ASSERT(in_full(bench, parts[1]) == in_full(bench, whole));
  }));
}

// The oracle: sets of events, each window made and measured from nothing.

struct Plain {
  int64_t second;
  std::string key;
  size_t member;
  std::vector<double> values;
  auto operator<=>(const Plain&) const = default;
};

size_t longest_chain(const std::vector<Plain>& window, size_t member, int64_t from) {
  size_t best = 0;
  for (const Plain& p : window) {
    if (p.member >= member && p.second >= from) {
      best = std::max(best, 1 + longest_chain(window, p.member + 1, p.second));
    }
  }
  return best;
}

double percentile(std::vector<double> values, double percent) {
  std::sort(values.begin(), values.end());
  const double rank = percent / 100 * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(std::floor(rank));
  const auto high = static_cast<size_t>(std::ceil(rank));
  return values[low] + (values[high] - values[low]) * (rank - std::floor(rank));
}

double measured(const CorrelationRule& rule, const std::vector<Plain>& window) {
  std::set<std::string> keys;
  std::set<double> distinct;
  std::set<size_t> members;
  std::vector<double> numbers;  // of each record once
  for (const Plain& p : window) {
    if (keys.insert(p.key).second) numbers.insert(numbers.end(), p.values.begin(), p.values.end());
    distinct.insert(p.values.begin(), p.values.end());
    members.insert(p.member);
  }
  double sum = 0;
  for (const double number : numbers)
    sum += number;
  switch (rule.type) {
    case CorrelationType::kEventCount: return static_cast<double>(keys.size());
    case CorrelationType::kValueCount: return static_cast<double>(distinct.size());
    case CorrelationType::kTemporal: return static_cast<double>(members.size());
    case CorrelationType::kTemporalOrdered: return static_cast<double>(longest_chain(window, 0, 0));
    case CorrelationType::kValueSum: return sum;
    case CorrelationType::kValueAvg: return sum / static_cast<double>(numbers.size());
    case CorrelationType::kValuePercentile: return percentile(numbers, rule.percentile);
    case CorrelationType::kValueMedian: return percentile(numbers, 50);
  }
  return 0;
}

bool satisfied(const CorrelationRule& rule, const std::vector<Plain>& window) {
  if (!rule.expression.empty()) {  // there is one: a and (b or not c) or c and not b
    bool has[3] = {};
    for (const Plain& p : window)
      has[p.member] = true;
    return (has[0] && (has[1] || !has[2])) || (has[2] && !has[1]);
  }
  const double value = measured(rule, window);
  if (rule.bounds.empty()) return value == 3;
  for (const Bound& bound : rule.bounds) {
    const double n = bound.number;
    const std::map<Comparison, bool> outcome = {
        {Comparison::kGt, value > n},  {Comparison::kGte, value >= n},
        {Comparison::kLt, value < n},  {Comparison::kLte, value <= n},
        {Comparison::kEq, value == n}, {Comparison::kNeq, value != n}};
    if (!outcome.at(bound.op)) return false;
  }
  return true;
}

bool only_grows(const CorrelationRule& rule) {
  static const std::set<CorrelationType> kGrowing = {
      CorrelationType::kEventCount, CorrelationType::kValueCount, CorrelationType::kTemporal,
      CorrelationType::kTemporalOrdered, CorrelationType::kValueSum};
  for (const Bound& bound : rule.bounds) {
    if (bound.op != Comparison::kGt && bound.op != Comparison::kGte) return false;
  }
  return rule.expression.empty() && kGrowing.count(rule.type) != 0;
}

std::vector<std::pair<int64_t, int64_t>> oracle_spans(const CorrelationRule& rule,
                                                      const std::set<Plain>& events) {
  std::map<int64_t, std::vector<Plain>> windows;  // by their end
  for (const Plain& last : events) {
    auto& window = windows[last.second];
    window.clear();
    for (const Plain& p : events) {
      if (p.second <= last.second && p.second >= last.second - kTimespan) window.push_back(p);
    }
  }
  std::vector<std::pair<int64_t, int64_t>> spans;
  for (const auto& [end, window] : windows) {
    const auto is_inside = [&w = window](const auto& other) {
      return other.second.size() > w.size() &&
             std::includes(other.second.begin(), other.second.end(), w.begin(), w.end());
    };
    if (!only_grows(rule) && std::any_of(windows.begin(), windows.end(), is_inside)) continue;
    if (!satisfied(rule, window)) continue;
    const int64_t begin = window.front().second;
    if (spans.empty() || begin > spans.back().second + kTimespan) {
      spans.emplace_back(begin, end);
    } else {
      spans.back().second = end;
    }
  }
  return spans;
}

std::set<Plain> plain_events(const CorrelationRule& rule, const std::vector<Seen>& events,
                             const std::string& group) {
  std::set<Plain> plain;
  for (const Seen& seen : events) {
    std::vector<double> values;
    bool in_group = false;
    for (const auto& [name, value] : seen.fields) {
      if (name == "v") values.push_back(std::stod(value));
      if (name == "g") in_group = value == group;
    }
    if (!in_group || (!rule.fields.empty() && values.empty())) continue;
    for (const char letter : seen.matches) {
      plain.insert({seen.second, seen.key, static_cast<size_t>(letter - 'a'), values});
    }
  }
  return plain;
}

TEST(CorrelationLaw, AgreesWithLookingAtEveryWindow) {
  const Bench bench = bench_of_all();
  EXPECT_TRUE(rc::check([&] {
    const std::vector<Seen> events = random_events();
    const auto matches = bench.judge(events);
    for (size_t i = 0; i < std::size(kBodies); ++i) {
      for (const std::string group : {"x", "y"}) {
        std::vector<std::pair<int64_t, int64_t>> spans;
        for (const CorrelationMatch& match : matches) {
          if (match.rule != testing::kFirstCorrelation + i || match.group[0].second != group)
            continue;
          spans.emplace_back((match.first - at(0)) / kSecond, (match.last - at(0)) / kSecond);
        }
        const CorrelationRule& rule = bench.rules()[i];
        RC_ASSERT(spans == oracle_spans(rule, plain_events(rule, events, group)));
      }
    }
  }));
}

}  // namespace
}  // namespace davy::sigma
