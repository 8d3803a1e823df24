// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/import.h"

#include <string>

#include <gtest/gtest.h>

namespace davy::intel {
namespace {

/// "kind value" of every entry, in order.
std::string imported(std::string_view text, std::string_view format = "") {
  const auto entries = import_text(text, format, "test", "2026-11-20");
  if (!entries) return "error: " + entries.error().message();
  std::string all;
  for (const auto& entry : *entries) {
    all += std::string(kind_name(entry.kind)) + " " + entry.value + "\n";
  }
  return all;
}

TEST(Import, PlainList) {
  EXPECT_EQ(imported("# pools\n"
                     "Pool[.]Example\n"
                     "pool.example.\n"
                     "pool.example:3333   # the port goes\n"
                     "hxxp://185.143.221[.]89\n"
                     "185.143.221.89:8080\n"
                     "hxxps://shared.example/one/page.sh\n"
                     "stratum+tcp://xmr.example:3333\n"
                     "/bonn.sh\n"
                     "d41d8cd98f00b204e9800998ecf8427e\n"
                     "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855\n"
                     "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\r\n"),
            "domain pool.example\n"
            "domain xmr.example\n"
            "ip 185.143.221.89\n"
            "ip-port 185.143.221.89:8080\n"
            "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\n");
}

TEST(Import, HostsFile) {
  EXPECT_EQ(
      imported("# c\n0.0.0.0 b.example a.example # both\n127.0.0.1\tlocalhost\n::1 c.example\n"),
      "domain a.example\ndomain b.example\ndomain c.example\n");
}

TEST(Import, CsvByHeadingAndWithout) {
  EXPECT_EQ(imported("first_seen,ioc,malware\n2026-01-01,\"a[.]example\",x\n2026-01-02,,\n"),
            "domain a.example\n");
  EXPECT_EQ(imported("2026-01-01,a.example,b.example\n"), "domain a.example\n");
  const auto entries =
      import_text("domain,confidence,family\na.example,LOW,x\na.example,high,y\n", "csv", "s", "d");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1u);
  EXPECT_EQ(entries->front().confidence, "high");
  EXPECT_EQ(entries->front().family, "y");
  EXPECT_EQ(entries->front().source, "s");
  EXPECT_EQ(entries->front().date, "d");
}

TEST(Import, StixAlternativesOnly) {
  const std::string bundle = R"({"type":"bundle","objects":[
    {"type":"indicator","pattern_type":"stix","name":"p","confidence":80,
     "pattern":"[domain-name:value = 'pool.example' OR ipv4-addr:value='185.143.221.89']"},
    {"type":"indicator","pattern":"[file:hashes.'SHA-256' = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']"},
    {"type":"indicator","pattern":"[ipv4-addr:value = '185.1.1.1' AND network-traffic:dst_port = 3333]"},
    {"type":"indicator","pattern":"[network-traffic:dst_port = 3333 AND domain-name:value = 'd.example']"},
    {"type":"indicator","pattern":"[domain-name:value != 'good.example']"},
    {"type":"indicator","pattern":"[domain-name:value = 'old.example']","valid_until":"2026-01-01T00:00:00Z"},
    {"type":"indicator","pattern":"[domain-name:value = 'revoked.example']","revoked":true},
    {"type":"indicator","pattern":"alert tcp any","pattern_type":"snort"},
    {"type":"malware","name":"m"}]})";
  EXPECT_EQ(imported(bundle),
            "domain pool.example\nip 185.143.221.89\n"
            "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n");
  EXPECT_EQ(imported(bundle), imported(bundle, "stix"));
}

TEST(Import, MispEvent) {
  EXPECT_EQ(imported(R"({"Event":{"info":"Campaign","Attribute":[
      {"type":"domain","value":"a.example","to_ids":true},
      {"type":"domain","value":"context.example","to_ids":false},
      {"type":"domain","value":"gone.example","deleted":true},
      {"type":"ip-dst|port","value":"185.143.221.89|3333"},
      {"type":"filename|sha256","value":"x|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"type":"md5","value":"d41d8cd98f00b204e9800998ecf8427e"}],
      "Object":[{"Attribute":[{"type":"hostname","value":"b.example"}]}]}})"),
            "domain a.example\ndomain b.example\nip-port 185.143.221.89:3333\n"
            "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n");
}

TEST(Import, BadInputIsAnError) {
  EXPECT_EQ(imported("{\"type\":"), "error: the text is not valid JSON");
  EXPECT_EQ(imported("{}", "stix"), "error: the JSON is not a STIX bundle");
  EXPECT_EQ(imported(std::string(100, '[') + std::string(100, ']')),
            "error: the JSON is nested more than 64 levels deep");
  EXPECT_EQ(imported("a", "xml"),
            "error: unknown indicator format 'xml'; use list, hosts, csv, stix or misp");
  EXPECT_EQ(imported(R"([1,null,{"Event":3},{"Event":{"Attribute":[7,{"type":4}]}}])"), "");
}

TEST(Import, OrderDoesNotMatter) {
  EXPECT_EQ(imported("b.example\na.example\n"), imported("a.example\nb.example\na.example\n"));
}

TEST(Refang, EverySpelling) {
  EXPECT_EQ(refang("hxxp://185.143.221[.]89"), "http://185.143.221.89");
  EXPECT_EQ(refang("hXXps[://]a(.)b{.}c[dot]d(DOT)e"), "https://a.b.c.d.e");
  EXPECT_EQ(refang("a\\.b"), "a.b");
  EXPECT_EQ(refang("plain.example/[x]"), "plain.example/[x]");
}

}  // namespace
}  // namespace davy::intel
