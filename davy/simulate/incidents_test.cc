// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/incidents.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "davy/simulate/estate_reader.h"

namespace davy::simulate {
namespace {

using nlohmann::json;

json incident(std::string_view name) {
  const json labels = labels_of(estate_of("estate"));
  for (const json& one : labels["incidents"]) {
    if (one["name"] == name) return one;
  }
  ADD_FAILURE() << name << " is not labelled";
  return {};
}

const std::vector<json>& records() {
  static const std::vector<json> all = api_records(estate_of("estate"));
  return all;
}

const std::vector<FlowRow>& rows() {
  static const std::vector<FlowRow> all = flow_rows(estate_of("estate"));
  return all;
}

long epoch(const json& time) {
  return static_cast<long>(parse_rfc3339(time.get<std::string>())->ns / kSecond);
}

/// What the machines launched with a key are called.
std::set<std::string> launched_with(const std::string& access_key) {
  std::set<std::string> ids;
  for (const json& record : records()) {
    if (record["eventName"] != "RunInstances" || record["responseElements"].is_null()) continue;
    if (record["userIdentity"].value("accessKeyId", "") != access_key) continue;
    for (const json& one : record["responseElements"]["instancesSet"]["items"]) {
      ids.insert(one["instanceId"].get<std::string>());
    }
  }
  return ids;
}

/// Addresses that pool names resolve to.
std::set<std::string> pool_addresses(const json& truth) {
  std::set<std::string> addresses;
  static const std::vector<json> queries = json_lines(estate_of("estate"), "route53/");
  for (const json& query : queries) {
    for (const std::string pool : truth["pools"]) {
      if (query["query_name"] != pool.substr(0, pool.find(':')) + '.') continue;
      for (const json& answer : query["answers"])
        addresses.insert(answer["Rdata"].get<std::string>());
    }
  }
  return addresses;
}

/// One pool session: both directions of a five-tuple.
struct Session {
  double packets_out = 0, bytes_out = 0, packets_in = 0, bytes_in = 0;
  long first = 0, last = 0;
  std::map<long, double> bytes_by_ten_minutes;
};

std::vector<Session> pool_sessions(const std::string& name) {
  const json truth = incident(name);
  const std::set<std::string> addresses = pool_addresses(truth);
  const long from = epoch(truth["first_mining_time"]), to = epoch(truth["last_activity_time"]);
  std::map<std::tuple<std::string, int, std::string, int>, Session> by_tuple;
  for (const FlowRow& row : rows()) {
    if (row.start < from || row.start > to) continue;
    const bool out = addresses.contains(row.target);
    if (!out && !addresses.contains(row.source)) continue;
    Session& session = out ? by_tuple[{row.source, row.source_port, row.target, row.target_port}]
                           : by_tuple[{row.target, row.target_port, row.source, row.source_port}];
    (out ? session.packets_out : session.packets_in) += row.packets;
    (out ? session.bytes_out : session.bytes_in) += row.bytes;
    if (session.first == 0) session.first = row.start;
    session.last = std::max(session.last, row.end);
    session.bytes_by_ten_minutes[row.start / 600] += row.bytes;
  }
  std::vector<Session> sessions;
  for (const auto& [tuple, session] : by_tuple)
    sessions.push_back(session);
  return sessions;
}

/// The measured envelope of real pool sessions.
void expect_envelope(const Session& session) {
  const double minutes = static_cast<double>(session.last - session.first + 1) / 60;
  EXPECT_GE(minutes, 15);  // the mass launch ends when its responders come
  EXPECT_TRUE(session.packets_out / minutes >= 1.5 && session.packets_out / minutes <= 25);
  EXPECT_TRUE(session.packets_in / minutes >= 1.5 && session.packets_in / minutes <= 25);
  EXPECT_TRUE(session.bytes_out / minutes >= 150 && session.bytes_out / minutes <= 6000);
  EXPECT_TRUE(session.bytes_in / minutes >= 200 && session.bytes_in / minutes <= 12000);
  EXPECT_TRUE(session.bytes_out / session.packets_out >= 40 &&
              session.bytes_out / session.packets_out <= 220);
  EXPECT_TRUE(session.bytes_in / session.packets_in >= 100 &&
              session.bytes_in / session.packets_in <= 950);
}

TEST(Planted, ThereAreThreeWithTheirScores) {
  const json labels = labels_of(estate_of("estate"));
  ASSERT_EQ(labels["incidents"].size(), 3u);
  EXPECT_EQ(incident("ec2-guardduty")["expected_score"], json::parse(R"({"min":85,"max":91})"));
  EXPECT_EQ(incident("root-key")["expected_score"]["min"], 92);
  EXPECT_EQ(incident("mass-launch")["expected_score"]["min"], 97);
}

TEST(Planted, LabelledInstancesAreThoseTheKeyLaunched) {
  for (const char* name : {"root-key", "mass-launch"}) {
    const json truth = incident(name);
    const std::set<std::string> labelled = truth["instances"];
    EXPECT_EQ(launched_with(truth["access_keys"][0]), labelled) << name;
  }
  EXPECT_EQ(incident("root-key")["instances"].size(), 10u);
  EXPECT_EQ(incident("mass-launch")["instances"].size(), 200u);
}

TEST(Planted, FirstMaliciousRecordIsOfTheThiefAndTheEarliest) {
  for (const char* name : {"root-key", "mass-launch"}) {
    const json truth = incident(name);
    std::string earliest = "9";
    bool found = false;
    for (const json& record : records()) {
      if (record["sourceIPAddress"] != truth["source_ips"][0]) continue;
      earliest = std::min(earliest, record["eventTime"].get<std::string>());
      found = found || record["eventID"] == truth["first_malicious_record"];
    }
    EXPECT_TRUE(found) << name;
    EXPECT_EQ(earliest, truth["first_malicious_time"].get<std::string>()) << name;
  }
}

TEST(Planted, PoolSessionsKeepToTheMeasuredEnvelope) {
  EXPECT_EQ(pool_sessions("ec2-guardduty").size(), 4u);
  EXPECT_EQ(pool_sessions("root-key").size(), 10u);
  EXPECT_EQ(pool_sessions("mass-launch").size(), 200u);
  for (const char* name : {"ec2-guardduty", "root-key", "mass-launch"}) {
    SCOPED_TRACE(name);
    for (const Session& session : pool_sessions(name))
      expect_envelope(session);
  }
}

TEST(Planted, LongPoolSessionsAreSteady) {
  for (Session& session : pool_sessions("root-key")) {
    auto& windows = session.bytes_by_ten_minutes;
    windows.erase(windows.begin());  // cut by start and end
    windows.erase(std::prev(windows.end()));
    double sum = 0, squares = 0;
    for (const auto& [window, bytes] : windows) {
      sum += bytes;
      squares += bytes * bytes;
    }
    const auto count = static_cast<double>(windows.size());
    const double mean = sum / count;
    EXPECT_LT(std::sqrt(squares / count - mean * mean) / mean, 0.4);
  }
}

TEST(Workload, SendsFiveHundredMegabytesElsewhereInTheHourBeforeTheAlert) {
  const json truth = incident("ec2-guardduty");
  const std::set<std::string> pools = pool_addresses(truth);
  const long from = epoch("2025-02-21T18:15:00Z"), to = epoch("2025-02-21T19:15:00Z");
  double uploaded = 0, the_day_before = 0;
  std::string interface;
  for (const FlowRow& row : rows()) {
    if (row.target_port == 5555 && pools.contains(row.target)) interface = row.interface;
  }
  ASSERT_FALSE(interface.empty());
  for (const FlowRow& row : rows()) {
    if (row.interface != interface || !row.source.starts_with("10.") || pools.contains(row.target))
      continue;
    if (row.start >= from && row.start < to) uploaded += row.bytes;
    if (row.end < epoch("2025-02-21T00:00:00Z") && row.target_port == 3128)
      the_day_before += row.bytes;
  }
  EXPECT_NEAR(uploaded, 5e8, 2e7);
  EXPECT_NEAR(the_day_before, 1e8, 1e7);
}

TEST(Workload, RunsAtNinetyEightPercentForTwoHours) {
  const std::string instance = incident("ec2-guardduty")["instances"][0];
  int at_full_load = 0, ordinary = 0;
  for (const json& answer : json_lines(estate_of("estate"), "cloudwatch/123456789012_us-east-1")) {
    for (const json& result : answer["MetricDataResults"]) {
      if (result["Label"] != instance + " CPUUtilization") continue;
      for (const double value : result["Values"]) {
        if (value > 97 && value < 99) ++at_full_load;
        if (value > 19 && value < 31) ++ordinary;
      }
    }
  }
  EXPECT_EQ(at_full_load, 25);  // of five minutes each
  EXPECT_GT(ordinary, 500);
}

TEST(Workload, KeepsTheClockOfTheTicket) {
  bool alert = false;
  for (const json& finding : json_lines(estate_of("estate"), "guardduty/AWSLogs/123456789012")) {
    alert = alert || (finding["createdAt"] == "2025-02-21T19:15:33.000Z" &&
                      finding["type"] == "CryptoCurrency:EC2/BitcoinTool.B!DNS");
  }
  EXPECT_TRUE(alert);
  std::set<std::string> asked;
  for (const json& query : json_lines(estate_of("estate"), "route53/123456789012")) {
    asked.insert(query["query_timestamp"].get<std::string>() + ' ' +
                 query["query_name"].get<std::string>());
  }
  for (const char* expected :
       {"2025-02-21T19:00:14Z mining-pool.com.", "2025-02-21T19:02:21Z xmr-usa.dwarfpool.com.",
        "2025-02-21T19:04:44Z pool.supportxmr.com."}) {
    EXPECT_TRUE(asked.contains(expected)) << expected;
  }
}

TEST(MassLaunch, TakesEightRegionsInTenMinutes) {
  std::set<std::string> regions;
  std::set<std::string> errors;
  std::string last;
  for (const json& record : records()) {
    if (record["eventName"] != "RunInstances" || record["sourceIPAddress"] != "185.220.101.34")
      continue;
    errors.insert(record.value("errorCode", ""));
    if (record["responseElements"].is_null()) continue;
    regions.insert(record["awsRegion"].get<std::string>());
    last = std::max(last, record["eventTime"].get<std::string>());
  }
  EXPECT_EQ(regions.size(), 8u);
  EXPECT_LE(last, "2025-02-23T14:22:00Z");
  EXPECT_TRUE(errors.contains("Client.DryRunOperation") &&
              errors.contains("Client.VcpuLimitExceeded"));
}

TEST(MassLaunch, LeavesNoRecordWhileItsTrailsAreStopped) {
  std::map<std::string, std::string> stopped;
  for (const json& record : records()) {
    if (record["eventName"] == "StopLogging" && record["recipientAccountId"] == "210987654321") {
      stopped[record["awsRegion"]] = record["eventTime"];
    }
  }
  EXPECT_EQ(stopped.size(), 8u);
  for (const json& record : records()) {
    const auto place = stopped.find(record["awsRegion"]);
    if (place == stopped.end() || record["recipientAccountId"] != "210987654321") continue;
    const std::string time = record["eventTime"];
    EXPECT_FALSE(time > place->second && time < "2025-02-23T14:30:00Z")
        << record["eventName"] << time;
  }
}

TEST(MassLaunch, RaisesTwoHundredFindingsAtTheReportedMinute) {
  int mining = 0, stealth = 0;
  for (const json& finding : json_lines(estate_of("estate"), "guardduty/AWSLogs/210987654321")) {
    const std::string minute = finding["createdAt"].get<std::string>().substr(0, 16);
    if (finding["type"] == "CryptoCurrency:EC2/BitcoinTool.B" && minute == "2025-02-23T14:23")
      ++mining;
    if (finding["type"] == "Stealth:IAMUser/CloudTrailLoggingDisabled" &&
        minute == "2025-02-23T14:15")
      ++stealth;
  }
  EXPECT_EQ(mining, 200);
  EXPECT_EQ(stealth, 1);
}

}  // namespace
}  // namespace davy::simulate
