// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_judge.h"

#include <cmath>
#include <cstddef>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "davy/decode/vpc_flow.h"
#include "davy/detect/network/flow_test_records.h"
#include "davy/detect/network/stratum_envelope.h"

namespace davy::detect {
namespace {

using event::EntityType;

std::string entity(const Detection& detection, EntityType type) {
  for (const event::Entity& entity : detection.entities) {
    if (entity.type == type) return entity.id;
  }
  return "";
}

TEST(StratumEnvelopeTest, AMiningSessionIsReportedWithWhatWasExpected) {
  const Judged judged = judge(session(mining_minutes(200)));
  ASSERT_EQ(judged.detections.size(), 1u) << to_text(judged);
  const Detection& d = judged.detections[0];
  EXPECT_EQ(d.detector, "stratum_envelope");
  EXPECT_EQ(d.claim, Claim::kConsistent);
  EXPECT_EQ(d.level, Level::kMedium);
  EXPECT_DOUBLE_EQ(d.weight, 1.2);
  EXPECT_EQ(entity(d, EntityType::kInstance), "i-0a");
  EXPECT_EQ(entity(d, EntityType::kInterface), "eni-0a");
  EXPECT_EQ(entity(d, EntityType::kAddress), "vpc-1/10.0.0.5");
  EXPECT_EQ(entity(d, EntityType::kRemoteAddress), "203.0.113.9:443");
  EXPECT_EQ(entity(d, EntityType::kAccount), "123456789012");
  EXPECT_EQ(entity(d, EntityType::kRegion), "eu-west-1");
  EXPECT_EQ(d.indicators, (std::vector<Indicator>{{IndicatorType::kIpPort, "203.0.113.9:443",
                                                   IndicatorRole::kSessionPeer}}));
  EXPECT_NE(d.detail.find("observed over 3 h 20 min"), std::string::npos) << d.detail;
  EXPECT_EQ(d.time.ns, kMonday * kSecond);
  EXPECT_FALSE(d.evidence.empty());
}

TEST(FlowEvidenceTest, RecordsOfOneSecondAreToldApartAndNamed) {
  FlowRecord first;
  first.start = first.end = kMonday;
  first.remote_port = 3333;
  FlowRecord second = first;
  second.local_port = 50001;
  second.ref = {0, 100};
  const auto found = judge({first, second, second}).of("mining_port");
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].evidence.size(), 2u);
  EXPECT_NE(found[0].evidence[0].record_id, found[0].evidence[1].record_id);
  for (const Evidence& evidence : found[0].evidence)
    EXPECT_TRUE(evidence.record_id.starts_with("vpc_flow:")) << evidence.record_id;
}

TEST(StratumEnvelopeTest, LengthAndPortDecideTheWeight) {
  const struct {
    size_t minutes;
    uint16_t port;
    double weight;
    Level level;
  } kCases[] = {
      {4, 443, 0, Level::kInformational}, {10, 443, 0.3, Level::kInformational},
      {25, 443, 1.0, Level::kMedium},     {90, 443, 1.2, Level::kMedium},
      {300, 443, 1.4, Level::kMedium},    {800, 443, 1.6, Level::kMedium},
      {800, 3333, 2.0, Level::kHigh},     {10, 3333, 0.3, Level::kInformational},
  };
  for (const auto& c : kCases) {
    FlowRecord like;
    like.remote_port = c.port;
    const auto found = judge(session(mining_minutes(c.minutes), like)).of("stratum_envelope");
    ASSERT_EQ(found.size(), c.weight > 0 ? 1u : 0u) << c.minutes << " min, port " << c.port;
    if (c.weight == 0) continue;
    EXPECT_DOUBLE_EQ(found[0].weight, c.weight) << c.minutes << " min, port " << c.port;
    EXPECT_EQ(found[0].level, c.level);
  }
}

TEST(StratumEnvelopeTest, TenMinuteAggregationIsSeenToo) {
  std::vector<FlowRecord> aggregated;
  const std::vector<SampleMinute> minutes = mining_minutes(240);
  for (size_t i = 0; i < minutes.size(); i += 10) {
    SampleMinute sum{};
    for (size_t m = i; m < i + 10; ++m) {
      sum.out_bytes += minutes[m].out_bytes;
      sum.out_packets += minutes[m].out_packets;
      sum.in_bytes += minutes[m].in_bytes;
      sum.in_packets += minutes[m].in_packets;
    }
    for (FlowRecord record : session({sum})) {
      record.start += static_cast<int64_t>(i) * 60 + 35;
      record.end = record.start + 597;
      aggregated.push_back(record);
    }
  }
  EXPECT_EQ(judge(aggregated).of("stratum_envelope").size(), 1u);
}

TEST(StratumEnvelopeTest, PausesCutTheSessionButNotTheDetection) {
  std::vector<FlowRecord> records = session(mining_minutes(60));
  for (FlowRecord record : session(mining_minutes(90, 2))) {
    record.start += 8 * 3600;
    record.end += 8 * 3600;
    records.push_back(record);
  }
  const auto found = judge(records).of("stratum_envelope");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_DOUBLE_EQ(found[0].measures.at("session_minutes"), 150);
  EXPECT_EQ(found[0].end_time.ns, (kMonday + 8 * 3600 + 89 * 60) * kSecond);
}

/// Twelve hours of what is not mining; `jitter` is a fraction of the mean.
std::vector<SampleMinute> benign_minutes(SampleMinute mean, double jitter, double slow_wave = 0) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> noise(1 - jitter, 1 + jitter);
  std::vector<SampleMinute> minutes;
  for (size_t i = 0; i < 720; ++i) {
    const double load = noise(random) * (1 + slow_wave * std::sin(static_cast<double>(i) / 40));
    const auto scale = [&](uint64_t value) {
      return static_cast<uint64_t>(static_cast<double>(value) * std::max(load, 0.05) + 0.5);
    };
    minutes.push_back({scale(mean.out_bytes), std::max<uint64_t>(scale(mean.out_packets), 1),
                       scale(mean.in_bytes), std::max<uint64_t>(scale(mean.in_packets), 1)});
  }
  return minutes;
}

/// The bound that the only service's first run breaks; empty when it is inside all.
std::string_view broken(const std::vector<FlowRecord>& records) {
  FlowSummary summary(test_interest());
  for (const FlowRecord& record : records)
    observe(summary, record);
  const FlowService service = flow_services(summary, test_interest()).at(0);
  const EnvelopeBound* bound = broken_bound(session_shape(flow_runs(service).at(0), service));
  return bound == nullptr ? std::string_view{} : bound->name;
}

TEST(StratumEnvelopeTest, EveryBoundExcludesSomethingByItself) {
  std::vector<SampleMinute> silent = mining_minutes(720);
  for (size_t i = 5; i < silent.size(); i += 7)
    silent[i] = {};
  std::vector<SampleMinute> bursts = benign_minutes({700, 7, 1'400, 7}, 0.3);
  for (size_t i = 0; i < bursts.size(); ++i) {
    if (i / 10 % 6 == 0) bursts[i] = {1'300, 7, 1'300, 28};
  }
  std::vector<FlowRecord> reconnecting = session(mining_minutes(720));
  for (FlowRecord& r : reconnecting)
    r.local_port = static_cast<uint16_t>(r.start / 1200 % 20000 + 40000);
  const struct {
    std::vector<FlowRecord> records;
    std::string_view bound;
  } kCases[] = {
      {session(mining_minutes(720)), ""},
      {session(benign_minutes({160, 1, 800, 4}, 0.3)), "packets out a minute"},
      {session(benign_minutes({2'400, 40, 4'000, 20}, 0.3)), "packets out a minute"},
      {session(benign_minutes({1'000, 10, 900, 1}, 0.3)), "packets in a minute"},
      {session(benign_minutes({1'000, 10, 8'000, 40}, 0.3)), "packets in a minute"},
      {session(benign_minutes({90, 2, 1'000, 4}, 0.3)), "bytes out a minute"},
      {session(benign_minutes({90'000, 20, 1'000, 4}, 0.3)), "bytes out a minute"},
      {session(benign_minutes({300, 4, 160, 2}, 0.1)), "bytes in a minute"},
      {session(benign_minutes({1'500, 20, 18'000, 20}, 0.3)), "bytes in a minute"},
      {session(benign_minutes({300, 10, 1'500, 10}, 0.3)), "bytes a packet out"},
      {session(benign_minutes({4'000, 10, 1'500, 10}, 0.3)), "bytes a packet out"},
      {session(benign_minutes({640, 8, 560, 8}, 0.3)), "bytes a packet in"},
      {session(benign_minutes({640, 8, 11'000, 8}, 0.05)), "bytes a packet in"},
      {session(silent), "share of minutes with traffic"},
      {session(bursts), "share of ten-minute windows inside"},
      {session(benign_minutes({1'400, 10, 4'000, 10}, 0.3, 0.7)),
       "variation between ten-minute windows"},
      {session(benign_minutes({600, 6, 2'400, 6}, 0)), "variation between minutes"},
      {reconnecting, "reconnects an hour"},
  };
  std::set<std::string_view> named;
  for (const auto& c : kCases) {
    EXPECT_EQ(broken(c.records), c.bound);
    named.insert(c.bound);
  }
  EXPECT_EQ(named.size(), stratum_envelope().size() + 1);
}

FlowRecord to_port(uint16_t port) {
  FlowRecord record;
  record.remote_port = port;
  return record;
}

FlowRecord with(FlowRecord record, void (*change)(FlowRecord&)) {
  change(record);
  return record;
}

TEST(StratumEnvelopeTest, LookAlikesAreNotReported) {
  const std::vector<SampleMinute> mining = mining_minutes(720);
  const struct {
    std::string_view name;
    std::vector<FlowRecord> records;
  } kCases[] = {
      {"SSH keep-alive", session(benign_minutes({196, 3, 196, 3}, 0.3), to_port(2222))},
      {"SSH session with a miner's rhythm", session(mining, to_port(22))},
      {"WebSocket ping", session(benign_minutes({116, 2, 116, 2}, 0.2))},
      {"WebSocket push, a metronome", session(benign_minutes({600, 6, 2400, 6}, 0))},
      {"MQTT keep-alive", session(benign_minutes({108, 2, 108, 2}, 0.3), to_port(8883))},
      {"MQTT over 443", session(benign_minutes({108, 2, 108, 2}, 0.3))},
      {"push service", session(mining, to_port(5228))},
      {"Kafka consumer, public broker", session(mining, to_port(9092))},
      {"Kafka consumer",
       session(mining, with(to_port(9092), [](FlowRecord& r) { r.remote = "10.1.1.1"; }))},
      {"database pool",
       session(mining, with(to_port(5432), [](FlowRecord& r) { r.remote = "10.1.1.2"; }))},
      {"telemetry agent", session(benign_minutes({24'000, 24, 2'000, 16}, 0.3))},
      {"metrics agent, small batches", session(benign_minutes({2'700, 9, 900, 8}, 0.3))},
      {"AWS agent", session(mining, with({}, [](FlowRecord& r) { r.aws_service = "AMAZON"; }))},
      {"NTP", session(mining, with(to_port(123), [](FlowRecord& r) { r.protocol = 17; }))},
      {"VPN over UDP",
       session(mining, with(to_port(1194), [](FlowRecord& r) { r.protocol = 17; }))},
      {"chat driven by people", session(benign_minutes({900, 8, 2'000, 8}, 0.5, 0.95))},
      {"feed of an exchange", session(benign_minutes({1'500, 20, 40'000, 50}, 0.3))},
      {"opened from outside", session(mining, with({}, [](FlowRecord& r) { r.tcp_flags = 18; }))},
      {"served by the workload",
       session(mining, with(to_port(50001), [](FlowRecord& r) { r.local_port = 443; }))},
  };
  for (const auto& c : kCases) {
    if (c.name == "opened from outside") {
      // Only the workload's own SYN-ACK says so; a server's SYN-ACK is what a miner receives.
      EXPECT_TRUE(judge(c.records).of("stratum_envelope").empty()) << c.name;
      continue;
    }
    EXPECT_TRUE(judge(c.records).detections.empty()) << c.name << '\n' << to_text(judge(c.records));
  }
}

TEST(StratumEnvelopeTest, ANatGatewaysViewIsTheSameSessionAndItsInterfaceTiesNobody) {
  const std::vector<FlowRecord> own = session(mining_minutes(120));
  std::vector<FlowRecord> both;
  for (size_t i = 0; i < own.size(); ++i) {
    FlowRecord gateway = own[i];
    gateway.interface = "eni-gateway";
    gateway.instance = "";
    if (i % 3 != 0) both.push_back(own[i]);  // each view misses some records
    if (i % 3 != 1) both.push_back(gateway);
  }
  const auto seen_once = judge(own).of("stratum_envelope");
  const auto seen_twice = judge(both).of("stratum_envelope");
  ASSERT_EQ(seen_once.size(), 1u);
  ASSERT_EQ(seen_twice.size(), 1u);
  EXPECT_EQ(seen_twice[0].entities, seen_once[0].entities);
  EXPECT_EQ(seen_twice[0].measures, seen_once[0].measures);
}

TEST(StratumEnvelopeTest, InterfacesWithTheSameEndingAreNotMixedUp) {
  std::vector<FlowRecord> records;
  for (const std::string& end : std::vector<std::string>{"1", "2"}) {
    FlowRecord like;
    like.interface = "eni-" + end + "aaaa";
    like.instance = "";
    like.vpc = "";
    for (const FlowRecord& record : session(mining_minutes(60), like))
      records.push_back(record);
  }
  const auto found = judge(records).of("stratum_envelope");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(entity(found[0], EntityType::kInterface), "eni-1aaaa");
  EXPECT_EQ(entity(found[1], EntityType::kInterface), "eni-2aaaa");
}

TEST(StratumEnvelopeTest, PollingOverNewConnectionsIsNotASession) {
  std::vector<FlowRecord> records = session(mining_minutes(120));
  for (FlowRecord& record : records) {
    record.local_port = static_cast<uint16_t>(50000 + (record.start - kMonday) / 600);
  }
  EXPECT_TRUE(judge(records).detections.empty());
}

TEST(StratumEnvelopeTest, WhatMostWorkloadsUseIsInfrastructureUnlessNotable) {
  const auto fleet = [](uint16_t port) {
    std::vector<FlowRecord> records;
    for (int host = 1; host <= 10; ++host) {
      FlowRecord like = to_port(port);
      like.local = "10.0.0." + std::to_string(host);
      like.instance = "i-" + std::to_string(host);
      const auto one = session(mining_minutes(60, static_cast<unsigned>(host)), like);
      records.insert(records.end(), one.begin(), one.end());
    }
    return records;
  };
  const Judged shared = judge(fleet(443));
  EXPECT_TRUE(shared.detections.empty()) << to_text(shared);
  ASSERT_EQ(shared.notes.size(), 1u);
  EXPECT_NE(shared.notes[0].find("10 of 10 workloads"), std::string::npos) << shared.notes[0];
  EXPECT_EQ(judge(fleet(3333)).of("stratum_envelope").size(), 10u);
}

TEST(MiningPortTest, OneConnectionIsInformationalManyAreWeak) {
  const auto connections = [](size_t count, bool accepted, std::string remote = "203.0.113.9") {
    std::vector<FlowRecord> records;
    for (size_t i = 0; i < count; ++i) {
      FlowRecord r = to_port(3333);
      r.remote = remote;
      r.local_port = static_cast<uint16_t>(40000 + i);
      r.start = r.end = kMonday + static_cast<int64_t>(i) * 25;
      r.accepted = accepted;
      records.push_back(r);
    }
    return judge(records).of("mining_port");
  };
  ASSERT_EQ(connections(1, true).size(), 1u);
  EXPECT_LE(connections(1, true)[0].weight, 0.3);
  EXPECT_EQ(connections(1, true)[0].level, Level::kInformational);
  EXPECT_EQ(connections(10, true)[0].level, Level::kInformational);
  EXPECT_DOUBLE_EQ(connections(11, true)[0].weight, 0.6);
  EXPECT_EQ(connections(11, true)[0].claim, Claim::kContext);
  EXPECT_EQ(connections(5, false)[0].claim, Claim::kAttempt);
  EXPECT_EQ(connections(5, false)[0].level, Level::kLow);
  EXPECT_TRUE(connections(5, true, "10.9.9.9").empty()) << "an ordinary service inside";
  EXPECT_TRUE(connections(11, true, "10.9.9.9").empty());
}

TEST(KnownPoolTest, TheClaimFollowsTheTraffic) {
  const auto pool = [](std::string remote, uint16_t port, bool out, bool in, bool accepted) {
    std::vector<FlowRecord> records;
    for (const bool outbound : {true, false}) {
      if (outbound ? !out : !in) continue;
      FlowRecord r = to_port(port);
      r.remote = remote;
      r.outbound = outbound;
      r.accepted = accepted;
      r.start = kMonday;
      r.end = kMonday + 30;
      records.push_back(r);
    }
    return judge(records).of("known_pool_address");
  };
  const auto confirmed = pool("198.51.100.7", 8443, true, true, true);
  ASSERT_EQ(confirmed.size(), 1u);
  EXPECT_EQ(confirmed[0].claim, Claim::kConfirmed);
  EXPECT_DOUBLE_EQ(confirmed[0].weight, 2.5);
  EXPECT_EQ(confirmed[0].indicators, (std::vector<Indicator>{{IndicatorType::kIp, "198.51.100.7",
                                                              summary::IndicatorRole::kPool}}));
  const auto by_port = pool("198.51.100.8", 443, true, true, true);
  ASSERT_EQ(by_port.size(), 1u);
  EXPECT_EQ(by_port[0].indicators,
            (std::vector<Indicator>{
                {IndicatorType::kIpPort, "198.51.100.8:443", summary::IndicatorRole::kPool}}));
  EXPECT_TRUE(pool("198.51.100.8", 80, true, true, true).empty());
  EXPECT_EQ(pool("198.51.100.7", 8443, true, false, true)[0].claim, Claim::kConsistent);
  EXPECT_EQ(pool("198.51.100.7", 8443, true, false, false)[0].claim, Claim::kAttempt);
  EXPECT_EQ(pool("198.51.100.7", 60000, true, true, true)[0].claim, Claim::kContext)
      << "the remote is the client";

  // The list's own confidence bounds the claim.
  const auto medium = pool("198.51.100.9", 8443, true, true, true)[0];
  EXPECT_EQ(medium.claim, Claim::kConsistent);
  EXPECT_DOUBLE_EQ(medium.weight, 2.0);
  EXPECT_EQ(pool("198.51.100.9", 3333, true, true, true)[0].claim, Claim::kConfirmed);
  const auto low = pool("198.51.100.10", 3333, true, true, true)[0];
  EXPECT_EQ(low.claim, Claim::kContext);
  EXPECT_DOUBLE_EQ(low.weight, 0.625);
  EXPECT_EQ(low.level, Level::kLow);
}

TEST(EgressTest, ASpikeIsAttributedHonestly) {
  const auto hours = [](std::vector<uint64_t> megabytes) {
    std::vector<FlowRecord> records;
    for (size_t hour = 0; hour < megabytes.size(); ++hour) {
      FlowRecord r;
      r.remote = "203.0.113.77";
      r.start = kMonday + static_cast<int64_t>(hour) * 3600;
      r.end = r.start + 60;
      r.bytes = megabytes[hour] * 1'000'000;
      records.push_back(r);
    }
    for (const FlowRecord& record : session(mining_minutes(60 * megabytes.size()))) {
      records.push_back(record);
    }
    return judge(records).of("egress_spike");
  };
  const auto found = hours({5, 6, 4, 500, 5});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_DOUBLE_EQ(found[0].weight, 0.4);
  EXPECT_EQ(found[0].time.ns, (kMonday + 3 * 3600) * kSecond);
  EXPECT_NE(found[0].detail.find("not explained by pool sessions (4"), std::string::npos)
      << found[0].detail;
  EXPECT_NE(found[0].detail.find("KiB of 476.9 MiB): look for exfiltration"), std::string::npos)
      << found[0].detail;
  EXPECT_TRUE(hours({5, 6, 4, 190, 5}).empty()) << "below the floor";
  EXPECT_TRUE(hours({30, 30, 30, 500, 30}).empty()) << "below twenty times";
  EXPECT_TRUE(hours({5, 6, 500}).empty()) << "too few hours for a normal";
}

TEST(LongFlowsTest, NamesWhatDnsCanBeJoinedTo) {
  FlowSummary summary(test_interest());
  for (const FlowRecord& record : session(mining_minutes(30)))
    observe(summary, record);
  FlowRecord brief = to_port(8443);
  brief.start = brief.end = kMonday;
  observe(summary, brief);
  const auto flows = long_flows(summary, test_interest());
  ASSERT_EQ(flows.size(), 1u);
  EXPECT_EQ(flows[0], (LongFlow{"203.0.113.9", 443, "vpc-1/10.0.0.5", "i-0a",
                                Time{kMonday * kSecond}, Time{(kMonday + 1800) * kSecond}}));
}

/// Puts decoded flows into a summary, each shifted by a number of seconds.
class SummarySink : public decode::Sink {
 public:
  explicit SummarySink(FlowSummary& summary) : summary_(summary) {}
  void shift(int64_t seconds) { shift_ = seconds * kSecond; }
  void emit(const event::Event& event, const event::Fields&) override {
    event::Event shifted = event;
    shifted.time.ns += shift_;
    shifted.end.ns += shift_;
    shifted.key.low ^= static_cast<uint64_t>(shift_);
    summary_.observe(shifted);
  }

 private:
  FlowSummary& summary_;
  int64_t shift_ = 0;
};

/// Reads the lines of a capture that contain `part`, `times` over, each pass `seconds` later.
FlowSummary read_capture(std::string_view file, std::string_view part = "", int times = 1,
                         int64_t seconds = 0) {
  std::ifstream input(std::string(DAVY_SOURCE_DIR "/davy/detect/network/testdata/") +
                      std::string(file) + ".vpcflow.log");
  std::stringstream text;
  text << input.rdbuf();
  EXPECT_FALSE(text.str().empty()) << file;
  static std::max_align_t place;  // line formats leave the workbench alone
  auto& bench = reinterpret_cast<decode::Workbench&>(place);
  const event::Schema schema;
  const auto decoder = decode::kVpcFlow.make_decoder(schema);
  FlowSummary summary(test_interest());
  SummarySink sink(summary);
  for (int pass = 0; pass < times; ++pass) {
    sink.shift(pass * seconds);
    text.clear();
    text.seekg(0);
    for (std::string line; std::getline(text, line);) {
      if (line.find(part) == std::string::npos) continue;
      const size_t size = line.size();
      line.append(decode::RawRecord::kPadding, '\0');
      const decode::RawRecord record{std::string_view(line).substr(0, size), 0, nullptr};
      EXPECT_EQ(decoder->decode(record, bench, sink).reason, "");
    }
  }
  return summary;
}

TEST(RealCapturesTest, ShortSessionsAreNoMoreThanInformational) {
  const struct {
    std::string_view file;
    size_t mining_port_services;
    size_t sessions;  ///< coinhive mines over TLS for eight minutes, on no mining port
  } kCases[] = {{"bitcoin-mining", 2, 0},
                {"bitcoin-mining-in-progress", 1, 0},
                {"coinhive-stratum", 1, 0},
                {"coinhive", 0, 1}};
  for (const auto& c : kCases) {
    const Judged judged = judge(read_capture(c.file));
    EXPECT_EQ(judged.of("mining_port").size(), c.mining_port_services) << to_text(judged);
    EXPECT_EQ(judged.of("stratum_envelope").size(), c.sessions) << to_text(judged);
    EXPECT_EQ(judged.detections.size(), c.mining_port_services + c.sessions) << to_text(judged);
    for (const Detection& d : judged.detections)
      EXPECT_LE(d.weight, 0.3);
  }
}

TEST(RealCapturesTest, SteadySessionsLieInsideTheEnvelope) {
  const struct {
    std::string_view file;
    std::string_view session;  ///< port pair that singles out one steady connection
    std::string_view remote;
    int64_t seconds;  ///< length of one pass
  } kCases[] = {
      {"bitcoin-mining", " 53310 ", "74.84.128.158:3333", 240},
      {"bitcoin-mining", "3333 53310 ", "", 240},
      {"bitcoin-mining-in-progress", " 53266 ", "74.84.128.158:3333", 60},
  };
  for (const auto& c : kCases) {
    const int times = static_cast<int>(1800 / c.seconds);
    const Judged judged = judge(read_capture(c.file, c.session, times, c.seconds));
    const auto found = judged.of("stratum_envelope");
    ASSERT_EQ(found.size(), c.remote.empty() ? 0u : 1u) << c.session << '\n' << to_text(judged);
    if (c.remote.empty()) continue;
    EXPECT_EQ(entity(found[0], EntityType::kRemoteAddress), c.remote);
    EXPECT_DOUBLE_EQ(found[0].weight, 1.4);
    EXPECT_EQ(found[0].level, Level::kHigh);
  }
}

}  // namespace
}  // namespace davy::detect
