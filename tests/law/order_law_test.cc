// SPDX-License-Identifier: Apache-2.0
// "The same logs give the same incidents, byte for byte": whatever the file order, the names, how
// records are spread over files, what arrived twice, compression, threads and the size of reads.
// DAVY_LAW_ROUNDS sets how many random deliveries are tried.
#include <algorithm>
#include <cstdlib>

#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include "tests/law/rearrangement.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/base/text.h"
#include "davy/report/report.h"
#include "davy/simulate/estate_reader.h"

namespace davy::tests {
namespace {

using Json = nlohmann::ordered_json;
using Files = std::map<std::string, std::string>;

constexpr unsigned kDefaultRounds = 12;

unsigned rounds() {
  const char* asked = std::getenv("DAVY_LAW_ROUNDS");
  const auto count = asked == nullptr ? std::nullopt : parse_int<unsigned>(asked);
  return count.value_or(kDefaultRounds);
}

/// Where a record lies is what rearranging changes; nothing else may change.
void forget_places(Json& json) {
  if (json.is_object()) {
    json.erase("source");
    json.erase("offset");
  }
  if (json.is_structured()) {
    for (Json& inner : json)
      forget_places(inner);
  }
}

struct Findings {
  Json detections;
  Json incidents;
};

Findings findings_of(const std::string& report) {
  Json json = Json::parse(report, nullptr, false);
  EXPECT_TRUE(json.is_object()) << report.substr(0, 300);
  forget_places(json);
  return {json["detections"], json["incidents"]};
}

report::ScanReport scan(const std::string& place, unsigned threads) {
  source::Progress progress;
  report::ScanReport report =
      pipeline::scan({place}, built_in_knowledge(), {threads, {}}, progress);
  EXPECT_EQ(progress.files_done, progress.files_total) << "each file is counted once";
  return report;
}

Findings scan_findings(const std::string& place, unsigned threads) {
  return findings_of(report::to_json(scan(place, threads)));
}

/// The first line in which two pretty-printed texts differ, with what stands around it.
std::string first_difference(const Json& before, const Json& after) {
  if (before.size() != after.size()) {
    return fmt::format("{} items became {}", before.size(), after.size());
  }
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].dump() == after[i].dump()) continue;
    const std::string was = before[i].dump(1);
    const std::string is = after[i].dump(1);
    const auto was_lines = split(was, '\n');
    const auto is_lines = split(is, '\n');
    for (size_t line = 0; line < std::min(was_lines.size(), is_lines.size()); ++line) {
      if (was_lines[line] == is_lines[line]) continue;
      return fmt::format("item {} \"{}\", line {}:\n  was {}\n  is  {}", i,
                         before[i].value("title", ""), line, was_lines[line], is_lines[line]);
    }
    return fmt::format("item {} has another length", i);
  }
  return "nothing";
}

/// Fails the test with the first difference, not with both reports.
bool same(const Findings& before, const Findings& after, const std::string& where) {
  const bool equal = before.detections.dump() == after.detections.dump() &&
                     before.incidents.dump() == after.incidents.dump();
  if (!equal) {
    ADD_FAILURE() << where
                  << "\ndetections: " << first_difference(before.detections, after.detections)
                  << "\nincidents: " << first_difference(before.incidents, after.incidents);
  }
  return equal;
}

/// The estate's files that Davy reads whole. How many records are rejected is said in an incident's
/// blind spots, so delivering an unreadable file twice would rightly change it.
Files readable_files() {
  const EstateFolder& estate = estate_folder("estate");
  simulate::Options options;
  options.scale = kSmallScale;
  const simulate::Estate texts = simulate::make_estate(options);
  Files files;
  for (const report::SourceReport& source : scan(estate.path(), 1).sources) {
    if (source.events == 0 || source.rejected_count > 0 || !source.error.empty()) continue;
    const std::string name = source.path.substr(estate.path().size() + 1);
    files[name] = texts.at(name);
  }
  return files;
}

void write(const TestFolder& folder, const Files& files) {
  for (const auto& [path, bytes] : files)
    folder.write(path, bytes);
}

class OrderLaw : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Files files = readable_files();
    pools_ = new std::vector<Pool>(pools_of(files));
    const TestFolder folder;
    write(folder, files);
    expected_ = new Findings(scan_findings(folder.path(), 1));
  }
  static void TearDownTestSuite() {
    delete pools_;
    delete expected_;
  }
  static std::vector<Pool>* pools_;
  static Findings* expected_;
};
std::vector<Pool>* OrderLaw::pools_ = nullptr;
Findings* OrderLaw::expected_ = nullptr;

TEST_F(OrderLaw, TheEstateIsWorthRearranging) {
  size_t records = 0;
  std::map<Layout, size_t> pools;
  for (const Pool& pool : *pools_) {
    ++pools[pool.layout];
    records += pool.records.size();
  }
  EXPECT_GT(pools[Layout::kRecordsArray], 1u);
  EXPECT_GT(pools[Layout::kHeaderLines], 1u);
  EXPECT_GT(records, 10'000u);
  EXPECT_GT(expected_->detections.size(), 20u);
  EXPECT_GT(expected_->incidents.size(), 1u);
}

TEST_F(OrderLaw, HoldsForRandomDeliveries) {
  for (unsigned round = 0; round < rounds(); ++round) {
    Random random(round + 1);
    const TestFolder folder;
    const Files files = rearranged(*pools_, random);
    write(folder, files);
    const unsigned threads = 1 + round % 2;
    const std::string where =
        fmt::format("round {}, {} threads, {} files", round, threads, files.size());
    if (!same(*expected_, scan_findings(folder.path(), threads), where)) return;
  }
}

/// Calls from one listed address with one key, more of everything than a detection's bounds hold:
/// 800 instances launched and ended, in 700 sessions.
std::vector<std::string> records_beyond_bounds() {
  std::vector<std::string> records;
  for (int i = 0; i < 800; ++i) {
    const std::string instance = fmt::format("i-{:017x}", i * 7919);
    for (const bool launch : {true, false}) {
      Json record = Json::parse(R"({"eventVersion":"1.08","awsRegion":"us-east-1",
          "eventSource":"ec2.amazonaws.com","sourceIPAddress":"103.125.218.107",
          "recipientAccountId":"111122223333","eventType":"AwsApiCall"})");
      record["userIdentity"] = {
          {"type", "AssumedRole"},
          {"arn", fmt::format("arn:aws:sts::111122223333:assumed-role/ci/job-{}", i % 700)},
          {"accountId", "111122223333"},
          {"accessKeyId", "ASIAIOSFODNN7EXAMPLE"},
          {"sessionContext",
           {{"sessionIssuer", {{"type", "Role"}, {"arn", "arn:aws:iam::111122223333:role/ci"}}}}}};
      record["eventTime"] =
          to_rfc3339(Time{(1'740'009'600 + i * 60 + (launch ? 0 : 30)) * kSecond});
      record["eventName"] = launch ? "RunInstances" : "TerminateInstances";
      record["eventID"] = fmt::format("{}-{}", launch ? "run" : "end", i);
      record["requestParameters"] = {{"instanceType", "p3.2xlarge"}, {"maxCount", 1}};
      record["responseElements"]["instancesSet"]["items"] =
          Json::array({{{"instanceId", instance}, {"instanceType", "p3.2xlarge"}}});
      if (!launch) record["requestParameters"] = record["responseElements"];
      records.push_back(record.dump());
    }
  }
  return records;
}

TEST_F(OrderLaw, HoldsBeyondTheBoundsOfADetection) {
  const Pool pool{Layout::kJsonLines, "", "", records_beyond_bounds()};
  const TestFolder folder;
  folder.write("whole.json", joined(pool, pool.records, pool.layout));
  const report::ScanReport whole = scan(folder.path(), 1);
  const auto by_login = std::find_if(whole.detections.begin(), whole.detections.end(),
                                     [](const auto& d) { return d.detector == "login_source"; });
  ASSERT_NE(by_login, whole.detections.end());
  ASSERT_GT(by_login->entities.size(), 600u);  // the bound is met
  const Findings expected = findings_of(report::to_json(whole));
  for (unsigned round = 0; round < 4; ++round) {
    Random random(round + 1);
    const TestFolder delivery;
    write(delivery, rearranged({pool}, random));
    const Findings found = scan_findings(delivery.path(), 1 + round % 2);
    if (!same(expected, found, fmt::format("round {}", round))) return;
  }
}

/// An audit record without `node=` of a program being started.
std::string start_record(int second, int serial, std::string_view program, std::string_view rest) {
  const std::string stamp = fmt::format("msg=audit({}.100:{})", 1'772'633'700 + second, serial);
  return fmt::format(
      "type=SYSCALL {0}: arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=2 auid=1000 uid=33 "
      "comm=\"a\" exe=\"{1}\" key=(null)\ntype=EXECVE {0}: argc=4 a0=\"{1}\" {2}\n",
      stamp, program, rest);
}

TEST_F(OrderLaw, HoldsForAnAuditLogThatNamesNoMachine) {
  constexpr std::string_view kMines = R"(a1="-o" a2="stratum+tcp://203.0.113.77:3333" a3="-px")";
  std::vector<std::string> records = {
      start_record(0, 8000, "/opt/app", kMines), start_record(900, 8100, "/tmp/kswapd0", kMines),
      start_record(1800, 8200, "/dev/shm/x", R"(a1="1" a2="2" a3="3")"),
      start_record(3600, 8300, "/opt/other", kMines)};
  const TestFolder whole;
  whole.write("audit.log", join(records, ""));
  const Findings expected = scan_findings(whole.path(), 1);
  ASSERT_GT(expected.detections.size(), 3u);
  ASSERT_EQ(expected.incidents.size(), 1u) << expected.incidents.dump(1);
  EXPECT_NE(expected.incidents[0]["blind_spots"].dump().find("names no machine"),
            std::string::npos);
  for (unsigned round = 0; round < 6; ++round) {
    Random random(round + 1);
    records.push_back(records[round % 4]);  // twice
    shuffle(records, random);
    const TestFolder folder;
    for (size_t i = 0; i < records.size(); ++i)
      folder.write(fmt::format("{}/{}.log", i % (round + 1), i), records[i]);
    const Findings found = scan_findings(folder.path(), 1 + round % 2);
    if (!same(expected, found, fmt::format("round {}", round))) return;
  }
  // The files of two machines: their numbers cross.
  whole.write("other.log", start_record(300, 120, "/opt/other-machine", kMines) +
                               start_record(2400, 130, "/opt/other-machine", kMines));
  EXPECT_GT(scan_findings(whole.path(), 1).incidents.size(), 1u);
}

TEST_F(OrderLaw, HoldsForTheProgramItself) {
  Random random(99);
  const TestFolder folder;
  write(folder, rearranged(*pools_, random));
  const Ran ran = run_davy({"scan", folder.path(), "-o", "json", "-j", "2"});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  same(*expected_, findings_of(ran.out), "the program");
}

/// Every record of one layout and header as one stream.
std::vector<Pool> streams_of(const std::vector<Pool>& pools) {
  std::map<std::pair<Layout, std::string>, Pool> streams;
  for (const Pool& pool : pools) {
    if (pool.layout == Layout::kOpaque) continue;
    Pool& stream = streams[{pool.layout, pool.header}];
    stream.layout = pool.layout;
    stream.header = pool.header;
    stream.records.insert(stream.records.end(), pool.records.begin(), pool.records.end());
  }
  std::vector<Pool> all;
  for (auto& [key, stream] : streams)
    all.push_back(std::move(stream));
  return all;
}

TEST_F(OrderLaw, HoldsForStandardInputInSmallPieces) {
  Random random(7);
  for (Pool& stream : streams_of(*pools_)) {
    const TestFolder folder;
    folder.write("whole.log", joined(stream, stream.records, stream.layout));
    const Findings whole = scan_findings(folder.path(), 1);
    shuffle(stream.records, random);
    const std::string text = joined(stream, stream.records, stream.layout);
    const Ran plain = run_davy({"scan", "-", "-o", "json", "-j", "2"}, feed_text(text));
    same(whole, findings_of(plain.out), "plain pipe of " + stream.header);
    const Ran packed =
        run_davy({"scan", "-", "-o", "json", "-j", "1"}, feed_text(source::gzip(text)));
    same(whole, findings_of(packed.out), "gzip pipe of " + stream.header);
  }
}

}  // namespace
}  // namespace davy::tests
