// SPDX-License-Identifier: Apache-2.0
// The law of davy/detect/detector.h, for every detector of the table and for RuleMatches: whatever
// the order of records, their split over summaries, and copies among them, the same is found. The
// records go over every bound of a single subject.
#include <algorithm>
#include <memory>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/detect/detectors.h"
#include "davy/detect/test_events.h"

namespace davy::detect {
namespace {

using namespace testing;  // NOLINT: the words of these tests

constexpr int kMany = 700;  // more than kMaxPerKind

/// Records for all detectors, more of each than its bounds hold.
std::vector<Record> records_of_all_kinds() {
  std::vector<Record> records;
  for (int i = 0; i < kMany; ++i) {
    const Time time = kMidnight + i * kMinute;
    records.push_back(record_of(
        Login{time, "198.51.100.7", "ubuntu", "web-1", i % 3 != 0, fmt::format("image-{}", i)}));
    records.push_back(record_of(ProcessSeen{time, "/opt/xmrig", "",
                                            fmt::format("xmrig -o pool-{}.example:3333 -u x", i),
                                            "web-1", fmt::format("user-{}", i)}));
    records.push_back(record_of(Query{time, fmt::format("n{}.supportxmr.com", i)}));
    records.push_back(
        record_of(Connected{time, "198.51.100.7", static_cast<uint16_t>(i),
                            event::Connection::Outcome::kEstablished, fmt::format("/tmp/{}", i)}));
    records.push_back(record_of(Launch{time, "p3.2xlarge", fmt::format("region-{}", i), 3}));
  }
  // The same command line, an executable's name only, another name: must not be mixed up.
  records.push_back(record_of(ProcessSeen{kMidnight, "", "bash", "", "web-2"}));
  records.push_back(record_of(ProcessSeen{kMidnight, "", "xmrig", "", "web-2"}));
  records.push_back(record_of(Query{kMidnight, "supportxmr.com", "i-person"}));
  records.push_back(record_of(Query{kMidnight, "hashvault.pro", "i-person", true}));
  return records;
}

using Detectors = std::vector<std::unique_ptr<Detector>>;

void observe(Detectors& detectors, const std::vector<Record>& records) {
  for (const Record& record : records) {
    record([&](const event::Event& event) {
      for (const auto& detector : detectors)
        detector->observe(event);
    });
  }
}

/// What each detector found, by name.
std::map<std::string, std::string> findings(const Detectors& detectors) {
  std::map<std::string, std::string> found;
  for (const auto& detector : detectors) {
    const Judged judged = judge(*detector);
    std::string& text = found[std::string(detector->name())];
    for (const Detection& detection : judged.detections)
      text += text_of(detection);
    for (const std::string& note : judged.notes)
      text += note + "\n";
  }
  return found;
}

TEST(DetectorLaw, OrderSplitAndCopiesChangeNothing) {
  const std::vector<Record> records = records_of_all_kinds();
  Detectors whole = make_detectors(test_intel());
  observe(whole, records);
  const auto expected = findings(whole);
  for (const char* name : {"launch_weight", "login_source", "known_pool_name",
                           "known_pool_connection", "miner_process"})
    EXPECT_FALSE(expected.at(name).empty()) << name;

  std::mt19937 random(1);
  for (int round = 0; round < 6; ++round) {
    std::vector<Record> delivered = records;
    for (size_t i = 0; i < records.size(); i += 1 + random() % 7)
      delivered.push_back(records[i]);  // arrived twice
    std::shuffle(delivered.begin(), delivered.end(), random);
    const size_t parts = 1 + static_cast<size_t>(round) % 4;
    std::vector<Detectors> workers;
    for (size_t part = 0; part < parts; ++part) {
      std::vector<Record> share;
      for (size_t i = part; i < delivered.size(); i += parts)
        share.push_back(delivered[i]);
      observe(workers.emplace_back(make_detectors(test_intel())), share);
    }
    std::shuffle(workers.begin(), workers.end(), random);
    for (size_t part = 1; part < parts; ++part) {
      for (size_t i = 0; i < workers[0].size(); ++i)
        workers[0][i]->merge(*workers[part][i]);
    }
    for (const auto& [name, text] : findings(workers[0]))
      EXPECT_TRUE(text == expected.at(name)) << name << " in round " << round;
  }
}

}  // namespace
}  // namespace davy::detect
