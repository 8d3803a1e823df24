// SPDX-License-Identifier: Apache-2.0
#include "davy/report/json.h"

#include <limits>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "davy/report/fixture.h"

namespace davy::report {
namespace {

using Json = nlohmann::ordered_json;
using Keys = std::vector<std::string>;

/// The object's first keys, as many as the contract names; what follows them is Davy's addition.
Keys first_keys(const Json& object, const Keys& contract) {
  Keys keys;
  for (const auto& item : object.items()) {
    if (keys.size() < contract.size()) keys.push_back(item.key());
  }
  return keys;
}

void expect_contract(const Json& object, const Keys& contract) {
  EXPECT_EQ(first_keys(object, contract), contract);
}

TEST(Json, HasTheContractsKeysInItsOrder) {
  const Json scan = Json::parse(to_json(three_incidents()));
  EXPECT_EQ(scan.at("schema"), "davy.scan/1");
  expect_contract(scan, {"schema", "sources", "detections", "incidents", "suppressed"});
  expect_contract(scan["sources"][0], {"path", "format", "records", "events", "rejected", "bytes",
                                       "first_time", "last_time"});
  expect_contract(scan["sources"][0]["rejected"][0], {"offset", "reason"});
  const Json& detection = scan["detections"][0];
  expect_contract(detection, {"id", "detector", "title", "level", "confidence", "time", "end_time",
                              "signal", "stage", "techniques", "entities", "evidence", "count"});
  expect_contract(detection["entities"][0], {"type", "id"});
  expect_contract(detection["evidence"][0], {"source", "offset", "record_id"});
  const Json& incident = scan["incidents"][0];
  expect_contract(incident, {"id",
                             "kind",
                             "title",
                             "score",
                             "severity",
                             "priority",
                             "first_activity",
                             "last_activity",
                             "detected_at",
                             "entities",
                             "signals",
                             "why",
                             "stages",
                             "timeline",
                             "techniques",
                             "indicators",
                             "initial_access",
                             "scope",
                             "impact",
                             "suppressed_by"});
  expect_contract(incident["why"][0], {"points", "text", "detections"});
  expect_contract(incident["stages"][0], {"stage", "first", "last", "detections"});
  expect_contract(incident["timeline"][0], {"time", "text", "stage", "evidence"});
  expect_contract(incident["indicators"][0], {"type", "value", "role"});
  expect_contract(incident["initial_access"], {"vector", "credential", "principal", "source_ip",
                                               "time", "confidence", "evidence"});
  expect_contract(incident["scope"], {"accounts", "regions", "resources"});
  for (const char* key : {"wall_s", "bytes", "events", "events_per_s", "peak_rss_bytes"}) {
    EXPECT_TRUE(scan["stats"].contains(key)) << key;
  }
}

TEST(Json, SaysWhatIsAbsentWithNull) {
  const Json scan = Json::parse(to_json(three_incidents()));
  EXPECT_TRUE(scan["incidents"][0]["suppressed_by"].is_null());
  EXPECT_TRUE(scan["suppressed"][0]["suppressed_by"].is_string());
  EXPECT_TRUE(scan["incidents"][1]["initial_access"]["time"].is_null());
  EXPECT_TRUE(scan["sources"][0]["error"].is_null());
}

TEST(Json, RoundsToStableDecimals) {
  ScanReport report = three_incidents();
  report.incidents[0].impact.burn_usd_per_hour = 15432.000000001;
  report.incidents[0].score = std::numeric_limits<double>::quiet_NaN();
  const Json incident = Json::parse(to_json(report))["incidents"][0];
  EXPECT_EQ(incident["impact"]["burn_usd_per_hour"].dump(), "15432.0");
  EXPECT_TRUE(incident["score"].is_null());
}

TEST(Json, CitesTheSourceByPath) {
  ScanReport report = three_incidents();
  report.detections[0].evidence[0].ref.source = 99;
  const Json detections = Json::parse(to_json(report))["detections"];
  EXPECT_EQ(detections[0]["evidence"][0]["source"], "unknown source");
  EXPECT_EQ(detections[1]["evidence"][0]["source"], "evidence/logs.zip!vpc/flow.log");
}

TEST(Json, KeepsHostileTextWholeAndValid) {
  const Json scan = Json::parse(to_json(hostile_incidents()));  // throws on invalid UTF-8
  const auto title = scan["incidents"][0]["title"].get<std::string>();
  EXPECT_NE(title.find("<script>alert(1)</script>"), std::string::npos);
  EXPECT_NE(title.find("\x1b[31m\x1b]0;t\x07\ufffd\u202e"), std::string::npos);
}

TEST(Jsonl, IsOneTaggedObjectALine) {
  std::map<std::string, int> types;
  std::istringstream lines(to_jsonl(hostile_incidents()));
  for (std::string line; std::getline(lines, line);)
    ++types[Json::parse(line).at("type")];
  EXPECT_EQ(types, (std::map<std::string, int>{{"detection", 4}, {"incident", 4}}));
}

}  // namespace
}  // namespace davy::report
