// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/import.h"

#include <string>

#include <gtest/gtest.h>

namespace davy::intel {
namespace {

/// "kind value" of every entry, in order.
std::string imported(std::string_view text, std::string_view format = "") {
  const auto list = import_text(text, format, "test", "2026-11-20");
  if (!list) return "error: " + list.error().message();
  std::string all;
  for (const auto& entry : list->entries)
    all += kind_label(entry) + " " + entry.value + "\n";
  return all;
}

/// "place: value: reason" of everything left out, in order.
std::string left_out(std::string_view text, std::string_view format = "") {
  const auto list = import_text(text, format, "test", "2026-11-20");
  if (!list) return "error: " + list.error().message();
  std::string all;
  for (const auto& one : list->left_out)
    all += one.place + ": " + one.value + ": " + one.reason + "\n";
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
            "malware-domain shared.example\n"
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
  ASSERT_EQ(entries->entries.size(), 1u);
  const IndicatorEntry& entry = entries->entries.front();
  EXPECT_EQ(entry.confidence, "high");
  EXPECT_EQ(entry.family, "y");
  EXPECT_EQ(entry.source, "s");
  EXPECT_EQ(entry.date, "d");
}

TEST(Import, CsvOfASpreadsheet) {
  EXPECT_EQ(imported("date;ioc;family\n2026-01-01;a[.]example;\"x;y\"\n2026-01-02;b.example;1,5\n"),
            "domain a.example\ndomain b.example\n");
  EXPECT_EQ(imported("1\ta.example\n2\tb.example\n"), "domain a.example\ndomain b.example\n");
}

TEST(Import, ThePageOfAUrlNamesAHostThatIsNoPool) {
  const auto list = import_text(
      "http://198.51.100.7:8080/x.sh\nhttp://203.0.113.9/x.sh\n"
      "https://load.example/x.sh\nhttps://load.example/y.sh\n"
      "https://whole.example/\n",
      "", "s", "d");
  ASSERT_TRUE(list);
  std::string all;
  for (const auto& entry : list->entries)
    all += kind_label(entry) + " " + entry.value + " " + entry.confidence + "\n";
  EXPECT_EQ(all,
            "malware-domain load.example low\n"
            "domain whole.example medium\n"
            "malware-ip 203.0.113.9 low\n"
            "malware-ip-port 198.51.100.7:8080 low\n");
  // A pool is a pool, whatever else is fetched from it and in whatever order that is said.
  EXPECT_EQ(imported("https://a.example/x\na.example\n"), "domain a.example\n");
  EXPECT_EQ(imported("a.example\nhttps://a.example/x\n"), "domain a.example\n");
}

TEST(Import, AListMayHaveLinesOfAHostsFile) {
  EXPECT_EQ(imported("a.example\n0.0.0.0 b.example\n127.0.0.1\tc.example d.example\n"),
            "domain a.example\ndomain b.example\ndomain c.example\ndomain d.example\n");
}

TEST(Import, SaysWhatIsLeftOutWhereAndWhy) {
  EXPECT_EQ(left_out("# pools\na.example\nd41d8cd98f00b204e9800998ecf8427e\n"
                     "da39a3ee5e6b4b0d3255bfef95601890afd80709\n"
                     "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb\nmilk and eggs\n"),
            "line 3: d41d8cd98f00b204e9800998ecf8427e: an MD5; only SHA-256 is looked up\n"
            "line 4: da39a3ee5e6b4b0d3255bfef95601890afd80709: a SHA-1; only SHA-256 is looked up\n"
            "line 5: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb: looks like a Bitcoin address, but its "
            "checksum is wrong\n"
            "line 6: milk and eggs: no domain, address, SHA-256 or wallet\n");
  EXPECT_EQ(left_out("127.0.0.1 localhost\n0.0.0.0 a.example\n"),
            "line 1: localhost: not the full name of a host\n");
  EXPECT_EQ(left_out("ioc,family\n,x\n-,y\n"),
            "line 2: ,x: the column of the indicator is empty\n"
            "line 3: -: no domain, address, SHA-256 or wallet\n");
  std::string many = "a.example\n";
  for (size_t i = 0; i < 30; ++i)
    many += "nothing\n";
  const auto list = import_text(many, "", "s", "d");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->left_out.size(), kLeftOutKept);
  EXPECT_EQ(list->left_out_count, 30u);
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

TEST(Import, StixObservablesAreOfLowConfidence) {
  const auto list = import_text(R"({"type":"bundle","objects":[
    {"type":"domain-name","value":"seen.example"},{"type":"ipv4-addr","value":"185.143.221.89"},
    {"type":"url","value":"http://load.example/x.sh"},
    {"type":"domain-name","value":"judged.example"},
    {"type":"indicator","pattern":"[domain-name:value = 'judged.example']","confidence":90},
    {"type":"indicator","pattern":"[domain-name:value = 'a.example' AND url:value = 'b']"},
    {"type":"file","name":"x","hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e"}},
    {"type":"ipv4-addr","value":"nowhere"},{"type":"identity","name":"us"},7]})",
                                "", "s", "2026-11-20");
  ASSERT_TRUE(list);
  std::string all;
  for (const auto& entry : list->entries)
    all += kind_label(entry) + " " + entry.value + " " + entry.confidence + "\n";
  EXPECT_EQ(all,
            "domain judged.example high\nmalware-domain load.example low\n"
            "domain seen.example low\nip 185.143.221.89 low\n");
  std::string places;
  for (const auto& one : list->left_out)
    places += one.place + " ";
  EXPECT_EQ(places, "objects[5] objects[6] objects[7] ");
}

TEST(Import, MispSearchForAttributes) {
  const std::string found = R"({"response":{"Attribute":[
      {"type":"domain","value":"a.example","to_ids":true,"Event":{"info":"Campaign"}},
      {"type":"md5","value":"d41d8cd98f00b204e9800998ecf8427e"},
      {"type":"domain","value":"context.example","to_ids":false},
      {"type":"mutex","value":"m"}]}})";
  EXPECT_EQ(imported(found), "domain a.example\n");
  EXPECT_EQ(import_text(found, "misp", "s", "d")->entries.front().family, "Campaign");
  EXPECT_EQ(left_out(found),
            "Attribute[1]: d41d8cd98f00b204e9800998ecf8427e: an MD5; only SHA-256 is looked up\n"
            "Attribute[2]: context.example: marked as not for detection (to_ids)\n"
            "Attribute[3]: m: attributes of this type are not read\n");
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
