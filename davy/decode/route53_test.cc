// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/route53.h"

#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

/// A query log record with `fields` added to what every record has.
std::string record(std::string_view name, std::string_view fields) {
  return R"({"version":"1.100000","account_id":"123456789012","region":"us-east-1","vpc_id":"vpc-1",)"
         R"("query_timestamp":"2026-03-04T14:02:00Z","query_name":")" +
         std::string(name) + "\"" + std::string(fields) + "}";
}

TEST(Route53, ReadsWhoAskedForWhat) {
  int events = 0;
  const auto decoded = testing::decode_stream(
      record("Pool.Example.COM.",
             R"(,"query_type":"A","rcode":"NXDOMAIN","srcaddr":"10.0.1.20","srcport":"49152",
             "answers":[{"Rdata":"cname.example.","Type":"CNAME","Class":"IN"},{"Rdata":"203.0.113.7"}],
             "srcids":{"instance":"i-0a1b2c3d4e5f67890"},"firewall_rule_action":"BLOCK")"),
      [&](const event::Event& e, const event::Fields&) {
        ++events;
        EXPECT_EQ(to_rfc3339(e.time), "2026-03-04T14:02:00Z");
        EXPECT_EQ(e.end, e.time);
        EXPECT_EQ(e.account, "123456789012");
        EXPECT_EQ(e.region, "us-east-1");
        EXPECT_EQ(e.instance, "i-0a1b2c3d4e5f67890");
        ASSERT_NE(e.dns, nullptr);
        EXPECT_EQ(e.dns->name, "pool.example.com");
        EXPECT_EQ(e.dns->type, "A");
        EXPECT_EQ(e.dns->rcode, "NXDOMAIN");
        EXPECT_EQ(e.dns->client_ip, "10.0.1.20");
        EXPECT_EQ(e.dns->vpc, "vpc-1");
        EXPECT_TRUE(e.dns->blocked);
        ASSERT_EQ(e.dns->answers.size(), 2u);
        EXPECT_EQ(e.dns->answers[0], "cname.example.");
        EXPECT_EQ(e.dns->answers[1], "203.0.113.7");
      });
  EXPECT_EQ(events, 1);
  EXPECT_EQ(decoded.formats, (std::vector<std::string>{"route53"}));
}

TEST(Route53, TakesNamesAndAnswersInEveryForm) {
  struct Case {
    std::string text;
    std::string name;
    size_t answers;
    bool blocked;
  };
  const Case cases[] = {
      {record("a.example", ""), "a.example", 0, false},
      {record("a.example..", ""), "a.example.", 0, false},
      {record("a.example.", R"(,"answers":[])"), "a.example", 0, false},
      {record("a.example.", R"(,"answers":null,"srcids":null)"), "a.example", 0, false},
      {record("a.example.", R"(,"answers":{"Rdata":"1.2.3.4"})"), "a.example", 1, false},
      {record("a.example.", R"(,"answers":[{"Rdata":5},{"Rdata":["x"]}])"), "a.example", 1, false},
      {record("a.example.", R"(,"firewall_rule_action":"ALERT")"), "a.example", 0, false},
      {record(R"(\u0041.example)", R"(,"firewall_rule_action":"BLOCK")"), "a.example", 0, true},
  };
  for (const Case& one : cases) {
    int events = 0;
    testing::decode_stream(one.text, [&](const event::Event& e, const event::Fields&) {
      ++events;
      EXPECT_EQ(e.dns->name, one.name) << one.text;
      EXPECT_EQ(e.dns->answers.size(), one.answers) << one.text;
      EXPECT_EQ(e.dns->blocked, one.blocked) << one.text;
    });
    EXPECT_EQ(events, 1) << one.text;
  }
}

TEST(Route53, SkipsTheRootAndRejectsWhatHasNoTime) {
  std::string late = record("a.example", "");
  late.replace(late.find("2026-03-04T14:02:00Z"), 20, "at tea time");
  const auto decoded = testing::decode_stream(
      record(".", "") + late, [](const event::Event&, const event::Fields&) { ADD_FAILURE(); });
  EXPECT_EQ(decoded.skipped, (std::vector<std::string>{"DNS query for the root"}));
  EXPECT_EQ(decoded.rejected, (std::vector<std::string>{"query_timestamp is not a time"}));
}

TEST(Route53, SigmaNamesReachItsFields) {
  const std::pair<std::string_view, std::string> cases[] = {{"QueryName", "query_name"},
                                                            {"query", "query_name"},
                                                            {"answers", "answers.Rdata"},
                                                            {"record_type", "query_type"},
                                                            {"srcids.instance", "srcids.instance"}};
  for (const auto& [sigma, path] : cases) {
    std::vector<std::string> paths;
    kRoute53.resolve_field(sigma, paths);
    EXPECT_EQ(paths, (std::vector<std::string>{path}));
  }
}

}  // namespace
}  // namespace davy::decode
