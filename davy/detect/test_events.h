// SPDX-License-Identifier: Apache-2.0
// Events for detector tests, and a judge for what was observed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "davy/detect/detector.h"

namespace davy::detect::testing {

inline constexpr Time kMidnight{1'740'009'600 * kSecond};  ///< 2025-02-20T00:00:00Z

/// Hands an event to whoever asks; what it points to lives as long as the call.
using EventSink = std::function<void(const event::Event&)>;
using Record = std::function<void(const EventSink&)>;

struct Launch {
  Time time = kMidnight;
  std::string type = "p3.2xlarge";
  std::string region = "us-east-1";
  uint32_t requested = 10;
  bool failed = false;
  bool dry_run = false;
  std::string principal = "arn:aws:iam::111122223333:user/build";
  std::string id = {};  ///< tells records apart that agree in everything else
  std::string source_ip = "203.0.113.9";
  std::string source_service = {};
  std::string type_of_identity = "IAMUser";
  std::string role = {};  ///< the issuer of a session
};
/// An accepted launch names `requested` instances, at most 100.
Record record_of(Launch launch);

struct Login {
  Time time = kMidnight;
  std::string address = "198.51.100.7";
  std::string user = "ubuntu";
  std::string host = "web-1";
  bool succeeded = true;
  std::string container = {};  ///< an entity besides the host
};
Record record_of(Login login);

struct ProcessSeen {
  Time time = kMidnight;
  std::string path = {};
  std::string name = {};
  std::string command_line = {};
  std::string host = "web-1";
  std::string user = "root";
  double cpu_percent = -1;
  DurationNs cpu_time = 0;
  uint64_t resident_bytes = 0;
};
Record record_of(ProcessSeen process);

struct Query {
  Time time = kMidnight;
  std::string name;
  std::string instance = "i-0a1b2c3d";
  bool blocked = false;
  std::string id = {};
  std::string rcode = {};
  std::string type = "A";
};
Record record_of(Query query);

struct Connected {
  Time time = kMidnight;
  std::string ip = "198.51.100.7";
  uint16_t port = 3333;
  event::Connection::Outcome outcome = event::Connection::Outcome::kEstablished;
  std::string program = "/tmp/.x/kthread";
  std::string name = {};
  std::string host = "web-1";
};
Record record_of(Connected connected);

/// A finding of GuardDuty about one instance.
struct VendorReport {
  Time time = kMidnight;
  std::string type = "CryptoCurrency:EC2/BitcoinTool.B";
  double severity = 80;
  Time reported = {};
  bool archived = false;
  std::string id = {};
};
Record record_of(VendorReport report);

/// Indicators: the pool "supportxmr.com" and "hashvault.pro", the address 198.51.100.7, xmrig.
const intel::Intel& test_intel();
/// c5.large at $0.10, p3.2xlarge at $3.00, p3.16xlarge at $24.00; all regions alike.
const impact::PriceTable& test_prices();

struct Judged {
  std::vector<Detection> detections;
  std::vector<std::string> notes;

  /// Of one detector, in the order given.
  std::vector<Detection> of(std::string_view detector) const;
};
Judged judge(const Detector& detector);
Judged judge(Detector& detector, const std::vector<Record>& records);

/// Everything a reader of the report could see of it.
std::string text_of(const Detection& detection);

}  // namespace davy::detect::testing
