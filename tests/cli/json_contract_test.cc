// SPDX-License-Identifier: Apache-2.0
// The keys of `davy scan --output json`, which scripts rely on: those promised are all there, with
// the promised types, and nothing appears that is not written down here.
#include <algorithm>
#include <set>

#include "tests/cli/records.h"
#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include <gtest/gtest.h>

namespace davy::tests {
namespace {

using Keys = std::set<std::string>;
using nlohmann::json;

Keys keys_of(const json& object) {
  Keys keys;
  for (const auto& [key, value] : object.items())
    keys.insert(key);
  return keys;
}

// Promised keys, then those added since.
const Keys kDocument = {"schema",     "sources", "detections", "incidents",
                        "suppressed", "stats",   "notes"};
const Keys kSource = {"path",           "format",
                      "records",        "events",
                      "rejected",       "bytes",
                      "first_time",     "last_time",
                      "skipped",        "skipped_by_reason",
                      "rejected_count", "rejected_more",
                      "repaired",       "rejected_by_reason",
                      "error"};
const Keys kDetection = {"id",       "detector",   "title",    "level",          "confidence",
                         "time",     "end_time",   "signal",   "stage",          "techniques",
                         "entities", "evidence",   "count",    "claim",          "detail",
                         "weight",   "indicators", "measures", "vendor_findings"};
const Keys kIncident = {"id",
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
                        "suppressed_by",
                        "number",
                        "claim",
                        "summary",
                        "proof",
                        "containment",
                        "contained_at",
                        "still_open",
                        "do_first",
                        "remediation",
                        "blind_spots",
                        "detections",
                        "detectable_at",
                        "machines",
                        "launches",
                        "standing",
                        "allowed",
                        "kept_by"};
const Keys kEvidence = {"source", "offset", "record_id", "time"};
const Keys kAccess = {"vector", "credential", "principal", "source_ip",
                      "time",   "confidence", "evidence",  "would_settle"};
const Keys kStats = {"wall_s", "bytes", "records", "events", "events_per_s", "peak_rss_bytes"};

const json& report() {
  static const json parsed =
      run_davy({"scan", estate_folder("estate").path(), "-o", "json"}).json();
  return parsed;
}

void expect_evidence(const json& list) {
  for (const json& one : list) {
    EXPECT_EQ(keys_of(one), kEvidence);
    EXPECT_TRUE(one.at("offset").is_number_unsigned());
  }
}

TEST(JsonContract, Document) {
  EXPECT_EQ(keys_of(report()), kDocument);
  EXPECT_EQ(report().at("schema"), "davy.scan/1");
  EXPECT_EQ(keys_of(report().at("stats")), kStats);
  EXPECT_GT(report().at("stats").at("events"), 0);
}

TEST(JsonContract, Sources) {
  const json& sources = report().at("sources");
  ASSERT_FALSE(sources.empty());
  uint64_t events = 0;
  for (const json& source : sources) {
    EXPECT_EQ(keys_of(source), kSource);
    events += source.at("events").get<uint64_t>();
    for (const json& reject : source.at("rejected"))
      EXPECT_EQ(keys_of(reject), (Keys{"offset", "reason"}));
  }
  EXPECT_EQ(report().at("stats").at("events"), events);
  EXPECT_TRUE(std::is_sorted(sources.begin(), sources.end(), [](const json& a, const json& b) {
    return a.at("path") < b.at("path");
  }));
}

TEST(JsonContract, Detections) {
  const json& detections = report().at("detections");
  ASSERT_GT(detections.size(), 5u);
  Keys ids;
  for (const json& detection : detections) {
    EXPECT_EQ(keys_of(detection), kDetection);
    EXPECT_FALSE(detection.at("evidence").empty()) << detection.at("title");
    expect_evidence(detection.at("evidence"));
    for (const json& entity : detection.at("entities"))
      EXPECT_EQ(keys_of(entity), (Keys{"type", "id"}));
    for (const json& indicator : detection.at("indicators"))
      EXPECT_EQ(keys_of(indicator), (Keys{"type", "value"}));
    EXPECT_TRUE(ids.insert(detection.at("id")).second) << "two detections of one id";
  }
}

TEST(JsonContract, Incidents) {
  const json& incidents = report().at("incidents");
  ASSERT_GT(incidents.size(), 1u);
  Keys detection_ids;
  for (const json& detection : report().at("detections"))
    detection_ids.insert(detection.at("id"));
  for (const json& incident : incidents) {
    EXPECT_EQ(keys_of(incident), kIncident);
    EXPECT_EQ(keys_of(incident.at("scope")), (Keys{"accounts", "regions", "resources"}));
    EXPECT_EQ(keys_of(incident.at("initial_access")), kAccess);
    for (const json& stage : incident.at("stages"))
      EXPECT_EQ(keys_of(stage), (Keys{"stage", "first", "last", "detections"}));
    for (const json& entry : incident.at("timeline")) {
      EXPECT_EQ(keys_of(entry), (Keys{"time", "text", "stage", "evidence"}));
      expect_evidence(entry.at("evidence"));
    }
    for (const json& id : incident.at("detections"))
      EXPECT_TRUE(detection_ids.contains(id)) << id;
  }
}

TEST(JsonContract, AScoreIsTheSumOfItsReasons) {
  for (const json& incident : report().at("incidents")) {
    double sum = 0;
    ASSERT_FALSE(incident.at("why").empty());
    for (const json& why : incident.at("why")) {
      EXPECT_EQ(keys_of(why), (Keys{"points", "text", "detections"}));
      sum += why.at("points").get<double>();
    }
    EXPECT_NEAR(sum, incident.at("score").get<double>(), 0.1) << incident.at("title");
  }
}

TEST(JsonContract, EvidencePointsAtTheRecord) {
  const TestFolder folder;
  const std::string text = as_lines(stolen_root_key_records());
  folder.write("log.json", text);
  const json found = run_davy({"scan", folder.path(), "-o", "json"}).json();
  size_t cited = 0;
  for (const json& detection : found.at("detections")) {
    for (const json& evidence : detection.at("evidence")) {
      const std::string id = evidence.at("record_id");
      const size_t offset = evidence.at("offset");
      ASSERT_LT(offset, text.size());
      const std::string record = text.substr(offset, text.find('\n', offset) - offset);
      EXPECT_TRUE(record.starts_with('{')) << record.substr(0, 40);
      EXPECT_NE(record.find(id), std::string::npos) << id;
      ++cited;
    }
  }
  EXPECT_GT(cited, 5u);
}

TEST(JsonContract, JsonLinesTagsEveryLine) {
  const Ran ran = run_davy({"scan", estate_folder("estate").path(), "-o", "jsonl"});
  size_t incidents = 0;
  size_t detections = 0;
  size_t begin = 0;
  for (size_t end; (end = ran.out.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const json line = json::parse(ran.out.substr(begin, end - begin));
    const std::string type = line.at("type");
    ++(type == "incident" ? incidents : detections);
    EXPECT_TRUE(type == "incident" || type == "detection") << type;
  }
  EXPECT_EQ(incidents, report().at("incidents").size());
  EXPECT_EQ(detections, report().at("detections").size());
}

}  // namespace
}  // namespace davy::tests
