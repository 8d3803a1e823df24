// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/network/flow_test_records.h"

#include <random>

#include <fmt/format.h>

#include "davy/detect/network/flow_detector.h"

namespace davy::detect {

template <typename Reader>
void observe(Reader& reader, const FlowRecord& r) {
  event::Flow flow;
  flow.local_ip = r.local;
  flow.local = *parse_address(r.local);
  flow.remote = *parse_address(r.remote);
  flow.remote_ip = r.remote;
  flow.local_port = r.local_port;
  flow.remote_port = r.remote_port;
  flow.protocol = r.protocol;
  flow.tcp_flags = r.tcp_flags;
  flow.outbound = r.outbound;
  flow.accepted = r.accepted;
  flow.orientation_known = true;
  flow.bytes = r.bytes;
  flow.packets = r.packets;
  flow.interface = r.interface;
  flow.vpc = r.vpc;
  flow.aws_service = r.aws_service;
  event::Event event;
  event.time = {r.start * kSecond};
  event.end = {r.end * kSecond};
  event.ref = r.ref;
  event.account = "123456789012";
  event.region = "eu-west-1";
  event.instance = r.instance;
  event.key = hash128(fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", r.local,
                                  r.remote, r.local_port, r.remote_port, r.protocol, r.tcp_flags,
                                  r.outbound, r.accepted, r.bytes, r.packets, r.start, r.end,
                                  r.interface, r.vpc, r.instance, r.aws_service));
  event.flow = &flow;
  reader.observe(event);
}

template void observe(FlowSummary&, const FlowRecord&);
template void observe(FlowDetector&, const FlowRecord&);

namespace {

const intel::IndicatorEntry* known_ip(std::string_view ip) {
  static const intel::IndicatorEntry kEntry{
      intel::IndicatorKind::kIp, "198.51.100.7", "examplepool", "high", "test list", "2026-11-01"};
  static const intel::IndicatorEntry kSeen{
      intel::IndicatorKind::kIp, "198.51.100.9", "seenpool", "medium", "test list", "2026-11-01"};
  static const intel::IndicatorEntry kHint{
      intel::IndicatorKind::kIp, "198.51.100.10", "", "low", "test list", "2026-11-01"};
  for (const intel::IndicatorEntry* entry : {&kEntry, &kSeen, &kHint}) {
    if (ip == entry->value) return entry;
  }
  return nullptr;
}

const intel::IndicatorEntry* known_ip_port(std::string_view ip, uint16_t port) {
  static const intel::IndicatorEntry kEntry{intel::IndicatorKind::kIpPort,
                                            "198.51.100.8:443",
                                            "tlspool",
                                            "high",
                                            "test list",
                                            "2026-11-01"};
  return ip == "198.51.100.8" && port == 443 ? &kEntry : nullptr;
}

FlowInterest make_interest() {
  FlowInterest interest;
  interest.mining_ports.set(3333).set(4444);
  interest.known_address = [](std::string_view ip, uint16_t port) {
    return known_ip(ip) != nullptr || known_ip_port(ip, port) != nullptr;
  };
  return interest;
}

}  // namespace

const FlowInterest& test_interest() {
  static const FlowInterest kInterest = make_interest();
  return kInterest;
}

const FlowLookups& test_lookups() {
  static const FlowLookups kLookups{known_ip, known_ip_port};
  return kLookups;
}

std::vector<Detection> Judged::of(std::string_view detector) const {
  std::vector<Detection> found;
  for (const Detection& d : detections) {
    if (d.detector == detector) found.push_back(d);
  }
  return found;
}

Judged judge(const FlowSummary& summary) {
  Judged judged;
  judge_flows(summary, test_interest(), test_lookups(), judged.notes, judged.detections);
  return judged;
}

Judged judge(const std::vector<FlowRecord>& records) {
  FlowSummary summary(test_interest());
  for (const FlowRecord& record : records)
    observe(summary, record);
  return judge(summary);
}

std::string to_text(const Judged& judged) {
  std::string text;
  for (const Detection& d : judged.detections) {
    text +=
        fmt::format("{} {} | {} | {} | {} {} {} {} {} {} {} {} x{}\n", d.id, d.detector, d.title,
                    d.detail, level_name(d.level), d.confidence, d.weight, signal_name(d.signal),
                    stage_name(d.stage), claim_name(d.claim), d.time.ns, d.end_time.ns, d.count);
    for (const auto& entity : d.entities) {
      text += fmt::format("  {}={}\n", event::entity_type_name(entity.type), entity.id);
    }
    for (const Evidence& e : d.evidence) {
      text += fmt::format("  {}:{} {}\n", e.ref.source, e.ref.offset, e.time.ns);
    }
    for (const Indicator& i : d.indicators)
      text += fmt::format("  {} {}\n", indicator_type_name(i.type), i.value);
    for (const auto& [name, value] : d.measures)
      text += fmt::format("  {}={}\n", name, value);
  }
  for (const std::string& note : judged.notes)
    text += "note: " + note + '\n';
  return text;
}

std::vector<FlowRecord> session(const std::vector<SampleMinute>& minutes, const FlowRecord& like) {
  std::vector<FlowRecord> records;
  for (size_t i = 0; i < minutes.size(); ++i) {
    FlowRecord record = like;
    record.start = kMonday + static_cast<int64_t>(i) * 60;
    record.end = record.start + 58;
    record.bytes = minutes[i].out_bytes;
    record.packets = minutes[i].out_packets;
    record.ref = {1, 1000 * i};
    if (record.packets != 0) records.push_back(record);
    record.outbound = false;
    record.bytes = minutes[i].in_bytes;
    record.packets = minutes[i].in_packets;
    record.ref = {1, 1000 * i + 500};
    if (record.packets != 0) records.push_back(record);
  }
  return records;
}

std::vector<SampleMinute> mining_minutes(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::poisson_distribution<uint64_t> shares(1.7);
  std::poisson_distribution<uint64_t> jobs(1.5);
  std::vector<SampleMinute> minutes;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t submit = shares(random);
    const uint64_t job = jobs(random);
    // A keepalive and its answer; a share and its answer; a job and its bare acknowledgement.
    minutes.push_back({130 + submit * 290 + job * 52, 2 + submit + job,
                       115 + submit * 115 + job * 400, 1 + submit + job});
  }
  return minutes;
}

}  // namespace davy::detect
