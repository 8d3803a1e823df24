// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation.h"

#include <ostream>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/sigma/correlation_run.h"
#include "davy/sigma/correlation_testing.h"

namespace davy::sigma {
namespace {

using testing::at;
using testing::attached;
using testing::Bench;
using testing::Seen;

/// Events written "a0 b5 a9:7": rule letters, second, and the value of field v. Keys are positions.
std::vector<Seen> events_of(const std::string& text) {
  std::vector<Seen> events;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const size_t digits = word.find_first_of("0123456789");
    const size_t colon = word.find(':');
    Seen seen{word.substr(0, digits), std::stol(word.substr(digits)), word + std::to_string(begin)};
    if (colon != std::string::npos) seen.fields.emplace_back("v", word.substr(colon + 1));
    events.push_back(seen);
    begin = end + 1;
  }
  return events;
}

struct Case {
  const char* correlation;
  const char* events;
  const char* expected;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.correlation << " over " << c.events;
}

class TypeTest : public ::testing::TestWithParam<Case> {};

TEST_P(TypeTest, HoldsExactlyThen) {
  const Bench bench({fmt::format("{{name: c, correlation: {{{}}}}}", GetParam().correlation)});
  EXPECT_EQ(told(bench, bench.judge(events_of(GetParam().events))), GetParam().expected);
}

#define COUNT "type: event_count, rules: [a, b], timespan: 10s, condition: "
#define VALUES "type: value_count, rules: [a], timespan: 10s, condition: "
#define TEMPORAL "type: temporal, rules: [a, b, c], timespan: 10s"
#define ORDERED "type: temporal_ordered, rules: [a, b, c], timespan: 10s"
#define BY(x) "type: value_" x ", rules: [a], timespan: 10s, condition: "

constexpr Case kCases[] = {
    // event_count: both ends of the window belong to it, tumbling boundaries do not exist.
    {COUNT "{gte: 3}", "a0 a5 a10", "c{} 0-10 x3 =3\n"},
    {COUNT "{gte: 3}", "a0 a5 a11", ""},
    {COUNT "{gte: 3}", "a8 b12 a13", "c{} 8-13 x3 =3\n"},
    {COUNT "{gt: 3}", "a0 a1 a2", ""},
    {COUNT "{gt: 3}", "a0 a1 a2 a3", "c{} 0-3 x4 =4\n"},
    // A record that matches two rules is one event.
    {COUNT "{gte: 2}", "ab1", ""},
    // One match grows over a pause shorter than a timespan, then another begins.
    {COUNT "{gte: 2}", "a0 a1 a11 a12 a23 a24", "c{} 0-12 x4 =2\nc{} 23-24 x2 =2\n"},
    // Upper bounds are judged on maximal windows only: 0-2 is one window of three, not one of one.
    {COUNT "{eq: 3}", "a0 a1 a2", "c{} 0-2 x3 =3\n"},
    {COUNT "{eq: 2}", "a0 a1 a2", ""},
    {COUNT "{lt: 2}", "a0 a1 a20", "c{} 20-20 x1 =1\n"},
    {COUNT "{lte: 2}", "a0 a1 a2 a30 a31", "c{} 30-31 x2 =2\n"},
    {COUNT "{neq: 2}", "a0 a1 a30", "c{} 30-30 x1 =1\n"},
    {COUNT "{gte: 2, lt: 4}", "a0 a1 a2 a3 a30 a31 a60", "c{} 30-31 x2 =2\n"},
    // value_count
    {VALUES "{gte: 3, field: v}", "a0:x a1:y a2:x a3:y", ""},
    {VALUES "{gte: 3, field: v}", "a0:x a1:y a2:x a9:z", "c{} 0-9 x4 =3\n"},
    {VALUES "{gte: 2, field: v}", "a0:x a11:y", ""},
    {VALUES "{gte: 2, field: v}", "a0:x a1 a2", ""},
    // temporal
    {TEMPORAL, "c0 a4 b10", "c{} 0-10 x3 =3\n"},
    {TEMPORAL, "c0 a4 b11", ""},
    {TEMPORAL, "abc3", "c{} 3-3 x1 =3\n"},
    {TEMPORAL ", condition: {gte: 2}", "a0 a1 c5", "c{} 0-5 x3 =2\n"},
    {TEMPORAL ", condition: a and (b or c)", "a0 c5", "c{} 0-5 x2 =2\n"},
    {TEMPORAL ", condition: a and b and not c", "a0 b1 c2 a30 b31", "c{} 30-31 x2 =2\n"},
    {TEMPORAL ", condition: a and b and not c", "a0 b1 c12", "c{} 0-1 x2 =2\n"},
    // temporal_ordered: the same second is in order.
    {ORDERED, "a0 b1 c2", "c{} 0-2 x3 =3\n"},
    {ORDERED, "a0 c1 b2", ""},
    {ORDERED, "c5 b5 a5", "c{} 5-5 x3 =3\n"},
    {ORDERED, "b0 a1 c2 b3 c11", "c{} 1-11 x4 =3\n"},
    {ORDERED, "a0 b5 c11", ""},
    {ORDERED ", condition: {gte: 2}", "c0 b1 a2", ""},
    {ORDERED ", condition: {gte: 2}", "b0 a1 c2", "c{} 0-2 x3 =2\n"},
    {"type: temporal_ordered, rules: [a, b, c, d, e], timespan: 10s, condition: {gte: 4}",
     "a0 b1 d2 e3 c5", "c{} 0-5 x5 =4\n"},
    {ORDERED ", condition: a and (b or c)", "c0 b1 a2", ""},
    {ORDERED ", condition: a and (b or c)", "b0 a1 c2", "c{} 0-2 x3 =2\n"},
    {ORDERED ", condition: a and b and not c", "a0 b1 c2 a30 b31", "c{} 30-31 x2 =2\n"},
    // Numeric types
    {BY("sum") "{gt: 99, field: v}", "a0:50 a1:49 a11:51", "c{} 1-11 x2 =100\n"},
    {BY("sum") "{gt: 99, field: v}", "a0:90 a1:many", ""},
    {BY("sum") "{gte: 0.6, field: v}", "a0:0.5 a1:.1", "c{} 0-1 x2 =0.6\n"},
    {BY("avg") "{gt: 500, field: v}", "a0:600 a1:300", ""},
    {BY("avg") "{gt: 400, field: v}", "a0:600 a1:300", "c{} 0-1 x2 =450\n"},
    {BY("avg") "{lt: 10, field: v}", "a0:5 a1:20 a30:-2", "c{} 30-30 x1 =-2\n"},
    {BY("median") "{gte: 10, field: v}", "a0:1 a1:10 a2:1000", "c{} 0-2 x3 =10\n"},
    {BY("median") "{gte: 10, field: v}", "a0:1 a1:18", ""},
    {BY("median") "{gte: 10, field: v}", "a0:1 a1:19", "c{} 0-1 x2 =10\n"},
    {BY("percentile") "{gte: 9, percentile: 90, field: v}", "a0:0 a1:10", "c{} 0-1 x2 =9\n"},
    {BY("percentile") "{gte: 5, field: v}", "a0:0 a1:10", "c{} 0-1 x2 =5\n"},
    {BY("percentile") "{lte: 1, percentile: 0, field: v}", "a0:1 a1:10", "c{} 0-1 x2 =1\n"},
};
INSTANTIATE_TEST_SUITE_P(Types, TypeTest, ::testing::ValuesIn(kCases));

constexpr const char* kThreePerUser =
    "{name: c, correlation: {type: event_count, rules: [a], group-by: [user, ip], timespan: 10s, "
    "condition: {gte: 3}}}";

Seen by(const std::string& user, int64_t second, const std::string& ip = "1") {
  return {"a", second, user + ip + std::to_string(second), {{"user", user}, {"ip", ip}}};
}

TEST(Correlation, KeepsGroupsApart) {
  const Bench bench({kThreePerUser});
  EXPECT_EQ(told(bench, bench.judge({by("eve", 0), by("eve", 1), by("eve", 2, "2"), by("bob", 2)})),
            "");
  EXPECT_EQ(told(bench, bench.judge({by("eve", 0), by("bob", 1), by("eve", 2), by("bob", 3),
                                     by("eve", 4), by("bob", 5)})),
            "c{bob,1} 1-5 x3 =3\nc{eve,1} 0-4 x3 =3\n");
}

TEST(Correlation, ExcludesEventsWithoutEveryGroupField) {
  const Bench bench({kThreePerUser});
  auto state = bench.state();
  for (int64_t i = 0; i < 5; ++i) {
    bench.observe(state, {"a", i, std::to_string(i), {{"user", "eve"}}});
    bench.observe(state, {"a", i, "e" + std::to_string(i), {{"user", "eve"}, {"ip", ""}}});
  }
  EXPECT_TRUE(state.judge().empty());
  ASSERT_EQ(state.notes().size(), 1U);
  EXPECT_NE(state.notes()[0].find("group-by"), std::string::npos);
}

TEST(Correlation, CountsAMultiValuedFieldOnceForEachValue) {
  const Bench bench({kThreePerUser});
  std::vector<Seen> events;
  for (int64_t i = 0; i < 3; ++i) {
    events.push_back(
        {"a", i, std::to_string(i), {{"user", "eve"}, {"ip", "1"}, {"ip", "2"}, {"ip", "1"}}});
  }
  EXPECT_EQ(told(bench, bench.judge(events)), "c{eve,1} 0-2 x3 =3\nc{eve,2} 0-2 x3 =3\n");
}

TEST(Correlation, BoundsTheGroupsOfOneRecordAndSaysSo) {
  const Bench bench(
      {"{name: c, correlation: {type: event_count, rules: [a], group-by: ip, timespan: 1s, "
       "condition: {gte: 1}}}"});
  Seen seen{"a", 1, "k", {}};
  for (int i = 0; i < 500; ++i)
    seen.fields.emplace_back("ip", fmt::format("{:03}", 499 - i));
  auto state = bench.state();
  bench.observe(state, seen);
  const auto matches = state.judge();
  ASSERT_EQ(matches.size(), 64U);
  EXPECT_EQ(matches.back().group[0].second, "063");
  EXPECT_EQ(state.notes().size(), 1U);
}

TEST(Correlation, ReadsGroupsThroughAliases) {
  const Bench bench(
      {"{name: c, correlation: {type: temporal, rules: [a, b], group-by: who, timespan: 10s, "
       "aliases: {who: {a: arn, b: user}}}}"});
  const std::vector<Seen> events = {{"a", 0, "1", {{"arn", "eve"}, {"user", "x"}}},
                                    {"b", 1, "2", {{"user", "eve"}, {"arn", "y"}}}};
  EXPECT_EQ(told(bench, bench.judge(events)), "c{eve} 0-1 x2 =2\n");
  EXPECT_EQ(bench.judge(events)[0].group[0].first, "who");
}

TEST(Correlation, TriesTheFormatsNamesForAField) {
  const Bench bench(
      {"{name: c, correlation: {type: event_count, rules: [a], group-by: user, timespan: 1s, "
       "condition: {gte: 1}}}"});
  event::Schema schema;
  const event::Slot second = schema.add("userIdentity.userName");
  const event::Slot first = schema.add("userIdentity.arn");
  CorrelationState state(bench.rules(), testing::kFirstCorrelation);
  state.bind(3,
             Target{{},
                    [](std::string_view name, std::vector<std::string>& paths) {
                      if (name == "user")
                        paths = {"absent", "userIdentity.arn", "userIdentity.userName"};
                    }},
             schema);
  event::Fields fields;
  fields.reset(schema.size());
  fields.add(second, event::Value::Type::kString, "eve");
  state.observe(3, {0}, {at(1), hash128("1"), {}}, fields);
  fields.add(first, event::Value::Type::kString, "arn:eve");
  state.observe(3, {0}, {at(100), hash128("2"), {}}, fields);
  EXPECT_EQ(told(bench, state.judge()), "c{arn:eve} 100-100 x1 =1\nc{eve} 1-1 x1 =1\n");
}

TEST(Correlation, CountsDistinctTuplesOfSeveralFields) {
  const Bench bench(
      {"{name: c, correlation: {type: value_count, rules: [a], timespan: 10s, "
       "condition: {gte: 2, field: [x, y]}}}"});
  // "1","12" and "11","2" would be equal if values were simply joined.
  EXPECT_EQ(told(bench, bench.judge({{"a", 0, "1", {{"x", "1"}, {"y", "12"}}},
                                     {"a", 1, "2", {{"x", "11"}, {"y", "2"}}}})),
            "c{} 0-1 x2 =2\n");
  EXPECT_EQ(told(bench, bench.judge({{"a", 0, "1", {{"x", "1"}, {"y", "2"}}},
                                     {"a", 1, "2", {{"x", "1"}, {"y", "2"}}}})),
            "");
}

TEST(Correlation, SumsEveryValueOfARecordOnceAcrossRules) {
  const Bench bench(
      {"{name: c, correlation: {type: value_sum, rules: [b, a], timespan: 10s, "
       "condition: {gte: 1, field: v}}}"});
  EXPECT_EQ(told(bench, bench.judge({{"ab", 0, "1", {{"v", "5"}, {"v", "5"}}}})),
            "c{} 0-0 x1 =10\n");
}

TEST(Correlation, NamesTheRecordsBehindAMatch) {
  const Bench bench({kThreePerUser});
  auto matches = bench.judge({by("eve", 2), by("eve", 0), by("eve", 1)});
  ASSERT_EQ(matches.size(), 1U);
  ASSERT_EQ(matches[0].members.size(), 3U);
  EXPECT_EQ(matches[0].members[0].time, at(0));
  EXPECT_EQ(matches[0].members[0].rule, 0U);
  EXPECT_EQ(matches[0].members[0].key, hash128("eve10"));
  EXPECT_EQ(matches[0].rule, testing::kFirstCorrelation);
}

// Chains

TEST(CorrelationChain, FeedsInnerMatchesToTheOuter) {
  const Bench bench(
      {"{name: outer, correlation: {type: temporal_ordered, rules: [inner, b], group-by: who, "
       "timespan: "
       "60s, aliases: {who: {inner: user, b: actor}}}}",
       "{name: inner, correlation: {type: event_count, rules: [a], group-by: [user, ip], timespan: "
       "10s, "
       "condition: {gte: 3}}}"});
  std::vector<Seen> events = {by("eve", 0), by("eve", 1), by("eve", 2), by("bob", 0)};
  events.push_back({"b", 30, "login", {{"actor", "eve"}}});
  events.push_back({"b", 30, "other", {{"actor", "bob"}}});
  const auto matches = bench.judge(events);
  EXPECT_EQ(told(bench, matches), "outer{eve} 2-30 x2 =2\ninner{eve,1} 0-2 x3 =3\n");
  EXPECT_EQ(matches[0].members.size(), 4U) << "the three records of the inner match, and the login";
}

TEST(CorrelationChain, SeesALongInnerMatchToItsEnd) {
  const Bench bench(
      {"{name: inner, correlation: {type: event_count, rules: [a], timespan: 10s, condition: {gte: "
       "2}}}",
       "{name: outer, correlation: {type: temporal_ordered, rules: [inner, b], timespan: 10s}}",
       "{name: twice, correlation: {type: event_count, rules: [inner], timespan: 1h, condition: "
       "{gte: 2}}}"});
  std::string text;
  for (int second = 0; second < 200; second += 5)
    text += fmt::format("a{} ", second);
  const auto matches = bench.judge(events_of(text + "b201"));
  EXPECT_EQ(told(bench, matches), "inner{} 0-195 x40 =3\nouter{} 195-201 x2 =2\n")
      << "one growing match is one event";
}

TEST(CorrelationChain, NeverHoldsWhenItLeadsBackToItself) {
  const Bench bench(
      {"{name: one, correlation: {type: event_count, rules: [two, a], timespan: 10s, condition: "
       "{gte: 1}}}",
       "{name: two, correlation: {type: event_count, rules: [one, a], timespan: 10s, condition: "
       "{gte: 1}}}"});
  EXPECT_TRUE(bench.judge(events_of("a0 a1")).empty());
}

// Mistakes other engines shipped: see peers' issue trackers.

TEST(CorrelationRegression, TimespanIsApplied) {
  const Bench bench({kThreePerUser});
  EXPECT_TRUE(bench.judge({by("eve", 0), by("eve", 100), by("eve", 200), by("eve", 300)}).empty());
}

TEST(CorrelationRegression, AWindowIsNotTheWholeInput) {
  const Bench bench({kThreePerUser});
  std::vector<Seen> events;
  for (int64_t i = 0; i < 1000; ++i)
    events.push_back(by("eve", i * 8));
  for (int64_t i = 0; i < 3; ++i)
    events.push_back(by("eve", 20000 + i));
  EXPECT_EQ(told(bench, bench.judge(events)), "c{eve,1} 20000-20002 x3 =3\n");
}

TEST(CorrelationRegression, TwoCorrelationsShareABaseRule) {
  const Bench bench(
      {"{name: one, correlation: {type: event_count, rules: [a], timespan: 10s, condition: {gte: "
       "2}}}",
       "{name: two, correlation: {type: temporal, rules: [a, b], timespan: 10s}}"});
  EXPECT_EQ(told(bench, bench.judge(events_of("a0 a1 b2"))), "one{} 0-1 x2 =2\ntwo{} 0-2 x3 =2\n");
}

TEST(CorrelationRegression, EventsWithoutATimeAreLeftOutLoudly) {
  const Bench bench({kThreePerUser});
  auto state = bench.state();
  for (int64_t i = 0; i < 4; ++i) {
    Seen seen = by("eve", i);
    seen.second = -1;
    bench.observe(state, seen);
  }
  EXPECT_TRUE(state.judge().empty());
  ASSERT_EQ(state.notes().size(), 1U);
  EXPECT_NE(state.notes()[0].find("without a time"), std::string::npos);
}

TEST(CorrelationRegression, ManyRulesChangeNothing) {
  const auto numbered = [](int i) {
    return fmt::format(
        "{{name: c{}, correlation: {{type: event_count, rules: [{}], timespan: 10s, "
        "condition: {{gte: 3}}}}}}",
        i, static_cast<char>('a' + i % 8));
  };
  const auto events = events_of("a0 a1 a2 b0 b1 h0 h1 h2");
  std::vector<std::string> documents = {numbered(0)};
  const auto alone = Bench(documents).judge(events);
  for (int i = 1; i < 3000; ++i)
    documents.push_back(numbered(i));
  const Bench many(documents);
  const auto matches = many.judge(events);
  EXPECT_EQ(matches.size(), 750U) << "every correlation over a or h";
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_EQ(alone[0].members, matches[0].members);
}

// Bounds

TEST(CorrelationBounds, AFloodDegradesAlikeInAnyOrderAndIsTold) {
  const Bench bench(
      {"{name: c, correlation: {type: value_count, rules: [a], timespan: 1h, condition: {gte: 3, "
       "field: v}}}",
       "{name: t, correlation: {type: temporal, rules: [a, b], timespan: 1h}}"});
  std::vector<Seen> events;
  for (int64_t i = 0; i < 20000; ++i)
    events.push_back({"a", i % 3000, fmt::format("k{}", i), {{"v", "same"}}});
  events.push_back({"a", 1500, "x", {{"v", "rare"}}});
  events.push_back({"a", 1501, "y", {{"v", "seldom"}}});
  events.push_back({"b", 1502, "z", {}});
  auto forward = bench.state();
  for (const Seen& seen : events)
    bench.observe(forward, seen);
  auto backward = bench.state();
  auto part = bench.state();
  for (size_t i = events.size(); i-- > 0;)
    bench.observe(i % 2 == 0 ? backward : part, events[i]);
  backward.merge(std::move(part));

  const auto matches = forward.judge();
  ASSERT_EQ(matches.size(), 2U) << "neither rare values nor the other rule are flooded out";
  EXPECT_EQ(matches[0].value, 3);
  EXPECT_EQ(matches[0].members.size(), CorrelationMatch::kMaxMembers);
  EXPECT_LT(matches[0].events, 20000U);
  EXPECT_EQ(told(bench, backward.judge()), told(bench, matches));
  EXPECT_EQ(backward.judge()[1].members, matches[1].members);
  EXPECT_EQ(forward.notes().size(), 2U);
  EXPECT_EQ(backward.notes(), forward.notes());
}

TEST(CorrelationBounds, GroupsBeyondTheBoundAreASampleInAnyOrderAndTold) {
  const Bench bench(
      {"{name: c, correlation: {type: event_count, rules: [a], group-by: [user], timespan: 1h, "
       "condition: {gte: 2}}}"});
  constexpr int64_t kGroups = 100'050;
  auto forward = bench.state();
  auto backward = bench.state();
  auto part = bench.state();
  const auto see = [&](CorrelationState& state, int64_t group) {
    const std::string user = std::to_string(group % kGroups);
    bench.observe(state, {"a", group / kGroups, fmt::format("k{}", group), {{"user", user}}});
  };
  for (int64_t i = 0; i < 2 * kGroups; ++i) {
    see(forward, i);
    see(i % 3 == 0 ? backward : part, 2 * kGroups - 1 - i);
  }
  backward.merge(std::move(part));
  const auto matches = forward.judge();
  EXPECT_EQ(matches.size(), 100'000U);
  EXPECT_TRUE(told(bench, backward.judge()) == told(bench, matches));
  ASSERT_EQ(forward.notes().size(), 1U);
  EXPECT_NE(forward.notes()[0].find("more than 100,000 groups"), std::string::npos);
  EXPECT_EQ(backward.notes(), forward.notes());
}

TEST(CorrelationState, CitesRecordsByTheIdsItWasGiven) {
  const Bench bench(
      {"{name: c, correlation: {type: event_count, rules: [a], timespan: 1h, condition: {gte: "
       "2}}}"});
  auto state = bench.state();
  bench.observe(state, {"a", 1, "first"});
  bench.observe(state, {"a", 2, "second"});
  const auto matches = state.judge();
  ASSERT_EQ(matches.size(), 1U);
  ASSERT_EQ(matches[0].members.size(), 2U);
  EXPECT_EQ(matches[0].members[0].record_id, "id of first");
  EXPECT_EQ(matches[0].members[1].record_id, "id of second");
}

TEST(CorrelationState, HandsBackWhatHangsOnTheRecordsOfTheSpanAlone) {
  const Bench bench(
      {"{name: often, correlation: {type: event_count, rules: [a], group-by: user, timespan: 1h, "
       "condition: {gte: 2}}}",
       "{name: d, correlation: {type: temporal, rules: [often, b], timespan: 2h}}"});
  auto state = bench.state();
  EXPECT_TRUE(state.counts({7, 0}) && !state.counts({7}));
  for (const int64_t second : {1, 2, 1'000'000}) {
    bench.observe(state, {"a", second, fmt::format("eve's {}", second), {{"user", "eve"}}});
  }
  bench.observe(state, {"a", 3, "bob's", {{"user", "bob"}}});
  bench.observe(state, {"b", 60, "other"});
  const auto matches = state.judge();
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(attached(matches[0]), "of eve's 1, of eve's 2");
  EXPECT_EQ(attached(matches[1]), "of eve's 1, of eve's 2, of other");
}

TEST(CorrelationBounds, AThresholdAboveTheUsualBoundIsStillReached) {
  const Bench bench(
      {"{name: c, correlation: {type: event_count, rules: [a], timespan: 1h, condition: "
       "{gte: 10000}}}"});
  std::vector<Seen> events;
  for (int64_t i = 0; i < 10000; ++i)
    events.push_back({"a", i % 3000, std::to_string(i)});
  EXPECT_EQ(bench.judge(events).size(), 1U);
  events.pop_back();
  EXPECT_TRUE(bench.judge(events).empty());
}

TEST(CorrelationRun, KeepsTheSmallestPlaceOfARecord) {
  const RunLimits limits{10, 4, false};
  CorrelationRun run;
  run.add({at(1), hash128("k"), 0, 0, 0, {2, 7}}, limits);
  run.add({at(1), hash128("k"), 0, 0, 0, {1, 9}}, limits);
  const auto entries = run.finished(limits);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].ref, (event::RecordRef{1, 9}));
}

TEST(CorrelationRun, KeepsTheEndsOfAFloodInEveryBucket) {
  const RunLimits limits{100 * kSecond, 4, true};
  CorrelationRun run;
  for (int64_t second = 0; second < 1000; ++second) {
    const auto key = hash128(fmt::format("k{}", second));
    run.add({at(second), key, 0, 0, static_cast<uint64_t>(second % 2), {}}, limits);
  }
  std::set<int64_t> kept;
  for (const RunEntry& entry : run.finished(limits))
    kept.insert((entry.time - at(0)) / kSecond);
  for (const int64_t second : {0, 1, 98, 99, 100, 101, 198, 199, 998, 999}) {
    EXPECT_EQ(kept.count(second), 1U) << second;
  }
  EXPECT_LE(kept.size(), 10U * (4 + 2 * 2));
  EXPECT_TRUE(run.overflowed(limits));
}

TEST(CorrelationRun, BoundsAreTheSameHoweverItIsSplit) {
  const RunLimits limits{50 * kSecond, 8, true};
  EXPECT_TRUE(rc::check([&] {
    const auto numbers = *rc::gen::container<std::vector<int>>(400, rc::gen::inRange(0, 2000));
    CorrelationRun whole;
    CorrelationRun parts[3];
    for (const int n : numbers) {
      const RunEntry entry{at(n % 97), hash128(std::to_string(n)),    static_cast<uint16_t>(n % 2),
                           0,          static_cast<uint64_t>(n % 13), {}};
      whole.add(entry, limits);
      parts[*rc::gen::inRange(0, 3)].add(entry, limits);
    }
    parts[2].merge(std::move(parts[0]), limits);
    parts[2].merge(std::move(parts[1]), limits);
    RC_ASSERT(parts[2].finished(limits) == whole.finished(limits));
    RC_ASSERT(parts[2].overflowed(limits) == whole.overflowed(limits));
  }));
}

TEST(Correlation, NotesSurviveMerging) {
  const Bench bench({kThreePerUser});
  auto whole = bench.state();
  auto part = bench.state();
  Seen seen = by("eve", 0);
  seen.second = -1;
  bench.observe(part, seen);
  whole.merge(std::move(part));
  EXPECT_EQ(whole.notes().size(), 1U);
}

}  // namespace
}  // namespace davy::sigma
