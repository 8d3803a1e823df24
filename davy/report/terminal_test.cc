// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "davy/base/text.h"
#include "davy/report/cryptocurrency.h"
#include "davy/report/fixture.h"
#include "davy/report/utf8.h"
#include "davy/report/wording.h"

namespace davy::report {
namespace {

bool has(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

TEST(Terminal, FirstLineIsTheVerdict) {
  const std::string text = to_terminal(three_incidents(), {});
  EXPECT_TRUE(
      text.starts_with("3 incidents: 2 critical, 1 high; 1 suppressed by the allow-list\n"
                       "$6.80/h still burning"))
      << text.substr(0, 200);
}

TEST(Terminal, NothingReadIsNoAllClear) {
  ScanReport report;
  report.sources.resize(3);
  report.sources[0].path = "notes.txt";
  report.sources[0].format = "unknown";
  report.sources[0].records = report.sources[0].rejected_count = 1;
  report.sources[1].error = "does not exist";
  const std::string text = to_terminal(report, {Color::kAlways, 100, false});
  EXPECT_TRUE(
      text.starts_with("\x1b[1;31mNOTHING WAS READ: of 3 inputs 1 could not be read, 1 is no log "
                       "Davy knows, 1 is empty (0 bytes)\x1b[0m\n"))
      << text.substr(0, 200);
  EXPECT_FALSE(has(text, "No mining found"));
  EXPECT_EQ(text.find("does not exist"), text.rfind("does not exist")) << "said once";
  report.sources[2].skipped = 5;
  EXPECT_TRUE(has(to_terminal(report, {}), "1 holds records but no event"));
  report.sources.resize(1);
  EXPECT_TRUE(has(to_terminal(report, {}), "the input is no log Davy knows"));
  EXPECT_TRUE(has(to_terminal(report, {}), "`davy doctor` lists"));
  report.sources[0] = {};
  EXPECT_TRUE(has(to_terminal(report, {}), "the input is empty (0 bytes)"));
  EXPECT_TRUE(has(to_terminal(report, {}), "fetch it again"));
  report.sources[0].bytes = 14;
  EXPECT_TRUE(has(to_terminal(report, {}), "the input is whole and holds no records"));
  report.sources[0].error = "gzip data ends too early";
  EXPECT_TRUE(has(to_terminal(report, {}), "could not be read: gzip data ends too early"));
  EXPECT_TRUE(has(to_terminal({}, {}), "NOTHING WAS READ: the input holds no files"));
}

TEST(Terminal, WhatTheWritersLostIsABlindSpot) {
  ScanReport report;
  report.sources.resize(1);
  report.sources[0].events = 1;
  report.sources[0].skipped_by_reason = {{"SKIPDATA: records lost by AWS", 3}, {"NODATA", 2}};
  EXPECT_TRUE(has(to_terminal(report, {}), "lost by AWS (SKIPDATA)"));
  EXPECT_FALSE(has(to_terminal(report, {}), "Falco lost events"));
  report.sources[0].skipped_by_reason = {{"Falco internal message: events were lost", 1}};
  EXPECT_TRUE(has(to_terminal(report, {}), "Falco lost events"));
}

TEST(Terminal, DetectionsThatReadAlikeAreOneLineWithTheirCount) {
  ScanReport report = three_incidents();
  detect::Detection again = report.detections[2];  // the trail, a day later
  again.id = "det-again";
  again.time = again.time + kDay;
  again.end_time = again.end_time + kDay;
  again.evidence[0].time = again.time;
  report.detections.push_back(again);
  report.incidents.resize(1);
  report.incidents[0].detections.push_back("det-again");
  const auto lines = detection_lines(report.incidents[0], report);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].more, 1u);
  EXPECT_EQ(lines[0].told.count, 16u);
  EXPECT_EQ(lines[0].told.evidence.size(), 2u);
  EXPECT_EQ(lines[0].title(),
            "CloudTrail logging stopped in 8 regions (1 more like it, to 2025-02-24 14:16:32 UTC)");
  for (const std::string& text :
       {to_terminal(report, {Color::kNever, 200, true}), to_markdown(report)}) {
    EXPECT_TRUE(has(text, "1 more like it")) << text;
  }
}

TEST(Terminal, LowIncidentsAreObservations) {
  ScanReport report = three_incidents();
  report.suppressed.clear();
  report.incidents.resize(1);
  report.incidents[0].severity = incident::Severity::kLow;
  report.incidents[0].impact = {};
  const std::string text = to_terminal(report, {});
  EXPECT_TRUE(text.starts_with("No incident; 1 observation to rule out\n")) << text.substr(0, 200);
  EXPECT_TRUE(has(text, "Also seen, to rule out"));
  EXPECT_TRUE(has(to_terminal(report, {Color::kNever, 100, true}), "LOW 99/100"));
}

TEST(Terminal, WhatRunsStandsFirstAndIsNamed) {
  const ScanReport report = three_incidents();
  const std::string text = to_terminal(report, {});
  EXPECT_TRUE(has(text, "$6.80/h still burning (inc-41c0de77aa120b93)"));
  const size_t running = text.find("CRITICAL     94  RUNNING");
  const size_t ended = text.find("CRITICAL     99  ended");
  const size_t unknown = text.find("HIGH         88  unknown");
  EXPECT_LT(running, ended);
  EXPECT_LT(ended, unknown);
  EXPECT_NE(unknown, std::string::npos);
}

TEST(Terminal, ShowsFiveIncidentsInFullAndSaysWhereTheOthersAre) {
  ScanReport report = three_incidents();
  const incident::Incident one = report.incidents[0];
  report.incidents.assign(7, one);
  const auto cards = [](const std::string& text) {
    size_t count = 0;
    for (size_t at = 0; (at = text.find("CRITICAL 99/100", at)) != std::string::npos; ++at)
      ++count;
    return count;
  };
  const std::string text = to_terminal(report, {});
  EXPECT_EQ(cards(text), 5u);
  EXPECT_TRUE(has(text, "2 more incidents are in the table above"));
  EXPECT_EQ(cards(to_terminal(report, {Color::kNever, 100, true})), 7u);
}

TEST(Terminal, IdentifiersAreWholeAtEveryWidth) {
  for (const int width : {40, 60, 100}) {
    const std::string text = to_terminal(three_incidents(), {Color::kNever, width, true});
    for (const char* id : {"inc-9a3f52c1d07be846", "INC-2025-0223-CRYPTO",
                           "evidence/AWSLogs/cloudtrail-2025-02-23.json.gz @ 40960  5f1c0d3e-0001"})
      EXPECT_TRUE(has(text, id)) << width << ": " << id;
  }
}

TEST(SourceListing, SumsPerFormatAddUpToTheWhole) {
  ScanReport report;
  for (uint64_t i = 0; i < 20; ++i) {
    SourceReport source;
    source.format = i % 2 == 0 ? "cloudtrail" : "unknown";
    source.records = 10;
    source.rejected_count = i % 2 == 0 ? 0 : 3;
    source.skipped = 2;
    source.skipped_by_reason = {{"digest", 2}};
    source.events = 10 - source.rejected_count - source.skipped;
    report.sources.push_back(source);
  }
  const SourceListing listing = listed_sources(report);
  ASSERT_EQ(listing.rows.size(), 2u);
  EXPECT_EQ(listing.troubled.size(), 10u);
  EXPECT_EQ(listing.more_troubled, 0u);
  for (const SourceReport& row : listing.rows) {
    EXPECT_EQ(row.records, 100u);
    EXPECT_EQ(row.records, row.events + row.skipped + row.rejected_count);
    EXPECT_EQ(row.skipped_by_reason.at("digest"), 20u);
  }
}

TEST(Terminal, NeverPassesTheWidth) {
  for (const int width : {40, 60, 80, 100, 200}) {
    const std::string text = to_terminal(hostile_incidents(), {Color::kNever, width, true});
    for (const std::string_view line : split(text, '\n')) {
      if (line.find(" @ ") != std::string_view::npos) continue;  // cited places stay whole
      EXPECT_LE(columns(line), static_cast<size_t>(width)) << width << ": " << line;
    }
  }
}

TEST(Terminal, ObeysNoEscapeFromALog) {
  const std::string text = to_terminal(hostile_incidents(), {Color::kNever, 100, true});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_FALSE(has(text, "\u202e"));
}

TEST(Terminal, ColorsOnlyAdd) {
  const ScanReport report = three_incidents();
  std::string colored = to_terminal(report, {Color::kAlways, 100, false});
  EXPECT_TRUE(has(colored, "\x1b[1;97;41m CRITICAL 99/100 \x1b[0m"));
  for (size_t at = colored.find('\x1b'); at != std::string::npos; at = colored.find('\x1b')) {
    colored.erase(at, colored.find('m', at) - at + 1);
  }
  EXPECT_EQ(colored, to_terminal(report, {Color::kNever, 100, false}));
}

TEST(Terminal, AnEmptyResultSaysWhatCouldNotBeSeen) {
  const std::string text = to_terminal(nothing_found(), {});
  EXPECT_TRUE(text.starts_with("No mining found\n"));
  EXPECT_TRUE(has(text, "No DNS query log was read"));
  EXPECT_FALSE(has(text, "No flow log was read"));
  EXPECT_TRUE(has(text, "gzip stream ends early"));
  EXPECT_FALSE(contains_ignore_case(text, "clean"));
}

TEST(Ir, SaysNotEstablishedAndWhatWouldEstablishIt) {
  const ScanReport report = three_incidents();
  const std::string known = to_ir(report.incidents[0], report);
  EXPECT_TRUE(has(known, "Incident ID: INC-2025-0223-CRYPTO\n"));
  EXPECT_TRUE(
      has(known,
          "Earliest Detectable: 2025-02-23T14:15:02Z (3 min after the first malicious activity)"));
  EXPECT_TRUE(has(known, "Cryptocurrency: Monero (XMR)"));
  EXPECT_TRUE(
      has(known, "[14:15] control plane: CloudTrail logging stopped in 8 regions (HIGH) x 8"));
  const std::string unknown = to_ir(report.incidents[2], report);
  EXPECT_TRUE(has(unknown, "Containment Time: not established"));
  EXPECT_TRUE(has(
      unknown, "Vector: not established (the instance's auth.log from 12:00 would establish it)"));
}

TEST(Ir, TellsWhatWasDoneAndWhatIsOpen) {
  const ScanReport report = three_incidents();
  const std::string text = to_ir(report.incidents[0], report);
  EXPECT_TRUE(has(text, "Containment Time: 2025-02-23T14:41:00Z (18 min after detection)"));
  EXPECT_TRUE(has(text, "[14:30] 8 trails switched on again in 8 regions (main), by"));
  EXPECT_TRUE(has(text, "Still open: access key AKIAIOSFODNN7EXAMPLE not seen deactivated"));
}

TEST(Ir, FoldsOneKindOnManyMachinesAndBreaksNoPath) {
  ScanReport report = three_incidents();
  detect::Detection one = report.detections[0];
  one.vendor.clear();
  report.sources[1].path = "evidence/" + std::string(150, 'x') + "/guardduty.jsonl";
  report.incidents[2].detections.clear();
  for (int i = 0; i < 200; ++i) {
    one.id = "det-copy-" + std::to_string(i);
    one.title = "Long session: i-" + std::to_string(1000 + i);
    one.entities = {{event::EntityType::kInstance, "i-" + std::to_string(1000 + i)}};
    report.detections.push_back(one);
    report.incidents[2].detections.push_back(one.id);
  }
  const std::string text = to_ir(report.incidents[2], report);
  EXPECT_TRUE(has(text, "Long session (HIGH) x 200"));
  EXPECT_TRUE(has(text, "i-1000, i-1001, i-1002 and 197 more"));
  EXPECT_TRUE(has(text, report.sources[1].path + " @ 0\n"));
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 100);
}

TEST(Wording, ASpanInsideAMinuteNamesItOnce) {
  const Time start = *parse_rfc3339("2025-02-23T18:09:01Z");
  EXPECT_EQ(span(start, start + 30 * kSecond), "2025-02-23 18:09 UTC (30 s)");
}

TEST(Wording, WhereCountsNothingThatTheLogsDoNotName) {
  const auto where = [](const incident::Scope& scope) {
    incident::Incident incident;
    incident.scope = scope;
    return facts(incident)[2].text;
  };
  EXPECT_EQ(where({}), "the logs name no account, region or machine");
  EXPECT_EQ(where({{}, {}, {"web-1"}}), "1 resource (web-1)");
  EXPECT_EQ(where({{"1"}, {"us-east-1"}, {"i-1"}}),
            "1 account (1), 1 region (us-east-1), 1 resource (i-1)");
}

TEST(Wording, TheWayInNamesItsAddressOnce) {
  incident::Incident incident;
  incident.initial_access.vector = "Login as ubuntu from 45.155.205.17";
  incident.initial_access.source_ip = "45.155.205.17";
  for (const Fact& fact : facts(incident)) {
    if (fact.label == "Way in") {
      EXPECT_TRUE(fact.text.starts_with("Login as ubuntu from 45.155.205.17 (")) << fact.text;
    }
  }
}

TEST(Wording, CertaintySaysWhatWasSeenHere) {
  incident::Incident incident;
  incident.claim = detect::Claim::kConfirmed;
  EXPECT_EQ(certainty(incident),
            "mining confirmed: a known pool, a miner, a wallet or a vendor's finding was seen");
  incident.proof = "Miner process /tmp/xmrig";
  EXPECT_EQ(certainty(incident), "mining confirmed: Miner process /tmp/xmrig");
}

TEST(Cryptocurrency, IsToldByTheWalletThenByThePoolsName) {
  incident::Incident incident;
  EXPECT_EQ(cryptocurrency(incident), "");
  incident.indicators = {{detect::IndicatorType::kDomain, "xmr-usa.dwarfpool.com"}};
  EXPECT_EQ(cryptocurrency(incident), "Monero (XMR), by the name of the pool");
  incident.indicators.push_back({detect::IndicatorType::kWallet, "bc1qexample"});
  EXPECT_EQ(cryptocurrency(incident), "Bitcoin (BTC), by the form of the wallet address");
}

}  // namespace
}  // namespace davy::report
