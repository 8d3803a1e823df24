// SPDX-License-Identifier: Apache-2.0
// Flow records for tests: values that own their text, and how a summary reads them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "davy/detect/network/flow_judge.h"

namespace davy::detect {

struct FlowRecord {
  std::string local = "10.0.0.5";
  std::string remote = "203.0.113.9";
  uint16_t local_port = 50000;
  uint16_t remote_port = 443;
  uint8_t protocol = 6;
  uint8_t tcp_flags = 0;
  bool outbound = true;
  bool accepted = true;
  uint64_t bytes = 400;
  uint64_t packets = 4;
  int64_t start = 0;  ///< epoch seconds
  int64_t end = 0;
  std::string interface = "eni-0a";
  std::string vpc = "vpc-1";
  std::string instance = "i-0a";
  std::string aws_service;
  event::RecordRef ref;
};

/// 2026-11-16T00:00:00Z, a Monday.
inline constexpr int64_t kMonday = 1'794'787'200;

/// `reader` is a FlowSummary or a FlowDetector.
template <typename Reader>
void observe(Reader& reader, const FlowRecord& record);

/// Mining ports 3333 and 4444; 198.51.100.7 and 198.51.100.8:443 are known pools,
/// 198.51.100.9 one of medium, .10 one of low confidence.
const FlowInterest& test_interest();
const FlowLookups& test_lookups();

struct Judged {
  std::vector<Detection> detections;
  std::vector<std::string> notes;

  /// The detections of one detector.
  std::vector<Detection> of(std::string_view detector) const;
};

Judged judge(const FlowSummary& summary);
Judged judge(const std::vector<FlowRecord>& records);

/// Everything in a judgement as text, to compare two of them.
std::string to_text(const Judged& judged);

/// Bytes and packets of one minute, both ways.
struct SampleMinute {
  uint64_t out_bytes, out_packets, in_bytes, in_packets;
};

/// One record a minute and direction from kMonday on; `like` gives the rest.
std::vector<FlowRecord> session(const std::vector<SampleMinute>& minutes,
                                const FlowRecord& like = {});

/// A CryptoNote session as measured: shares and jobs as Poisson processes, keepalives between.
std::vector<SampleMinute> mining_minutes(size_t count, unsigned seed = 1);

}  // namespace davy::detect
