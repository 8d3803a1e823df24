// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "davy/base/text.h"
#include "davy/report/fixture.h"
#include "davy/report/remediation.h"
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
  EXPECT_TRUE(
      has(known,
          "Earliest Detectable: 2025-02-23T14:15:02Z (3 min after the first malicious activity)"));
  EXPECT_TRUE(has(known, "Cryptocurrency: Monero (XMR)"));
  EXPECT_TRUE(
      has(known, "[14:15] control plane: CloudTrail logging stopped in 8 regions (HIGH) x 8"));
  EXPECT_TRUE(has(known, "Containment Time: not established"));
  const std::string unknown = to_ir(report.incidents[2], report);
  EXPECT_TRUE(has(
      unknown, "Vector: not established (the instance's auth.log from 12:00 would establish it)"));
}

TEST(Remediation, FollowsTheEvidence) {
  const ScanReport report = three_incidents();
  const std::string key = join(remediation(report.incidents[0]), "\n");
  EXPECT_TRUE(has(
      key,
      "Delete the access key, after its use elsewhere has been reviewed: AKIAIOSFODNN7EXAMPLE"));
  EXPECT_FALSE(has(key, "SSH key"));
  const std::string host = join(remediation(report.incidents[2]), "\n");
  EXPECT_TRUE(has(host, "devops_temp_key"));
  EXPECT_FALSE(has(host, "access key"));
}

TEST(Cryptocurrency, IsToldByTheWalletThenByThePoolsName) {
  incident::Incident incident;
  EXPECT_EQ(cryptocurrency(incident), "");
  incident.indicators = {{"domain", "xmr-usa.dwarfpool.com"}};
  EXPECT_EQ(cryptocurrency(incident), "Monero (XMR), by the name of the pool");
  incident.indicators.push_back({"wallet", "bc1qexample"});
  EXPECT_EQ(cryptocurrency(incident), "Bitcoin (BTC), by the form of the wallet address");
}

}  // namespace
}  // namespace davy::report
