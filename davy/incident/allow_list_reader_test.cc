// SPDX-License-Identifier: Apache-2.0
#include "davy/incident/allow_list_reader.h"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

namespace davy::incident {
namespace {

const DetectorNames kNames = {{"cpu_plateau", "cpu_plateau"},
                              {"login_source", "login_source"},
                              {"trail_stopped", "9c1f"},
                              {"9c1f", "9c1f"}};

struct Read {
  AllowList list;
  Diagnostics diagnostics;
};

Read read(const std::string& text) {
  Read result;
  const AllowFile file{"permitted.yml", text};
  result.list = read_allow_list({&file, 1}, kNames, result.diagnostics);
  return result;
}

std::string all_text(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& one : diagnostics)
    text += to_text(one) + "\n";
  return text;
}

/// An entry that is sound but for the lines that replace its own; an empty line leaves one out.
std::string entry(const std::map<std::string, std::string>& other = {}) {
  std::map<std::string, std::string> lines = {
      {"name", "name: eth-node"},
      {"scope", "scope: {account: \"012345678901\"}"},
      {"what", "what: any"},
      {"reason", "reason: validator, OPS-1234"},
      {"owner", "owner: web3@example.com"},
      {"expires", "expires: 2026-12-31"},
  };
  for (const auto& [key, line] : other)
    lines[key] = line;
  std::string text = "allow:\n";
  bool first = true;
  for (const char* key :
       {"name", "scope", "what", "reason", "owner", "starts", "expires", "more"}) {
    if (lines[key].empty()) continue;
    text += (first ? "  - " : "    ") + lines[key] + "\n";
    first = false;
  }
  return text;
}

TEST(AllowListReader, ReadsAnEntryWhole) {
  const Read result = read(R"(# permitted in production
allow:
  - name: eth-node
    scope:
      account: 012345678901
      resource: [i-0abc, "ip-10-0-3-*"]
      pool: [Pool.Example.com., 198.51.100.0/24, "203.0.113.9:3333", "[2001:db8::1]:3333"]
      source: 10.0.0.0/8
      tag: Name=eth-node
    what:
      signals: [network, identity]
      stages: defense_evasion
      detectors: [cpu_plateau, trail_stopped]
      kinds: [suspected]
    reason: >-
      validator,
      OPS-1234
    owner: web3@example.com
    starts: 2026-01-01
    expires: 2026-12-31
)");
  ASSERT_EQ(all_text(result.diagnostics), "");
  ASSERT_EQ(result.list.size(), 1u);
  const AllowEntry& one = result.list[0];
  EXPECT_EQ(one.name, "eth-node");
  EXPECT_EQ(one.line, 3);
  EXPECT_EQ(one.file, "permitted.yml");
  EXPECT_EQ(one.reason, "validator, OPS-1234");
  ASSERT_EQ(one.scope.size(), 5u);
  EXPECT_EQ(one.scope[0].values[0].text, "012345678901") << "an account id keeps its zero";
  EXPECT_EQ(one.scope[2].values[0].text, "pool.example.com");
  EXPECT_EQ(one.scope[2].values[2].port, 3333);
  EXPECT_TRUE(one.scope[2].values[3].range);
  EXPECT_TRUE(one.scope[3].values[0].range);
  EXPECT_EQ(one.scope[4].values[0].text, "eth-node");
  EXPECT_TRUE(one.what.signals.contains(detect::Signal::kIdentity));
  EXPECT_TRUE(one.what.stages.contains(detect::Stage::kDefenseEvasion));
  EXPECT_TRUE(one.what.detectors.contains("9c1f")) << "a rule's name stands for its id";
  EXPECT_TRUE(one.what.kinds.contains(Kind::kSuspected));
  EXPECT_EQ(to_rfc3339(one.starts), "2026-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(one.ends), "2027-01-01T00:00:00Z") << "the last day counts whole";
}

TEST(AllowListReader, TheOrderOfFilesDoesNotMatter) {
  const AllowFile a{"a.yml", entry()};
  const AllowFile b{"b.yml", entry({{"name", "name: aa"}})};
  Diagnostics diagnostics;
  const AllowFile forth[] = {a, b};
  const AllowFile back[] = {b, a};
  const AllowList one = read_allow_list(forth, kNames, diagnostics);
  const AllowList other = read_allow_list(back, kNames, diagnostics);
  ASSERT_EQ(one.size(), 2u);
  EXPECT_EQ(one[0].name, "aa");
  EXPECT_EQ(other[0].name, "aa");
  EXPECT_EQ(one[1].file, other[1].file);
  EXPECT_TRUE(diagnostics.empty());
}

TEST(AllowListReader, AnEmptyListIsNoMistake) {
  EXPECT_TRUE(read("allow: []\n").diagnostics.empty());
  EXPECT_TRUE(read("---\nallow: []\n").diagnostics.empty());
}

struct Mistake {
  const char* name;
  std::string text;
  const char* code;
  const char* says;  ///< in message or hint
};

TEST(AllowListReader, EveryMistakeIsToldWithItsPlaceAndAWayToMendIt) {
  const std::string deep = "allow: " + std::string(40, '[') + std::string(40, ']') + "\n";
  const Mistake mistakes[] = {
      {"no yaml", "allow: [\n", "DVY-A001", "no YAML"},
      {"flow map with a tail", "{allow: []} and more\n", "DVY-A001", "no YAML"},
      {"two documents", entry() + "---\nallow: []\n", "DVY-A001", "second YAML document"},
      {"deep", deep, "DVY-A001", "deeper"},
      {"empty", "", "DVY-A001", "begin with `allow:`"},
      {"allow is a map", "allow: {name: x}\n", "DVY-A002", "not a list"},
      {"an entry is a text", "allow: [eth-node]\n", "DVY-A002", "not a map"},
      {"misspelt root", "alow: []\n", "DVY-A003", "did you mean `allow`?"},
      {"misspelt key", entry({{"more", "reasn: x"}}), "DVY-A003", "did you mean `reason`?"},
      {"unknown scope", entry({{"scope", "scope: {acount: x}"}}), "DVY-A003",
       "did you mean `account`?"},
      {"no reason", entry({{"reason", ""}}), "DVY-A004", "no `reason`"},
      {"no owner", entry({{"owner", ""}}), "DVY-A004", "no `owner`"},
      {"no end", entry({{"expires", ""}}), "DVY-A004", "expires: 2026-12-31"},
      {"no scope", entry({{"scope", ""}}), "DVY-A004", "no `scope`"},
      {"no what", entry({{"what", ""}}), "DVY-A004", "what: any"},
      {"empty owner", entry({{"owner", "owner: \"\""}}), "DVY-A002", "one line"},
      {"twice", entry({{"more", "owner: other"}}), "DVY-A005", "written twice"},
      {"never", entry({{"expires", "expires: never"}}), "DVY-A006", "write 2026-12-31"},
      {"31 February", entry({{"expires", "expires: 2026-02-31"}}), "DVY-A006", "no date"},
      {"31 February at six", entry({{"expires", "expires: 2026-02-31T18:00:00Z"}}), "DVY-A006",
       "no date"},
      {"account", entry({{"scope", "scope: {account: 12345}"}}), "DVY-A006", "12 digits"},
      {"block", entry({{"scope", "scope: {source: 10.0.0.0/33}"}}), "DVY-A006", "CIDR"},
      {"address", entry({{"scope", "scope: {pool: 10.0.0.999}"}}), "DVY-A006", "CIDR"},
      {"pool url", entry({{"scope", "scope: {pool: \"stratum+tcp://a.b\"}"}}), "DVY-A006",
       "the name alone"},
      {"tag", entry({{"scope", "scope: {account: \"012345678901\", tag: role=node}"}}), "DVY-A006",
       "Name=value"},
      {"pattern in a key", entry({{"scope", "scope: {access_key: AKIA*}"}}), "DVY-A006", "in full"},
      {"signal", entry({{"what", "what: {signals: netwrk}"}}), "DVY-A007",
       "did you mean `network`?"},
      {"detector", entry({{"what", "what: {detectors: [cpu_platau]}"}}), "DVY-A007",
       "did you mean `cpu_plateau`?"},
      {"kind", entry({{"what", "what: {kinds: [x]}"}}), "DVY-A007", "compromised_workload"},
      {"everything", entry({{"scope", "scope: {principal: \"*\"}"}}), "DVY-A008", "everything"},
      {"every address", entry({{"scope", "scope: {source: 0.0.0.0/0}"}}), "DVY-A008",
       "every address"},
      {"every .com", entry({{"scope", "scope: {pool: \"*.com\"}"}}), "DVY-A008", "one pool"},
      {"region alone", entry({{"scope", "scope: {region: us-east-1}"}}), "DVY-A008",
       "add an account"},
      {"ends before it starts", entry({{"starts", "starts: 2027-06-01"}}), "DVY-A009", "starts"},
      {"taken name", entry() + entry().substr(7), "DVY-A010", "permitted.yml:2"},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.name);
    const Read result = read(mistake.text);
    const auto found =
        std::find_if(result.diagnostics.begin(), result.diagnostics.end(),
                     [&](const Diagnostic& one) { return one.code == mistake.code; });
    ASSERT_NE(found, result.diagnostics.end()) << all_text(result.diagnostics);
    EXPECT_NE(to_text(*found).find(mistake.says), std::string::npos) << to_text(*found);
    EXPECT_EQ(found->severity, davy::Severity::kError);
    EXPECT_EQ(found->file, "permitted.yml");
    EXPECT_GT(found->line, 0);
  }
}

TEST(AllowListReader, AScopeThatFitsNearlyEverythingIsRefused) {
  const auto refused = [](const char* key, const std::string& value) {
    const std::string more = std::string_view(key) == "tag" ? ", account: \"012345678901\"" : "";
    const Read result = read(
        entry({{"scope", std::string("scope: {") + key + ": [\"" + value + "\"]" + more + "}"}}));
    for (const Diagnostic& one : result.diagnostics)
      EXPECT_EQ(one.code, "DVY-A008") << to_text(one);
    return !result.diagnostics.empty();
  };
  for (const char* wide :
       {"arn:*", "arn:aws:iam::*", "arn:aws:iam*", "arn:aws:iam::*:user/*", "arn:*:user/*",
        "*:assumed-role/*", "arn:aws:sts::*:assumed-role/*/a*", "*a*"})
    EXPECT_TRUE(refused("principal", wide)) << wide;
  for (const char* wide : {"i-*", "i-0*", "i-0ab*", "eni-*", "ip-10-*", "vpc-*/10.*", "*/*",
                           "arn:aws:ecs:us-east-1:*", "default/*", "web*"})
    EXPECT_TRUE(refused("resource", wide)) << wide;
  for (const char* wide : {"ami-*", "docker.io/*", "*-*"})
    EXPECT_TRUE(refused("image", wide)) << wide;
  EXPECT_TRUE(refused("tag", "Name=a*"));
  EXPECT_TRUE(refused("pool", "*pool*"));
  for (const char* wide : {"0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/7", "::/1", "::ffff:0:0/96",
                           "::/64", "2000::/3", "8000::/1"})
    EXPECT_TRUE(refused("source", wide)) << wide;

  EXPECT_FALSE(refused("principal", "arn:aws:iam::111122223333:user/*"));
  EXPECT_FALSE(refused("principal", "arn:aws:iam::*:user/anna"));
  EXPECT_FALSE(refused("principal", "*/pentest"));
  EXPECT_FALSE(refused("resource", "i-0a1b2*"));
  EXPECT_FALSE(refused("resource", "*/eth-node-*"));
  EXPECT_FALSE(refused("resource", "ip-10-0-3-*"));
  EXPECT_FALSE(refused("resource", "db1")) << "no pattern";
  EXPECT_FALSE(refused("image", "ami-0abc*"));
  EXPECT_FALSE(refused("pool", "*.2miners.com"));
  EXPECT_FALSE(refused("source", "10.0.0.0/8"));
  EXPECT_FALSE(refused("source", "2001:db8::/32"));
  EXPECT_FALSE(refused("source", "::1"));
}

TEST(AllowListReader, TellsAllMistakesAtOnceAndTheLineOfEach) {
  const Read result = read(
      entry({{"owner", ""}, {"expires", "expires: soon"}, {"what", "what: {signal: network}"}}));
  ASSERT_EQ(result.diagnostics.size(), 3u) << all_text(result.diagnostics);
  EXPECT_NE(all_text(result.diagnostics).find("permitted.yml:6:14: error DVY-A006"),
            std::string::npos)
      << all_text(result.diagnostics);
}

TEST(AllowListReader, AnAliasBombEndsEarly) {
  std::string text = "a: &a [x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'i'; ++c) {
    text += c;
    text += ": &";
    text += c;
    text += " [";
    for (int i = 0; i < 8; ++i)
      text += std::string(i > 0 ? ", *" : "*") + static_cast<char>(c - 1);
    text += "]\n";
  }
  const Read result = read(text);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].code, "DVY-A001");
}

}  // namespace
}  // namespace davy::incident
