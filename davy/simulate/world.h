// SPDX-License-Identifier: Apache-2.0
// The invented organisation and what has been recorded of it so far. Generators add machines and
// records; delivery.h lays the records out as files; labels say what was planted.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "davy/base/time.h"
#include "davy/simulate/rng.h"

namespace davy::simulate {

/// The accounts of the organisation.
inline constexpr std::string_view kDevelopment = "123456789012";
inline constexpr std::string_view kProduction = "210987654321";
inline constexpr std::string_view kData = "345678901234";
inline constexpr std::string_view kMarketing = "456789012345";  ///< legacy, hardly used
inline constexpr std::string_view kAccounts[] = {kDevelopment, kProduction, kData, kMarketing};

/// "Feb", for formats that write dates for people.
std::string_view month_name(Time time);

/// One VPC with one subnet; its flow log.
struct Network {
  std::string account, region, vpc, subnet, zone, zone_id;
  std::string prefix;      ///< "10.17": the first half of its addresses
  std::string flow_log;    ///< fl-…
  bool version_5 = false;  ///< custom format instead of the default
  uint32_t next_host = 10;
};

struct Machine {
  std::string id, type, image, interface, private_ip, public_ip, name, role;
  const Network* network = nullptr;
  Time launched;

  /// Nitro types report flows every minute, older ones every ten.
  DurationNs flow_window() const;
};

struct ApiRecord {
  Time time;
  Time delivered;
  std::string account, region, id, json;
};
struct FlowRecord {
  Time end;
  const Network* network = nullptr;
  std::string line;
};
/// A line of a log that is one file an account and day, or one file in all.
struct LogLine {
  Time time;
  std::string account, region, text;
};
/// A file as it stands, for what is not cut by time.
struct Document {
  std::string path, text;
};
/// Equally spaced values in hundredths.
struct Series {
  const Machine* machine = nullptr;
  std::string_view metric, statistic, unit;
  Time first;
  DurationNs period = 0;
  std::vector<int64_t> hundredths;
};
/// CloudTrail records nothing of an account's region while its trail is stopped.
struct Silence {
  std::string account, region;
  Time from, to;
};

/// A planted incident: the truth that `davy eval` compares with.
struct Planted {
  std::string name, title, kind;
  std::vector<std::string> accounts, regions, principals, access_keys, source_ips, instances, pools;
  std::string first_record_id;  ///< of the first malicious API call, empty where there is none
  Time first_malicious, first_mining, last_activity;
  int lowest_score = 0, highest_score = 100;
};
/// Something benign that resembles mining.
struct LookAlike {
  std::string name, account, why_benign;
};

struct World {
  uint64_t seed = 1;
  Time start;
  int days = 4;
  uint64_t scale_per_mille = 1000;

  std::deque<Network> networks;  ///< addresses stay valid
  std::deque<Machine> machines;

  std::vector<ApiRecord> api;
  std::vector<FlowRecord> flows;
  std::vector<LogLine> dns, findings, falco, audit;
  std::vector<Document> documents;
  std::vector<Series> series;
  std::vector<Silence> silences;
  std::vector<Planted> planted;
  std::vector<LookAlike> look_alikes;

  Rng rng(std::string_view purpose) const { return {seed, purpose}; }
  Time at(int day, int hour, int minute = 0, int second = 0) const {
    return start + day * kDay + hour * kHour + minute * kMinute + second * kSecond;
  }
  Time end() const { return start + days * kDay; }
  bool is_weekday(int day) const;
  /// `count` times the background's scale, at least 1.
  uint64_t scaled(uint64_t count) const;

  /// The same for so many a day, over all days.
  uint64_t scaled_daily(uint64_t count) const {
    return scaled(count * static_cast<uint64_t>(days));
  }
  /// Any second of the window.
  Time moment(Rng& rng) const {
    return start + rng.between(0, days * kDay / kSecond - 1) * kSecond;
  }

  /// The VPC of an account in a region, made on first use.
  Network& network(std::string_view account, std::string_view region);
  /// A machine with fresh ids and address. The reference stays valid.
  Machine& add_machine(Rng& rng, Network& network, std::string_view type, std::string_view name,
                       Time launched);
};

}  // namespace davy::simulate
