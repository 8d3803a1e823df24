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
  EXPECT_EQ(
      text.substr(0, text.find('\n')),
      "3 incidents: 2 critical, 1 high, 1 suppressed by the allow-list   $15,439/h still burning");
}

TEST(Terminal, NeverPassesTheWidth) {
  for (const int width : {40, 60, 80, 100, 200}) {
    const std::string text = to_terminal(hostile_incidents(), {Color::kNever, width, true});
    for (const std::string_view line : split(text, '\n')) {
      if (line.starts_with("3 incidents")) continue;  // the verdict stays one line, to be grepped
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
  EXPECT_TRUE(has(
      known, "Detection Time: 2025-02-23T14:15:02Z (3 min after the first malicious activity)"));
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
  EXPECT_TRUE(has(text, "Containment Time: 2025-02-23T14:41:00Z (25 min after detection)"));
  EXPECT_TRUE(has(text, "[14:30] 8 trails switched on again in 8 regions (main), by"));
  EXPECT_TRUE(has(text, "Still open: access key AKIAIOSFODNN7EXAMPLE not seen deactivated"));
}

TEST(Ir, FoldsOneKindOnManyMachinesAndBreaksNoPath) {
  ScanReport report = three_incidents();
  detect::Detection one = report.detections[0];
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
