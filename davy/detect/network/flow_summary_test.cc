// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_summary.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <rapidcheck.h>

#include "davy/detect/network/flow_test_records.h"

namespace davy::detect {
namespace {

TEST(AddressTest, TellsTheInternetFromInside) {
  const struct {
    std::string_view text;
    bool is_public;
  } kCases[] = {
      {"8.8.8.8", true},     {"10.255.0.1", false},  {"172.15.0.1", true},
      {"172.31.0.1", false}, {"192.168.1.1", false}, {"100.127.0.1", false},
      {"100.128.0.1", true}, {"127.0.0.1", false},   {"169.254.169.254", false},
      {"224.0.0.1", false},  {"239.1.1.1", false},   {"255.255.255.255", false},
      {"0.0.0.0", false},    {"198.19.0.1", false},  {"203.0.113.9", true},
      {"2001:db8::1", true}, {"fd00::1", false},     {"fe80::1", false},
      {"ff02::1", false},    {"::1", false},         {"::ffff:8.8.8.8", true},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(is_public(intel::parse_address(c.text).value()), c.is_public) << c.text;
  }
}

TEST(PortSetTest, KeepsTheSmallestAndSaysThatThereWereMore) {
  EXPECT_TRUE(rc::check("order does not matter", [](const std::vector<uint16_t>& ports) {
    PortSet left;
    PortSet right;
    for (size_t i = 0; i < ports.size(); ++i)
      (i % 3 == 0 ? left : right).add(ports[i]);
    left.merge(right);
    const std::set<uint16_t> distinct(ports.begin(), ports.end());
    RC_ASSERT(left.count() == std::min(distinct.size(), PortSet::kSize));
    RC_ASSERT(left.more() == (distinct.size() > PortSet::kSize));
    size_t i = 0;
    for (const uint16_t port : distinct) {
      if (i == left.count()) break;
      RC_ASSERT(left[i++] == port);
    }
  }));
}

TEST(FlowCellTest, HoldsEveryMinuteBothWays) {
  EXPECT_TRUE(rc::check("totals come back as the maximum added", [] {
    FlowCell cell;
    std::map<std::pair<unsigned, bool>, MinuteTotals> expected;
    for (int n = *rc::gen::inRange(0, 200); n > 0; --n) {
      const auto minute = *rc::gen::inRange(0u, 60u);
      const bool in = *rc::gen::arbitrary<bool>();
      const MinuteTotals totals{*rc::gen::inRange<uint64_t>(0, 1u << 20),
                                *rc::gen::inRange<uint64_t>(0, 99)};
      cell.add_totals(in ? kIn : kOut, minute, totals);
      MinuteTotals& held = expected[{minute, in}];
      held = {std::max(held.bytes, totals.bytes), std::max(held.packets, totals.packets)};
    }
    RC_ASSERT(cell.totals.size() == expected.size());
    for (const auto& [place, totals] : expected) {
      const MinuteTotals held = cell.at(place.second ? kIn : kOut, place.first);
      RC_ASSERT(held.bytes == totals.bytes);
      RC_ASSERT(held.packets == totals.packets);
    }
  }));
}

TEST(FlowCellTest, SaturatesInsteadOfOverflowing) {
  FlowCell cell;
  cell.add_totals(kOut, 3, {UINT64_MAX, UINT64_MAX});
  EXPECT_EQ(cell.at(kOut, 3).bytes, (uint64_t{1} << 40) - 1);
  EXPECT_EQ(cell.at(kOut, 3).packets, (uint64_t{1} << 24) - 1);
}

RecordMark record_mark(uint64_t i) {
  return {Time{1 + static_cast<int64_t>(i)}, hash64(std::to_string(i)), {}};
}

TEST(EgressCellTest, ExactForFewRecordsAndUnbiasedForMany) {
  EgressCell few;
  for (uint64_t i = 0; i < EgressCell::kExact; ++i) {
    few.add(record_mark(i), 1000 + i);
    few.add(record_mark(i), 1000 + i);
  }
  EXPECT_TRUE(few.exact());
  EXPECT_EQ(few.bytes(), 64 * 1000 + 63 * 32);

  double total_error = 0;
  constexpr int kTrials = 50;
  for (uint64_t trial = 0; trial < kTrials; ++trial) {
    EgressCell many;
    double truth = 0;
    for (uint64_t i = 0; i < 3000; ++i) {
      const uint64_t bytes = 100 + (i * i) % 50'000;
      many.add(record_mark(trial * 10'000 + i), bytes);
      truth += static_cast<double>(bytes);
    }
    EXPECT_FALSE(many.exact());
    EXPECT_NEAR(many.bytes() / truth, 1, 4 * 0.13);
    total_error += many.bytes() / truth - 1;
  }
  EXPECT_NEAR(total_error / kTrials, 0, 3 * 0.13 / std::sqrt(kTrials));
}

TEST(FlowSummaryTest, LongRecordsAreSpreadEvenly) {
  FlowRecord record;
  record.start = kMonday + 3600 - 300;  // five minutes before the hour, for ten
  record.end = record.start + 600;
  record.bytes = 1003;
  record.packets = 20;
  FlowSummary summary(test_interest());
  observe(summary, record);
  uint64_t bytes = 0;
  size_t minutes = 0;
  ASSERT_EQ(summary.flow_cells().size(), 2u);
  for (const FlowCell* cell : summary.flow_cells()) {
    EXPECT_TRUE(cell->spread);
    EXPECT_EQ(std::popcount(cell->filled[kOut]), 5);
    for (unsigned minute = 0; minute < 60; ++minute) {
      bytes += cell->at(kOut, minute).bytes;
      minutes += cell->at(kOut, minute).packets == 2 ? 1u : 0u;
    }
  }
  EXPECT_EQ(bytes, 1003u);
  EXPECT_EQ(minutes, 10u);
}

TEST(FlowSummaryTest, KeepsWhatTheJudgesReadAndNothingElse) {
  const auto cells = [](const FlowRecord& record) {
    FlowSummary summary(test_interest());
    FlowRecord timed = record;
    timed.start = timed.end = kMonday;
    observe(summary, timed);
    return summary.flow_cells().size();
  };
  FlowRecord r;
  EXPECT_EQ(cells(r), 1u) << "public service";
  r.remote = "10.9.9.9";
  EXPECT_EQ(cells(r), 0u) << "inside";
  r.remote_port = 3333;
  EXPECT_EQ(cells(r), 0u) << "inside, mining port";
  r = {};
  r.protocol = 17;
  EXPECT_EQ(cells(r), 0u) << "UDP";
  r.remote = "198.51.100.7";
  EXPECT_EQ(cells(r), 1u) << "UDP, known";
  r = {};
  r.local_port = 443;
  r.remote_port = 50000;
  EXPECT_EQ(cells(r), 0u) << "the workload serves";
  r.remote = "198.51.100.7";
  EXPECT_EQ(cells(r), 1u) << "the workload serves a known address";
  r = {};
  r.local_port = 40000;
  r.remote_port = 45700;
  EXPECT_EQ(cells(r), 0u) << "the lower port serves";
}

std::vector<FlowRecord> arbitrary_records() {
  static const std::vector<std::string> kRemotes = {"203.0.113.9", "203.0.113.10", "198.51.100.7",
                                                    "198.51.100.8", "2001:db8::1"};
  std::vector<FlowRecord> records = session(mining_minutes(*rc::gen::inRange<size_t>(0, 90)));
  for (int n = *rc::gen::inRange(0, 120); n > 0; --n) {
    FlowRecord r;
    const auto host = *rc::gen::inRange(1, 5);
    r.local = fmt::format("10.0.0.{}", host);
    r.interface = fmt::format("eni-{}", host);
    r.instance = *rc::gen::element<std::string>("", "i-1", "i-2");
    r.vpc = *rc::gen::element<std::string>("", "vpc-1");
    r.remote = *rc::gen::elementOf(kRemotes);
    r.remote_port = *rc::gen::element<uint16_t>(443, 3333, 4444, 60000);
    r.local_port = static_cast<uint16_t>(40000 + *rc::gen::inRange(0, 40));
    r.protocol = *rc::gen::element<uint8_t>(6, 6, 6, 17);
    r.tcp_flags = *rc::gen::element<uint8_t>(0, 2, 18, 19);
    r.outbound = *rc::gen::arbitrary<bool>();
    r.accepted = *rc::gen::inRange(0, 4) != 0;
    r.bytes = *rc::gen::element<uint64_t>(40, 400, 90'000, 900'000'000);
    r.packets = *rc::gen::inRange<uint64_t>(1, 30);
    r.start = kMonday + *rc::gen::inRange(0, 6 * 3600);
    r.end = r.start + *rc::gen::element(0, 20, 59, 600);
    r.aws_service = *rc::gen::element<std::string>("", "", "S3");
    r.ref = {2, static_cast<uint64_t>(n) * 100};
    records.push_back(r);
  }
  return records;
}

/// The law every summary obeys: order, splits, duplicates and merge order change nothing.
TEST(FlowSummaryTest, OrderSplitsAndDuplicatesChangeNothing) {
  EXPECT_TRUE(rc::check("judgements are byte-identical", [] {
    const FlowLimits limits{*rc::gen::element<size_t>(3, 20, 1000),
                            *rc::gen::element<size_t>(2, 1000)};
    const std::vector<FlowRecord> records = arbitrary_records();
    FlowSummary whole(test_interest(), limits);
    for (const FlowRecord& record : records)
      observe(whole, record);
    const std::string expected = to_text(judge(whole));

    std::mt19937 random(*rc::gen::arbitrary<unsigned>());
    std::vector<FlowRecord> shuffled = records;
    for (const FlowRecord& record : records) {
      if (random() % 4 != 0) continue;
      shuffled.push_back(record);
      shuffled.back().ref.source +=
          static_cast<uint32_t>(random() % 2);  // the same file again, or a later copy
    }
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    std::vector<FlowSummary> parts(1 + random() % 4, FlowSummary(test_interest(), limits));
    for (const FlowRecord& record : shuffled)
      observe(parts[random() % parts.size()], record);
    std::shuffle(parts.begin(), parts.end(), random);
    for (size_t i = 1; i < parts.size(); ++i)
      parts[0].merge(parts[i]);
    RC_ASSERT(to_text(judge(parts[0])) == expected);
  }));
}

TEST(FlowSummaryTest, TheBoundKeepsMiningPortsAndSaysWhatWasLost) {
  FlowSummary summary(test_interest(), {100, 100});
  for (unsigned i = 0; i < 5000; ++i) {
    FlowRecord r;
    r.start = r.end = kMonday;
    r.remote = fmt::format("192.1.{}.{}", i / 250, i % 250);
    r.remote_port = i % 100 == 0 ? 3333 : 443;
    observe(summary, r);
  }
  size_t mining = 0;
  for (const FlowCell* cell : summary.flow_cells())
    mining += cell->key.port == 3333 ? 1 : 0;
  EXPECT_EQ(summary.flow_cells().size(), 100u);
  EXPECT_EQ(mining, 50u);
  ASSERT_EQ(summary.degradations().size(), 1u);
  const std::string note = summary.degradations()[0];
  const std::string_view before = "flow summaries sampled: about ";
  ASSERT_TRUE(note.starts_with(before)) << note;
  EXPECT_NEAR(std::stod(note.substr(before.size())), 100.0 * 50 / 4950, 0.5) << note;
}

TEST(FlowSummaryTest, WhatAPartLeftOutTheWholeTells) {
  for (unsigned services = 100; services < 260; services += 1) {
    FlowSummary part(test_interest(), {100, 100});
    for (unsigned i = 0; i < services; ++i) {
      FlowRecord r;
      r.start = r.end = kMonday;
      r.remote = fmt::format("192.1.{}.{}", i / 250, i % 250);
      observe(part, r);
    }
    FlowSummary whole(test_interest(), {100, 100});
    whole.merge(part);
    EXPECT_EQ(whole.degradations(), part.degradations()) << services;
    EXPECT_EQ(part.degradations().empty(), services == 100) << services;
  }
}

}  // namespace
}  // namespace davy::detect
