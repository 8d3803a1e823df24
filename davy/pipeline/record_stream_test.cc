// SPDX-License-Identifier: Apache-2.0
// Streams that mix formats: a line is read as what it is, whatever stands around it.
#include "davy/pipeline/record_stream.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "davy/pipeline/decode_batch.h"
#include "davy/source/memory.h"

namespace davy::pipeline {
namespace {

/// What was read: "format key" of every event, and the reason of every rejection.
struct Got {
  std::vector<std::string> events;
  std::vector<std::string> rejected;
  std::vector<uint64_t> offsets;  ///< of the events
};

class Collecting final : public decode::Sink {
 public:
  Collecting(const decode::Catalog& catalog, decode::Workbench& bench, Got& got)
      : catalog_(catalog), bench_(bench), got_(got) {}
  void emit(const event::Event& event, const event::Fields&) override {
    got_.events.push_back(std::string(catalog_.format(bench_.running_format()).name) + ' ' +
                          to_hex(event.key));
    got_.offsets.push_back(event.ref.offset);
  }

 private:
  const decode::Catalog& catalog_;
  decode::Workbench& bench_;
  Got& got_;
};

Got read(const std::string& text) {
  static const decode::Catalog catalog(decode::PlainJson::kReject);
  source::MemoryStream bytes(text);
  RecordStream stream(catalog, bytes, "log", 0);
  decode::Workbench bench(catalog);
  Got got;
  Collecting sink(catalog, bench, got);
  Batch batch;
  while (stream.next(batch)) {
    EXPECT_EQ(batch.records.empty() ? 0 : batch.runs.back().end, batch.records.size());
    decode_batch(
        batch,
        [&](const decode::RawRecord& record, const Run& run) {
          return decode_one(run, bench, record, sink);
        },
        [&](const decode::Outcome& outcome, uint64_t) {
          if (outcome.verdict == decode::Outcome::Verdict::kRejected)
            got.rejected.emplace_back(outcome.reason);
          EXPECT_NE(outcome.verdict, decode::Outcome::Verdict::kNotMine);
        });
  }
  return got;
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

constexpr const char* kKinds[] = {"flow",  "exported flow", "audit",     "dns",
                                  "falco", "dated dns",     "cri falco", "syslog falco"};

/// A line of one kind; `number` tells it from the others.
std::string line_of(size_t kind, unsigned number) {
  const std::string n = std::to_string(number);
  const std::string flow = "2 123456789012 eni-1 172.31.16.139 198.51.100.21 " +
                           std::to_string(1024 + number % 60'000) +
                           " 443 6 20 4249 1418530010 1418530070 ACCEPT OK";
  const std::string dns =
      R"({"version":"1.1","account_id":"1","region":"us-east-1","vpc_id":"vpc-1",)"
      R"("query_timestamp":"2024-03-04T12:00:00Z","query_name":"n)" +
      n + R"(.example.","query_type":"A","query_class":"IN","rcode":"NOERROR"})";
  const std::string falco =
      R"({"output":"x","priority":"Critical","rule":"R","time":"2024-03-04T12:00:00.1Z",)"
      R"("output_fields":{"proc.cmdline":"a )" +
      n + R"("},"hostname":"h"})";
  switch (kind) {
    case 0: return flow;
    case 1: return "2024-03-04T12:00:00.000Z " + flow;
    case 2: return "type=EXECVE msg=audit(1709553600.123:" + n + "): argc=1 a0=\"xmrig\"";
    case 3: return dns;
    case 4: return falco;
    case 5: return "2024-03-04T12:00:00.000Z " + dns;
    case 6: return "2024-03-04T12:00:00.123456789Z stdout F " + falco;
    default: return "Mar  4 12:00:00 host falco[123]: " + falco;
  }
}

TEST(MixedStream, EveryPairOfFormatsIsReadInBothOrders) {
  for (size_t first = 0; first < std::size(kKinds); ++first) {
    for (size_t second = 0; second < std::size(kKinds); ++second) {
      SCOPED_TRACE(std::string(kKinds[first]) + " before " + kKinds[second]);
      const std::string a = line_of(first, 1);
      const std::string b = line_of(second, 2);
      std::vector<std::string> expected = read(a + "\n").events;
      ASSERT_EQ(expected.size(), 1u);
      for (const std::string& event : read(b + "\n").events)
        expected.push_back(event);
      for (const char* end : {"\n", "\r\n", "\n\n"}) {
        const Got got = read(a + end + b + end + a + end);
        EXPECT_EQ(got.rejected, std::vector<std::string>{});
        std::vector<std::string> twice = expected;
        twice.push_back(expected[0]);
        if (first == 2 || second == 2) continue;  // see below: copies of one audit line are one
        EXPECT_EQ(got.events, twice);
      }
      EXPECT_EQ(sorted(read(a + "\n" + b).events), sorted(expected));
    }
  }
}

TEST(MixedStream, OrderSplitsAndStraysChangeNothing) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& kinds, uint32_t seed, bool strays) {
    std::vector<std::string> lines;
    for (size_t i = 0; i < kinds.size(); ++i)
      lines.push_back(line_of(kinds[i] % std::size(kKinds), static_cast<unsigned>(i)));
    std::vector<std::string> expected;
    for (const std::string& line : lines) {
      const Got alone = read(line);
      RC_ASSERT(alone.events.size() == 1 && alone.rejected.empty());
      expected.push_back(alone.events[0]);
    }
    size_t stray_lines = 0;
    if (strays && !lines.empty()) {
      for (const char* stray :
           {"Falco version: 0.37.1", "$ aws cloudtrail", "== end of file", "}"}) {
        lines.emplace_back(stray);
        ++stray_lines;
      }
    }
    std::mt19937 random(seed);
    std::shuffle(lines.begin(), lines.end(), random);
    const size_t cut = lines.empty() ? 0 : random() % lines.size();
    std::string parts[2];
    for (size_t i = 0; i < lines.size(); ++i)
      parts[i < cut ? 0 : 1] += lines[i] + "\n";
    const Got whole = read(parts[0] + parts[1]);
    RC_ASSERT(sorted(whole.events) == sorted(expected));
    RC_ASSERT(whole.rejected.size() == stray_lines);
    std::vector<std::string> split_up = read(parts[0]).events;
    for (const std::string& event : read(parts[1]).events)
      split_up.push_back(event);
    if (stray_lines == 0) RC_ASSERT(sorted(split_up) == sorted(expected));
  }));
}

TEST(MixedStream, WhereABlockEndsChangesNothing) {
  std::string text;
  std::vector<std::string> expected;
  for (unsigned i = 0; text.size() < 3 * kBlockBytes; ++i) {
    // Runs of one format and single lines, in a pattern that shifts against the blocks.
    const size_t kind = i % 97 < 40 ? (i / 97) % std::size(kKinds) : i % std::size(kKinds);
    text += line_of(kind, i) + "\n";
  }
  const Got got = read(text);
  EXPECT_EQ(got.rejected, std::vector<std::string>{});
  size_t lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  EXPECT_EQ(got.events.size(), lines);
  for (const size_t shift : {1u, 100u, 4093u}) {
    const Got shifted = read(std::string(shift, '\n') + text);
    EXPECT_TRUE(shifted.events == got.events);
    for (size_t i = 0; i < got.offsets.size(); ++i)
      ASSERT_EQ(shifted.offsets[i], got.offsets[i] + shift);
  }
}

TEST(MixedStream, AHeaderHoldsForItsLinesWhateverStandsBetween) {
  const std::string header =
      "interface-id srcaddr dstaddr srcport dstport protocol bytes start end";
  const std::string flow =
      "eni-1 172.31.16.139 198.51.100.21 4000 3333 6 4249 1418530010 1418530070";
  const std::vector<std::string> one = read(header + "\n" + flow + "\n").events;
  ASSERT_EQ(one.size(), 1u);
  for (size_t kind = 0; kind < std::size(kKinds); ++kind) {
    SCOPED_TRACE(kKinds[kind]);
    const std::string other = line_of(kind, 7);
    const Got got = read(header + "\n" + flow + "\n" + other + "\n" + flow + "\n");
    EXPECT_EQ(got.rejected, std::vector<std::string>{});
    ASSERT_EQ(got.events.size(), 3u);
    EXPECT_EQ(got.events[0], one[0]);
    EXPECT_EQ(got.events[2], one[0]);
    EXPECT_EQ(read(other + "\n" + header + "\n" + flow + "\n").events.size(), 2u);
  }
}

TEST(MixedStream, TextBeforeADocumentIsRejectedLineByLine) {
  const std::string banner = "Mon Mar  4 11:59:58 2024: Falco version: 0.37.1\n\nLoading rules\n";
  const Got got = read(banner + line_of(4, 1) + "\n");
  EXPECT_EQ(got.events.size(), 1u);
  EXPECT_EQ(got.offsets, std::vector<uint64_t>{banner.size()});
  EXPECT_EQ(got.rejected, std::vector<std::string>(2, "not a log format Davy knows"));

  const std::string document =
      "{\n  \"Records\": [\n    " + line_of(3, 1) + ",\n    " + line_of(3, 2) + "\n  ]\n}\n";
  EXPECT_EQ(read("$ cat dns.json\n" + document + "$ \n").events.size(), 2u);
  EXPECT_EQ(read("$ cat dns.json\n[\n" + line_of(3, 1) + "]\n").events.size(), 1u);
}

TEST(MixedStream, WhatAContainerPrintedIsNoRecordOfTheAccount) {
  const std::string call =
      R"({"eventVersion":"1.08","eventTime":"2026-03-04T14:12:00Z","eventSource":"sts.amazonaws.com","eventName":"GetCallerIdentity","awsRegion":"us-east-1","eventID":"e-9"})"
      "\n";
  EXPECT_EQ(read(call + call).events.size(), 2u);
  const std::string printed = "2024-03-04T12:00:00.123456789Z stdout F " + call;
  EXPECT_EQ(read(printed + printed).events.size(), 0u);
}

TEST(MixedStream, WhatIsNoLogAtAllIsOneRejection) {
  std::string code;
  for (int i = 0; i < 5'000; ++i)
    code += "int f() {\n  return 1;\n}\n";
  EXPECT_EQ(read(code).rejected, std::vector<std::string>{"not a log format Davy knows"});
}

TEST(MixedStream, AlternatingFormatsTakeLinearTime) {
  std::string text;
  for (unsigned i = 0; text.size() < 8 * kBlockBytes; ++i)
    text += line_of(i % 2 == 0 ? 0 : 3, i) + "\n";
  const Got got = read(text);
  EXPECT_EQ(got.events.size(), static_cast<size_t>(std::count(text.begin(), text.end(), '\n')));
}

}  // namespace
}  // namespace davy::pipeline
