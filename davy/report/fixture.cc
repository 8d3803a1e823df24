// SPDX-License-Identifier: Apache-2.0
#include "davy/report/fixture.h"

#include <utility>

namespace davy::report {
namespace {

using detect::Claim;
using detect::Detection;
using detect::Evidence;
using detect::IndicatorRole;
using detect::IndicatorType;
using detect::Level;
using detect::Signal;
using detect::Stage;
using event::EntityType;
using incident::Incident;
using incident::Kind;

Time at(std::string_view text) {
  return parse_rfc3339(text).value_or(Time{});
}

Evidence record(uint32_t source, uint64_t offset, std::string id, std::string_view time) {
  return {{source, offset}, std::move(id), at(time)};
}

std::vector<SourceReport> sources() {
  SourceReport cloudtrail;
  cloudtrail.path = "evidence/AWSLogs/cloudtrail-2025-02-23.json.gz";
  cloudtrail.format = "cloudtrail";
  cloudtrail.records = 48'213;
  cloudtrail.events = 48'201;
  cloudtrail.rejected_count = 12;
  cloudtrail.rejected = {{1'048'576, "truncated JSON"}, {2'097'152, "record longer than 8 MiB"}};
  cloudtrail.rejected_by_reason = {{"truncated JSON", 11}, {"record longer than 8 MiB", 1}};
  cloudtrail.bytes = 93'323'264;
  cloudtrail.first_time = at("2025-02-23T13:00:00Z");
  cloudtrail.last_time = at("2025-02-23T15:00:00Z");
  SourceReport guardduty;
  guardduty.path = "evidence/guardduty.jsonl";
  guardduty.format = "guardduty+plain_json";
  guardduty.records = guardduty.events = 202;
  guardduty.bytes = 1'310'720;
  guardduty.first_time = at("2024-03-04T19:00:00Z");
  guardduty.last_time = at("2025-02-23T14:23:00Z");
  SourceReport flows;
  flows.path = "evidence/logs.zip!vpc/flow.log";
  flows.format = "vpc_flow";
  flows.records = 1'200'045;
  flows.events = 1'200'000;
  flows.skipped = 45;
  flows.skipped_by_reason = {{"NODATA", 44}, {"header line", 1}};
  flows.bytes = 130'023'424;
  flows.first_time = at("2024-07-04T00:00:00Z");
  flows.last_time = at("2024-07-05T00:00:00Z");
  flows.error = "gzip stream ends early";
  return {cloudtrail, guardduty, flows};
}

std::vector<Detection> detections() {
  std::vector<Detection> all(4);
  Detection& trail = all[2];
  trail.id = "det-0000000000000003";
  trail.detector = "aws-trail-stopped";
  trail.title = "CloudTrail logging stopped in 8 regions";
  trail.detail = "StopLogging succeeded for 8 trails within 90 s; expected none.";
  trail.level = Level::kHigh;
  trail.confidence = 0.95;
  trail.weight = 1.8;
  trail.signal = Signal::kControlPlane;
  trail.stage = Stage::kDefenseEvasion;
  trail.time = at("2025-02-23T14:15:02Z");
  trail.end_time = at("2025-02-23T14:16:32Z");
  trail.count = 8;
  trail.techniques = {"T1562.008"};
  trail.entities = {{EntityType::kAccessKey, "AKIAIOSFODNN7EXAMPLE"}};
  trail.evidence = {record(0, 40'960, "5f1c0d3e-0001", "2025-02-23T14:15:02Z")};
  trail.measures = {{"trails", 8}};

  Detection& launch = all[3];
  launch = trail;
  launch.id = "det-0000000000000004";
  launch.detector = "mass_launch";
  launch.title = "200 p3.2xlarge asked for in 10 min";
  launch.detail =
      "240 requested, 200 running; this account launched 3 instances in the 30 days before.";
  launch.level = Level::kCritical;
  launch.weight = 4.2;
  launch.stage = Stage::kResourceLaunch;
  launch.claim = Claim::kConsistent;
  launch.time = at("2025-02-23T14:16:40Z");
  launch.end_time = at("2025-02-23T14:26:40Z");
  launch.count = 24;
  launch.techniques = {"T1496.001", "T1578.002"};
  launch.evidence = {record(0, 51'200, "5f1c0d3e-0002", "2025-02-23T14:16:40Z"),
                     record(0, 61'440, "5f1c0d3e-0003", "2025-02-23T14:17:10Z")};
  launch.measures = {{"usd_per_hour", 15'432.004}, {"vcpus", 1'600}};

  Detection& root = all[1];
  root.id = "det-0000000000000002";
  root.detector = "root_key_launch";
  root.title = "Root access key launched 10 c5.4xlarge";
  root.level = Level::kCritical;
  root.confidence = 0.9;
  root.weight = 5;
  root.signal = Signal::kIdentity;
  root.stage = Stage::kResourceLaunch;
  root.claim = Claim::kConsistent;
  root.time = root.end_time = at("2024-07-04T11:02:00Z");
  root.evidence = {record(2, 77, "", "2024-07-04T11:02:00Z")};

  Detection& miner = all[0];
  miner.id = "det-0000000000000001";
  miner.detector = "guardduty-bitcoin-tool";
  miner.title = "GuardDuty: CryptoCurrency:EC2/BitcoinTool.B";
  miner.detail = "i-0a1b2c3d4e5f67890 asked for xmr-usa.dwarfpool.com and pool.supportxmr.com.";
  miner.level = Level::kHigh;
  miner.confidence = 0.97;
  miner.weight = 4.5;
  miner.signal = Signal::kManaged;
  miner.stage = Stage::kMining;
  miner.claim = Claim::kConfirmed;
  miner.time = at("2024-03-04T19:00:15Z");
  miner.end_time = at("2024-03-04T19:15:33Z");
  miner.count = 3;
  miner.techniques = {"T1496.001"};
  miner.entities = {{EntityType::kInstance, "i-0a1b2c3d4e5f67890"}};
  miner.evidence = {record(1, 0, "finding-7842", "2024-03-04T19:15:33Z")};
  miner.indicators = {{IndicatorType::kDomain, "pool.supportxmr.com"}};
  miner.vendor = {{"guardduty", "CryptoCurrency:EC2/BitcoinTool.B", 80, false, true}};
  return all;
}

impact::Machine machine(std::string_view id, impact::RunState state) {
  impact::Machine machine;
  machine.id = id;
  machine.state = state;
  return machine;
}

Incident leaked_key() {
  Incident i;
  i.id = "inc-9a3f52c1d07be846";
  i.number = "INC-2025-0223-CRYPTO";
  i.kind = Kind::kCompromisedCredential;
  i.title = "Leaked access key launched 200 GPU instances in 8 regions";
  i.summary =
      "The key AKIAIOSFODNN7EXAMPLE of ci-deploy, used from 203.0.113.7 for the first time, "
      "stopped CloudTrail "
      "and launched 200 p3.2xlarge that mine at pool.supportxmr.com.";
  i.score = 99.2;
  i.severity = incident::Severity::kCritical;
  i.priority = "P1";
  i.claim = Claim::kConfirmed;
  i.first_activity = at("2025-02-23T14:12:00Z");
  i.last_activity = at("2025-02-23T14:41:00Z");
  i.detectable_at = at("2025-02-23T14:15:02Z");
  i.detected_at = at("2025-02-23T14:23:00Z");
  i.entities = {{EntityType::kAccount, "123456789012"},
                {EntityType::kAccessKey, "AKIAIOSFODNN7EXAMPLE"},
                {EntityType::kPrincipal, "arn:aws:iam::123456789012:user/ci-deploy"},
                {EntityType::kDomain, "pool.supportxmr.com"},
                {EntityType::kTrail, "arn:aws:cloudtrail:us-east-1:123456789012:trail/main"}};
  i.signals = {
      {"control_plane", 41.5}, {"cost", 12}, {"identity", 18.3}, {"managed", 22.5}, {"network", 9}};
  i.why = {
      {-4.1, "Base rate: one account in 600 is mined on in a month", {}},
      {41.5,
       "200 GPU instances asked for within 10 min, in 7 regions never used before",
       {"det-0000000000000004"}},
      {22.5, "GuardDuty: CryptoCurrency:EC2/BitcoinTool.B on 200 instances", {}},
      {18.3, "Access key used for the first time from AS64500 (203.0.113.7)", {}},
      {12, "CloudTrail stopped in 8 regions before the launch", {"det-0000000000000003"}},
      {9,
       "Evasion, launch and mining in this order",
       {"det-0000000000000003", "det-0000000000000004"}},
  };
  i.stages = {
      {Stage::kInitialAccess, at("2025-02-23T14:12:00Z"), at("2025-02-23T14:12:00Z"), {}},
      {Stage::kDefenseEvasion,
       at("2025-02-23T14:15:02Z"),
       at("2025-02-23T14:16:32Z"),
       {"det-0000000000000003"}},
      {Stage::kResourceLaunch,
       at("2025-02-23T14:16:40Z"),
       at("2025-02-23T14:26:40Z"),
       {"det-0000000000000004"}},
      {Stage::kMining, at("2025-02-23T14:23:00Z"), at("2025-02-23T14:41:00Z"), {}},
      {Stage::kCost, at("2025-02-23T14:18:00Z"), at("2025-02-23T14:41:00Z"), {}},
  };
  i.timeline = {
      {at("2025-02-23T14:12:00Z"),
       "First call with the key from 203.0.113.7: GetCallerIdentity",
       Stage::kInitialAccess,
       {record(0, 20'480, "5f1c0d3e-0000", "2025-02-23T14:12:00Z")}},
      {at("2025-02-23T14:15:02Z"),
       "CloudTrail stopped in us-east-1, then in 7 more regions",
       Stage::kDefenseEvasion,
       {record(0, 40'960, "5f1c0d3e-0001", "2025-02-23T14:15:02Z")}},
      {at("2025-02-23T14:16:40Z"),
       "RunInstances: 25 p3.2xlarge in us-east-1, termination protection on",
       Stage::kResourceLaunch,
       {record(0, 51'200, "5f1c0d3e-0002", "2025-02-23T14:16:40Z")}},
      {at("2025-02-23T14:18:00Z"), "Projected burn passes $15,000/h", Stage::kCost, {}},
      {at("2025-02-23T14:23:00Z"),
       "GuardDuty: CryptoCurrency:EC2/BitcoinTool.B on 200 instances",
       Stage::kMining,
       {record(1, 4'096, "finding-9001", "2025-02-23T14:23:00Z")}},
      {at("2025-02-23T14:41:00Z"),
       "Last connection to stratum+tcp://pool.supportxmr.com:3333",
       Stage::kMining,
       {}},
  };
  i.techniques = {"T1078.004", "T1496.001", "T1562.008", "T1578.002"};
  i.indicators = {{IndicatorType::kDomain, "pool.supportxmr.com", IndicatorRole::kPool},
                  {IndicatorType::kIp, "203.0.113.7", IndicatorRole::kCaller},
                  {IndicatorType::kIpPort, "198.51.100.20:3333", IndicatorRole::kPool},
                  {IndicatorType::kWallet, "4" + std::string(94, 'A'), IndicatorRole::kWallet}};
  i.initial_access.vector = "leaked access key";
  i.initial_access.credential = "AKIAIOSFODNN7EXAMPLE";
  i.initial_access.principal = "arn:aws:iam::123456789012:user/ci-deploy";
  i.initial_access.source_ip = "203.0.113.7";
  i.initial_access.time = at("2025-02-23T14:12:00Z");
  i.initial_access.confidence = 0.9;
  i.initial_access.evidence = {record(0, 20'480, "5f1c0d3e-0000", "2025-02-23T14:12:00Z")};
  i.scope.accounts = {"123456789012"};
  i.scope.regions = {"ap-south-1", "eu-central-1", "eu-west-1", "sa-east-1",
                     "us-east-1",  "us-east-2",    "us-west-1", "us-west-2"};
  for (int n = 0; n < 200; ++n)
    i.scope.resources.push_back("i-" + std::to_string(10'000'000 + n));
  i.impact = {4'629.6,
              0.0,
              std::nullopt,
              612.4,
              200,
              240,
              60.0,
              29 * kMinute,
              11 * kMinute,
              0,
              {"200 x p3.2xlarge at on-demand list price, from the first launch to the last record",
               "Take: 200 GPU at list hash rate, +-40 %"}};
  i.impact.time_to_detectable = 3 * kMinute + 2 * kSecond;
  i.launches = {at("2025-02-23T14:16:40Z"), at("2025-02-23T14:26:40Z"), 200, 240, i.scope.regions};
  const std::string responder =
      "arn:aws:sts::123456789012:assumed-role/SecurityResponse/INC-2025-0223";
  i.containment = {
      {summary::Measure::kLoggingStarted,
       at("2025-02-23T14:30:00Z"),
       at("2025-02-23T14:30:05Z"),
       "8 trails switched on again in 8 regions (main)",
       responder,
       {"arn:aws:cloudtrail:us-east-1:123456789012:trail/main"},
       {},
       {record(0, 71'680, "5f1c0d3e-0004", "2025-02-23T14:30:00Z")}},
      {summary::Measure::kTerminated,
       at("2025-02-23T14:40:00Z"),
       at("2025-02-23T14:41:00Z"),
       "200 instances terminated in 8 regions (i-10000000, i-10000001 and 198 more)",
       responder,
       {"i-10000000", "i-10000001"},
       {},
       {record(0, 81'920, "5f1c0d3e-0005", "2025-02-23T14:40:00Z"),
        record(0, 92'160, "5f1c0d3e-0006", "2025-02-23T14:41:00Z")}},
  };
  i.contained_at = at("2025-02-23T14:41:00Z");
  i.machines = {machine("i-10000000", impact::RunState::kEnded),
                machine("i-10000001", impact::RunState::kEnded)};
  i.still_open = {"access key AKIAIOSFODNN7EXAMPLE not seen deactivated"};
  i.remediation = {
      "Delete the access key, after its use elsewhere has been reviewed: AKIAIOSFODNN7EXAMPLE",
      "Scan repositories for secrets, and replace long-lived keys by short-lived roles"};
  i.do_first = {
      "Deactivate access key AKIAIOSFODNN7EXAMPLE of ci-deploy",
      "Look for volumes and snapshots that outlived 200 ended instances",
      "Block pool.supportxmr.com and 198.51.100.20",
  };
  i.blind_spots = {"No CloudTrail for eu-north-1, ap-northeast-1 and 7 more regions",
                   "CloudTrail of 8 regions was off from 14:15 to the end"};
  i.detections = {"det-0000000000000003", "det-0000000000000004"};
  return i;
}

Incident root_key() {
  Incident i;
  i.id = "inc-41c0de77aa120b93";
  i.number = "INC-2024-0704-CRYPTO";
  i.kind = Kind::kCompromisedCredential;
  i.title = "Root access key launched ten c5.4xlarge on a holiday";
  i.summary =
      "The root user's access key enumerated the account and launched ten c5.4xlarge that connect "
      "to a "
      "mining port.";
  i.score = 94.7;
  i.severity = incident::Severity::kCritical;
  i.priority = "P1";
  i.claim = Claim::kConsistent;
  i.first_activity = at("2024-07-04T10:58:00Z");
  i.last_activity = at("2024-07-05T02:10:00Z");
  i.detectable_at = at("2024-07-04T11:02:00Z");
  i.entities = {{EntityType::kPrincipal, "arn:aws:iam::210987654321:root"}};
  i.signals = {{"control_plane", 38}, {"identity", 33}, {"network", 23.7}};
  i.why = {{38, "Ten c5.4xlarge asked for by the root key", {"det-0000000000000002"}},
           {33, "Root access key used; it was never used before", {"det-0000000000000002"}},
           {23.7, "Long sessions to port 3333 from all ten instances", {}}};
  i.stages = {{Stage::kDiscovery, at("2024-07-04T10:58:00Z"), at("2024-07-04T11:01:00Z"), {}},
              {Stage::kResourceLaunch,
               at("2024-07-04T11:02:00Z"),
               at("2024-07-04T11:02:00Z"),
               {"det-0000000000000002"}},
              {Stage::kMining, at("2024-07-04T11:09:00Z"), at("2024-07-05T02:10:00Z"), {}}};
  i.timeline = {{at("2024-07-04T10:58:00Z"),
                 "DescribeInstances in 16 regions by root",
                 Stage::kDiscovery,
                 {}},
                {at("2024-07-04T11:02:00Z"),
                 "RunInstances: ten c5.4xlarge",
                 Stage::kResourceLaunch,
                 {record(2, 77, "", "2024-07-04T11:02:00Z")}},
                {at("2024-07-05T02:10:00Z"), "Last session to port 3333", Stage::kMining, {}}};
  i.techniques = {"T1078.004", "T1496.001"};
  i.indicators = {{IndicatorType::kIpPort, "198.51.100.77:3333", IndicatorRole::kPool}};
  i.initial_access.vector = "root access key";
  i.initial_access.principal = "arn:aws:iam::210987654321:root";
  i.initial_access.confidence = 0.6;
  i.initial_access.would_settle = "the credential report, and CloudTrail of the 90 days before";
  i.scope = {{"210987654321"}, {"us-east-1"}, {"i-0aa", "i-0ab", "i-0ac", "i-0ad"}};
  i.machines = {machine("i-0aa", impact::RunState::kRunning)};
  i.impact = {103.36,
              6.8,
              4'467.6,
              9.2,
              10,
              10,
              152.0,
              15 * kHour + 12 * kMinute,
              std::nullopt,
              48'234'496,
              {"10 x c5.4xlarge at $0.68/h"}};
  i.impact.time_to_detectable = 4 * kMinute;
  i.do_first = {"Delete the root user's access key", "Snapshot, then isolate the ten instances"};
  i.blind_spots = {"No DNS query log: the pool's name is not known"};
  i.detections = {"det-0000000000000002"};
  return i;
}

Incident workload() {
  Incident i;
  i.id = "inc-77e1b0559c2d4f10";
  i.number = "INC-2024-0304-CRYPTO";
  i.kind = Kind::kCompromisedWorkload;
  i.title = "XMRig runs as root on i-0a1b2c3d4e5f67890";
  i.summary = "A development instance runs /tmp/xmrig against three Monero pools.";
  i.score = 88.9;
  i.severity = incident::Severity::kHigh;
  i.priority = "P2";
  i.claim = Claim::kConfirmed;
  i.first_activity = at("2024-03-04T17:30:00Z");
  i.last_activity = at("2024-03-04T19:15:33Z");
  i.detectable_at = at("2024-03-04T19:00:15Z");
  i.detected_at = at("2024-03-04T19:15:33Z");
  i.entities = {{EntityType::kInstance, "i-0a1b2c3d4e5f67890"},
                {EntityType::kSshKey, "devops_temp_key"},
                {EntityType::kAddedUser, "ubuntu-update"}};
  i.signals = {
      {"compute", 14}, {"host", 16.4}, {"managed", 30}, {"network", 12}, {"process", 16.5}};
  i.why = {{30, "GuardDuty: CryptoCurrency:EC2/BitcoinTool.B", {"det-0000000000000001"}},
           {16.5, "Process /tmp/xmrig with config from http://185.143.221.89/config.json", {}},
           {16.4, "SSH key devops_temp_key and user ubuntu-update added", {}},
           {14, "Processor at 98 % for 2 h; normal is 20 to 30 %", {}},
           {12, "Connections to mining-pool.com:3333", {}}};
  i.stages = {{Stage::kInitialAccess, at("2024-03-04T17:30:00Z"), at("2024-03-04T17:30:00Z"), {}},
              {Stage::kPersistence, at("2024-03-04T17:40:00Z"), at("2024-03-04T17:44:00Z"), {}},
              {Stage::kExecution, at("2024-03-04T17:45:00Z"), at("2024-03-04T18:00:00Z"), {}},
              {Stage::kMining,
               at("2024-03-04T19:00:15Z"),
               at("2024-03-04T19:15:33Z"),
               {"det-0000000000000001"}}};
  i.timeline = {
      {at("2024-03-04T17:30:00Z"), "SSH login with dev_key", Stage::kInitialAccess, {}},
      {at("2024-03-04T17:45:00Z"), "/tmp/xmrig fetched from 185.143.221.89", Stage::kExecution, {}},
      {at("2024-03-04T19:00:15Z"),
       "Connection to mining-pool.com:3333",
       Stage::kMining,
       {record(1, 0, "finding-7842", "2024-03-04T19:15:33Z")}}};
  i.techniques = {"T1098.004", "T1496.001"};
  i.indicators = {{IndicatorType::kDomain, "mining-pool.com", IndicatorRole::kPool},
                  {IndicatorType::kDomain, "pool.supportxmr.com", IndicatorRole::kPool},
                  {IndicatorType::kDomain, "xmr-usa.dwarfpool.com", IndicatorRole::kPool},
                  {IndicatorType::kIp, "185.143.221.89", IndicatorRole::kDownloadHost},
                  {IndicatorType::kPath, "/tmp/xmrig", IndicatorRole::kMiner},
                  {IndicatorType::kSha256, "a1b2c3d4", IndicatorRole::kMiner}};
  i.initial_access.vector = "unknown";
  i.initial_access.would_settle = "the instance's auth.log from 12:00";
  i.scope = {{"123456789012"}, {"us-east-1"}, {"i-0a1b2c3d4e5f67890"}};
  i.machines = {machine("i-0a1b2c3d4e5f67890", impact::RunState::kUnknown)};
  i.impact = {std::nullopt,
              std::nullopt,
              std::nullopt,
              std::nullopt,
              0,
              0,
              0,
              kHour + 45 * kMinute,
              105 * kMinute,
              524'288'000,
              {"1 x c5.4xlarge at $0.68/h"}};
  i.impact.abused_hours = 1.8;
  i.impact.abused_usd_per_hour = 0.68;
  i.remediation = {"Rebuild from a clean image; do not clean in place: i-0a1b2c3d4e5f67890"};
  i.do_first = {"Snapshot the volumes of i-0a1b2c3d4e5f67890",
                "Isolate it with an empty security group",
                "Revoke dev_key and remove devops_temp_key"};
  i.blind_spots = {"No host telemetry before 17:40"};
  i.allowed = {{"batch-fleet (owner data-platform, to 2024-12-31)",
                {"Processor at 98 % for 2 h; normal is 20 to 30 %"},
                {"det-0000000000000005"}}};
  i.kept_by = {"GuardDuty: CryptoCurrency:EC2/BitcoinTool.B",
               "SSH key devops_temp_key and user ubuntu-update added (an identity signal, which no "
               "entry names)"};
  i.detections = {"det-0000000000000001"};
  return i;
}

Incident test_miner() {
  Incident i = workload();
  i.id = "inc-00000000000000aa";
  i.number = "INC-2024-0305-CRYPTO";
  i.title = "Benchmark host mines on purpose";
  i.score = 61;
  i.severity = incident::Severity::kMedium;
  i.priority = "P4";
  i.suppressed_by = "xmrig-benchmark (owner perf-team, to 2024-12-31): yearly benchmark, PERF-81";
  i.allowed.clear();
  i.kept_by.clear();
  return i;
}

}  // namespace

ScanReport three_incidents() {
  ScanReport report;
  report.sources = sources();
  report.detections = detections();
  report.incidents = {leaked_key(), root_key(), workload()};
  report.suppressed = {test_miner()};
  report.notes = {"2 rules were not loaded: see davy rules lint"};
  report.stats = {1.23456, 224'657'408, 1'248'460, 1'248'403, 1'011'212.34, 187'695'104};
  return report;
}

ScanReport nothing_found() {
  ScanReport report;
  report.sources = sources();
  report.sources.erase(report.sources.begin() + 1);
  report.stats = {0.5, 223'346'688, 1'248'258, 1'248'201, 2'496'402, 104'857'600};
  return report;
}

}  // namespace davy::report
