// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/vpc_flow.h"

#include <rapidcheck.h>

#include "davy/base/text.h"

namespace davy::decode {
namespace {

/// What one line became, with the views copied out.
struct Decoded {
  Outcome outcome;
  bool emitted = false;
  bool has_flow = false;
  event::Flow flow;
  std::string local, remote, interface, vpc, service, account, region, instance, cluster;
  Time time, end;
  Hash128 key;
  std::vector<std::pair<std::string, std::string>> fields;  ///< path -> text, in slot order
  std::vector<event::Value::Type> types;
  std::vector<std::string> all_values;
};

class Harness : private Sink {
 public:
  explicit Harness(std::vector<std::string> paths = {}) {
    for (const std::string& path : paths)
      schema_.add(path);
    decoder_ = kVpcFlow.make_decoder(schema_);
  }

  event::Schema& schema() { return schema_; }
  StreamContext& stream() { return stream_; }

  void header(std::string_view line) { stream_.layout = kVpcFlow.read_layout({{line}, ""}); }

  Decoded decode(std::string_view line) {
    result_ = {};
    const std::string padded = std::string(line) + std::string(RawRecord::kPadding, '\0');
    const RawRecord record{std::string_view(padded).substr(0, line.size()), 77, &stream_};
    result_.outcome = decoder_->decode(record, untouched_workbench(), *this);
    return result_;
  }

 private:
  /// Line formats do not use the workbench; the type is complete elsewhere only.
  static Workbench& untouched_workbench() {
    static std::max_align_t place;
    return *reinterpret_cast<Workbench*>(&place);
  }

  void emit(const event::Event& event, const event::Fields& fields) override {
    Decoded& r = result_;
    r.emitted = true;
    if (event.flow != nullptr) {
      r.has_flow = true;
      r.flow = *event.flow;
      r.local = r.flow.local_ip;
      r.remote = r.flow.remote_ip;
      r.interface = r.flow.interface;
      r.vpc = r.flow.vpc;
      r.service = r.flow.aws_service;
    }
    r.account = event.account;
    r.region = event.region;
    r.instance = event.instance;
    r.cluster = event.cluster;
    r.time = event.time;
    r.end = event.end;
    r.key = event.key;
    EXPECT_EQ(event.ref.offset, 77u);
    EXPECT_TRUE(event.record_id.empty());
    for (event::Slot slot = 0; slot < schema_.size(); ++slot) {
      for (const event::Value& value : fields.values(slot)) {
        r.fields.emplace_back(schema_.path(slot), value.text);
        r.types.push_back(value.type);
      }
    }
    for (const std::string_view value : fields.all_values())
      r.all_values.emplace_back(value);
  }

  event::Schema schema_;
  StreamContext stream_;
  std::unique_ptr<Decoder> decoder_;
  Decoded result_;
};

constexpr std::string_view kLine =
    "2 123456789010 eni-1235b8ca123456789 172.31.16.139 198.51.100.21 20641 443 6 20 4249 "
    "1418530010 1418530070 ACCEPT OK";

TEST(VpcFlowTest, ReadsTheDefaultLayoutWithoutAHeader) {
  Harness harness;
  const Decoded d = harness.decode(kLine);
  ASSERT_TRUE(d.emitted);
  EXPECT_EQ(d.account, "123456789010");
  EXPECT_EQ(d.interface, "eni-1235b8ca123456789");
  EXPECT_EQ(d.local, "172.31.16.139");
  EXPECT_EQ(d.remote, "198.51.100.21");
  EXPECT_EQ(d.flow.local_port, 20641);
  EXPECT_EQ(d.flow.remote_port, 443);
  EXPECT_EQ(d.flow.protocol, 6);
  EXPECT_EQ(d.flow.packets, 20u);
  EXPECT_EQ(d.flow.bytes, 4249u);
  EXPECT_EQ(to_rfc3339(d.time), "2014-12-14T04:06:50Z");
  EXPECT_EQ(to_rfc3339(d.end), "2014-12-14T04:07:50Z");
  EXPECT_TRUE(d.flow.accepted);
  EXPECT_TRUE(d.flow.outbound);
  EXPECT_TRUE(d.flow.orientation_known);
  EXPECT_EQ(d.key, hash128(kLine));
}

TEST(VpcFlowTest, CloudWatchExportPrefixAndLineEndDoNotChangeTheRecord) {
  Harness harness;
  const Decoded plain = harness.decode(kLine);
  const Decoded exported = harness.decode("2014-12-14T04:06:50.000Z " + std::string(kLine) + "\r");
  ASSERT_TRUE(exported.emitted);
  EXPECT_EQ(exported.key, plain.key);
  EXPECT_EQ(exported.flow.bytes, plain.flow.bytes);
}

TEST(VpcFlowTest, TailedLinesHaveTheNameOfTheirStreamToo) {
  Harness harness;
  const Decoded plain = harness.decode(kLine);
  for (const char* head :
       {"2014-12-14T04:06:50.123456+00:00 eni-1235b8ca123456789-all ",
        "2014-12-14T04:06:50+00:00 eni-1-accept ", "2014-12-14T04:06:50 eni-1-reject "}) {
    const Decoded tailed = harness.decode(head + std::string(kLine));
    EXPECT_TRUE(tailed.emitted) << head;
    EXPECT_EQ(tailed.key, plain.key);
  }
}

TEST(VpcFlowTest, HeadersMayBeWrittenAsTheLogFormatIs) {
  Harness harness;
  harness.header("${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${bytes}");
  const Decoded d = harness.decode("eni-7 10.0.0.5 203.0.113.9 50000 3333 100");
  ASSERT_TRUE(d.emitted) << d.outcome.reason;
  EXPECT_EQ(d.remote, "203.0.113.9");
  EXPECT_EQ(d.flow.bytes, 100u);
}

TEST(VpcFlowTest, LinesWithoutDataAreSkippedWithTheReason) {
  Harness harness;
  const auto reason = [&](std::string_view tail) {
    const Decoded d =
        harness.decode("2 123456789010 eni-1 - - - - - - - 1 2 - " + std::string(tail));
    EXPECT_EQ(d.outcome.verdict, Outcome::Verdict::kSkipped);
    EXPECT_FALSE(d.emitted);
    return d.outcome.reason;
  };
  EXPECT_EQ(reason("NODATA"), "NODATA");
  EXPECT_EQ(reason("SKIPDATA"), "SKIPDATA: records lost by AWS");
}

TEST(VpcFlowTest, CorruptLinesNameFieldAndCause) {
  const struct {
    std::string_view from, to, reason;
  } kCases[] = {
      {"172.31.16.139", "172.31.16.399", "srcaddr: not an IP address"},
      {"172.31.16.139", "172.31.16", "srcaddr: not an IP address"},
      {"198.51.100.21", "198.51.100.21.", "dstaddr: not an IP address"},
      {"198.51.100.21", "fe80:::1", "dstaddr: not an IP address"},
      {" 20641 ", " 70000 ", "srcport: not a port number"},
      {" 443 ", " 4x3 ", "dstport: not a port number"},
      {" 6 20", " 256 20", "protocol: not a number below 256"},
      {" 20 ", " 2/ ", "packets: not a number"},
      {" 20 ", "  ", "packets: not a number"},
      {" 4249 ", " 18446744073709551616 ", "bytes: not a number"},
      {" 4249 ", " -4249 ", "bytes: not a number"},
      {"1418530010", "141853001:", "start: not epoch seconds"},
      {"1418530010", "14185300100", "start: not epoch seconds"},
      {"1418530070", "1418530009", "end: earlier than start"},
      {"ACCEPT", "ACCEPTED", "action: neither ACCEPT nor REJECT"},
      {" OK", " KO", "log-status: not OK, NODATA or SKIPDATA"},
      {" OK", "", "line: fewer fields than columns"},
      {" OK", " OK OK", "line: more fields than columns"},
  };
  Harness harness;
  for (const auto& c : kCases) {
    std::string line(kLine);
    line.replace(line.find(c.from), c.from.size(), c.to);
    const Decoded d = harness.decode(line);
    EXPECT_EQ(d.outcome.verdict, Outcome::Verdict::kRejected) << line;
    EXPECT_EQ(d.outcome.reason, c.reason) << line;
    EXPECT_FALSE(d.emitted) << line;
  }
  EXPECT_TRUE(harness.decode(kLine).emitted) << "a bad line must not spoil the next";
}

TEST(VpcFlowTest, NumbersAreReadAtEveryWidth) {
  EXPECT_TRUE(rc::check("bytes as written come back", [] {
    const auto shift = *rc::gen::inRange(0, 64);
    const uint64_t bytes = *rc::gen::arbitrary<uint64_t>() >> shift;
    std::string line(kLine);
    line.replace(line.find("4249"), 4, std::to_string(bytes));
    RC_ASSERT(Harness().decode(line).flow.bytes == bytes);
  }));
}

TEST(VpcFlowTest, HeaderMayComeInAnyOrderWithUnderscoresAndUnknownColumns) {
  Harness harness({"brand-new", "interface_id"});
  harness.header(
      "brand-new bytes Packets end_time start_time dst_port srcport dstport dstaddr srcaddr "
      "interface_id account_id protocol action vpc_id region instance_id ecs-cluster-arn");
  const Decoded d = harness.decode(
      "what-is-this 100 2 1614866511 1614866493 x 50000 3333 203.0.113.9 10.0.0.5 eni-7 - 6 REJECT "
      "vpc-9 us-east-2 i-5 arn:c");
  ASSERT_TRUE(d.emitted) << d.outcome.reason;
  EXPECT_EQ(d.flow.bytes, 100u);
  EXPECT_EQ(d.flow.remote_port, 3333);
  EXPECT_FALSE(d.flow.accepted);
  EXPECT_EQ(d.account, "");
  EXPECT_EQ(d.region, "us-east-2");
  EXPECT_EQ(d.instance, "i-5");
  EXPECT_EQ(d.cluster, "arn:c");
  EXPECT_EQ(d.vpc, "vpc-9");
  const std::vector<std::pair<std::string, std::string>> expected = {{"brand-new", "what-is-this"},
                                                                     {"interface_id", "eni-7"}};
  EXPECT_EQ(d.fields, expected);
}

TEST(VpcFlowTest, StreamHintsFillWhatTheRecordDoesNotSay) {
  Harness harness;
  harness.stream().account_hint = "999999999999";
  harness.stream().region_hint = "eu-west-1";
  std::string line(kLine);
  line.replace(2, 12, "unknown");
  EXPECT_EQ(harness.decode(line).account, "999999999999");
  EXPECT_EQ(harness.decode(kLine).account, "123456789010");
  EXPECT_EQ(harness.decode(kLine).region, "eu-west-1");
}

TEST(VpcFlowTest, BothDirectionsOfAConnectionAgreeOnTheLocalSide) {
  const struct {
    std::string_view a, a_port, b, b_port, local;
    bool known;
  } kCases[] = {
      {"10.0.0.5", "50000", "203.0.113.9", "443", "10.0.0.5", true},
      {"10.0.0.5", "443", "203.0.113.9", "50000", "10.0.0.5", true},
      {"100.64.1.1", "50000", "203.0.113.9", "443", "100.64.1.1", true},
      {"fd00::5", "50000", "2001:db8::9", "443", "fd00::5", true},
      {"10.0.0.5", "50000", "10.0.0.6", "5432", "10.0.0.5", false},
      {"192.0.2.1", "443", "198.51.100.1", "49152", "198.51.100.1", false},
      {"10.0.0.5", "123", "10.0.0.6", "123", "10.0.0.5", false},
  };
  Harness harness;
  for (const auto& c : kCases) {
    const auto line = [](auto src, auto dst, auto src_port, auto dst_port) {
      return "2 1 eni-1 " + std::string(src) + ' ' + std::string(dst) + ' ' +
             std::string(src_port) + ' ' + std::string(dst_port) + " 17 1 76 100 100 ACCEPT OK";
    };
    const Decoded there = harness.decode(line(c.a, c.b, c.a_port, c.b_port));
    const Decoded back = harness.decode(line(c.b, c.a, c.b_port, c.a_port));
    EXPECT_EQ(there.local, c.local);
    EXPECT_EQ(back.local, c.local);
    EXPECT_EQ(there.flow.local_port, back.flow.local_port);
    EXPECT_EQ(there.flow.remote_port, back.flow.remote_port);
    EXPECT_NE(there.flow.outbound, back.flow.outbound);
    EXPECT_EQ(there.flow.orientation_known, c.known);
    EXPECT_EQ(back.flow.orientation_known, c.known);
  }
}

TEST(VpcFlowTest, NatGatewayRecordsShowTheTrueEnds) {
  Harness harness;
  harness.header(
      "srcaddr dstaddr srcport dstport protocol packets bytes start end action pkt-srcaddr "
      "pkt-dstaddr flow-direction pkt-src-aws-service pkt-dst-aws-service");
  // An instance's packet entering the gateway, and the answer leaving it.
  const Decoded out = harness.decode(
      "10.0.1.5 10.0.0.220 39812 80 6 5 400 10 20 ACCEPT 10.0.1.5 203.0.113.5 ingress - -");
  EXPECT_EQ(out.local, "10.0.1.5");
  EXPECT_EQ(out.remote, "203.0.113.5");
  EXPECT_TRUE(out.flow.outbound);
  const Decoded in = harness.decode(
      "10.0.0.220 10.0.1.5 80 39812 6 5 400 10 20 ACCEPT 203.0.113.5 10.0.1.5 egress S3 -");
  EXPECT_EQ(in.local, "10.0.1.5");
  EXPECT_FALSE(in.flow.outbound);
  EXPECT_EQ(in.service, "S3");
}

TEST(VpcFlowTest, FlowDirectionDecidesBetweenTwoPublicAddresses) {
  Harness harness;
  harness.header("srcaddr dstaddr srcport dstport protocol bytes start flow-direction");
  EXPECT_EQ(harness.decode("192.0.2.1 198.51.100.1 443 50000 6 1 5 egress").local, "192.0.2.1");
  EXPECT_EQ(harness.decode("192.0.2.1 198.51.100.1 443 50000 6 1 5 ingress").local, "198.51.100.1");
  EXPECT_EQ(harness.decode("192.0.2.1 198.51.100.1 443 50000 6 1 5 sideways").outcome.reason,
            "flow-direction: neither ingress nor egress");
}

TEST(VpcFlowTest, SigmaNamesReachColumns) {
  const struct {
    std::string_view name, path;
  } kCases[] = {{"src_ip", "srcaddr"},  {"dst_port", "dstport"},        {"action", "action"},
                {"dstport", "dstport"}, {"pkt_dstaddr", "pkt-dstaddr"}, {"dst_ip", "dstaddr"}};
  for (const auto& c : kCases) {
    std::vector<std::string> paths;
    kVpcFlow.resolve_field(c.name, paths);
    EXPECT_EQ(paths, std::vector<std::string>{std::string(c.path)});
  }
}

TEST(VpcFlowTest, FillsOnlyTheSlotsAskedFor) {
  Harness harness({"dstport", "action", "userIdentity.type", "tcp-flags"});
  const Decoded d = harness.decode(kLine);
  const std::vector<std::pair<std::string, std::string>> expected = {{"dstport", "443"},
                                                                     {"action", "ACCEPT"}};
  EXPECT_EQ(d.fields, expected);
  EXPECT_EQ(d.types[0], event::Value::Type::kNumber);
  EXPECT_EQ(d.types[1], event::Value::Type::kString);
  EXPECT_TRUE(d.all_values.empty());
}

TEST(VpcFlowTest, KeywordRulesSeeEveryValue) {
  Harness harness;
  harness.schema().want_all_values();
  EXPECT_EQ(harness.decode(kLine).all_values.size(), 14u);
  EXPECT_EQ(harness.decode(kLine).all_values.size(), 14u) << "of this row alone";
}

TEST(VpcFlowTest, NothingOfOneLayoutIsLeftInTheNext) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  Harness harness({"dstport", "region", "vpc-id"});
  EXPECT_EQ(harness.decode(kLine).fields, (Fields{{"dstport", "443"}}));

  harness.header(
      "region vpc-id account-id interface-id srcaddr dstaddr srcport dstport bytes start");
  const Decoded full =
      harness.decode("us-east-2 vpc-9 111122223333 eni-7 10.0.0.5 203.0.113.9 50000 3333 100 5");
  ASSERT_TRUE(full.emitted) << full.outcome.reason;
  EXPECT_EQ(full.fields,
            (Fields{{"dstport", "3333"}, {"region", "us-east-2"}, {"vpc-id", "vpc-9"}}));
  EXPECT_EQ(full.region, "us-east-2");
  EXPECT_EQ(full.vpc, "vpc-9");

  harness.stream().layout = nullptr;
  harness.stream().region_hint = "eu-west-1";
  const Decoded plain = harness.decode(kLine);
  EXPECT_EQ(plain.fields, (Fields{{"dstport", "443"}}));
  EXPECT_EQ(plain.region, "eu-west-1");
  EXPECT_EQ(plain.vpc, "");
  EXPECT_EQ(plain.account, "123456789010");
  harness.stream().region_hint.clear();
  EXPECT_EQ(harness.decode(kLine).region, "");
}

TEST(VpcFlowTest, RecognisesItsStreamsOnly) {
  const auto looks = [](std::vector<std::string_view> lines) {
    return kVpcFlow.looks_like_text({std::move(lines), ""});
  };
  EXPECT_TRUE(looks({kLine}));
  EXPECT_TRUE(looks({"${version} ${srcaddr} ${dstaddr} ${bytes} ${start}"}));
  EXPECT_TRUE(looks({"", "version account_id interface_id srcaddr dstaddr bytes"}));
  EXPECT_TRUE(looks({"2024-03-04T12:00:00.000Z 2 123456789010 eni-1 - - - - - - - 1 2 - NODATA"}));
  EXPECT_FALSE(looks({"start end bytes of text"}));
  EXPECT_FALSE(looks({"11 123456789010 eni-1 - - - - - - - 1 2 - NODATA"}));
  EXPECT_FALSE(looks({"USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND"}));
  EXPECT_FALSE(looks({}));
}

TEST(VpcFlowTest, ARepeatedHeaderIsNotARecord) {
  Harness harness;
  const std::string header =
      "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes "
      "start "
      "end action log-status";
  harness.header(header);
  EXPECT_EQ(harness.decode(header).outcome.reason, "header line");
  EXPECT_EQ(harness.decode("srcaddr dstaddr srcport dstport bytes").outcome.reason, "header line");
}

// The golden lines below are the public samples of flowlogs-reader (Apache-2.0) and of AWS's guide.
struct Golden {
  std::string_view header;
  std::vector<std::string_view> lines;
  std::string verdicts;  ///< d(ecoded) s(kipped) r(ejected), one a line
  std::string ends;      ///< "local>remote" of each decoded line
};

TEST(VpcFlowTest, PublicSamplesDecode) {
  const Golden kGolden[] = {
      {"",
       {"2 123456789010 eni-102010ab 198.51.100.1 192.0.2.1 443 49152 6 10 840 1439387263 "
        "1439387264 "
        "ACCEPT OK",
        "2 123456789010 eni-102010ab 192.0.2.1 198.51.100.1 49152 443 6 20 1680 1439387264 "
        "1439387265 ACCEPT OK",
        "2 123456789010 eni-1a2b3c4d - - - - - - - 1431280876 1431280934 - NODATA",
        "2 123456789010 eni-4b118871 - - - - - - - 1431280876 1431280934 - SKIPDATA"},
       "ddss",
       "192.0.2.1:49152>198.51.100.1:443 192.0.2.1:49152>198.51.100.1:443 "},
      {"account-id bytes dstaddr dstport end instance-id packets pkt-dstaddr pkt-srcaddr protocol "
       "srcaddr srcport start subnet-id tcp-flags type version vpc-id",
       {"000000000000 6392 172.18.160.93 47460 1568300425 i-06f9249b 10 172.18.160.93 192.168.0.1 "
        "6 "
        "172.18.160.68 443 1568300367 subnet-089e7569 19 IPv4 3 vpc-0461a061",
        "000000000000 1698 172.18.160.68 443 1568300425 i-06f9249b 10 192.168.0.1 172.18.160.9 6 "
        "172.18.160.93 8088 1568300367 subnet-089e7569 3 IPv4 3 vpc-0461a061"},
       "dd",
       "172.18.160.93:47460>192.168.0.1:443 172.18.160.9:8088>192.168.0.1:443 "},
      {"account-id action az-id bytes dstaddr dstport end flow-direction instance-id interface-id "
       "log-status packets pkt-dst-aws-service pkt-dstaddr pkt-src-aws-service pkt-srcaddr "
       "protocol "
       "region srcaddr srcport start sublocation-id sublocation-type subnet-id tcp-flags "
       "traffic-path type version vpc-id",
       {"999999999999 ACCEPT use2-az2 4895 192.0.2.156 50318 1614866511 ingress "
        "i-00123456789abcdef "
        "eni-00123456789abcdef OK 15 - 192.0.2.156 S3 198.51.100.6 6 us-east-2 198.51.100.7 443 "
        "1614866493 - - subnet-0123456789abcdef 19 - IPv4 5 vpc-04456ab739938ee3f",
        "bogus line"},
       "dr",
       "192.0.2.156:50318>198.51.100.6:443 "},
      {"resource-type tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id",
       {"TransitGateway 00000000 00000001 00000002 00000003"},
       "s",
       ""},
  };
  for (const Golden& golden : kGolden) {
    Harness harness;
    if (!golden.header.empty()) {
      EXPECT_TRUE(kVpcFlow.looks_like_text({{golden.header}, ""}));
      harness.header(golden.header);
    }
    std::string verdicts;
    std::string ends;
    for (const std::string_view line : golden.lines) {
      const Decoded d = harness.decode(line);
      verdicts += "dsr"[static_cast<size_t>(d.outcome.verdict)];
      if (d.emitted) {
        ends += d.local + ':' + std::to_string(d.flow.local_port) + '>' + d.remote + ':' +
                std::to_string(d.flow.remote_port) + ' ';
      }
    }
    EXPECT_EQ(verdicts, golden.verdicts) << golden.header;
    EXPECT_EQ(ends, golden.ends) << golden.header;
  }
}

TEST(VpcFlowTest, AnyBytesAreSurvived) {
  EXPECT_TRUE(rc::check("a mutated line is decoded, skipped or rejected with a reason", [] {
    std::string line(kLine);
    for (int i = *rc::gen::inRange(0, 8); i > 0; --i) {
      line[*rc::gen::inRange<size_t>(0, line.size())] = *rc::gen::arbitrary<char>();
    }
    const Decoded d = Harness({"bytes"}).decode(line);
    RC_ASSERT(d.emitted == (d.outcome.verdict == Outcome::Verdict::kDecoded));
    RC_ASSERT(d.emitted == d.outcome.reason.empty());
  }));
}

}  // namespace
}  // namespace davy::decode
