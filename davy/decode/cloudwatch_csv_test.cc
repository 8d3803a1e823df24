// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/cloudwatch_csv.h"

#include <gtest/gtest.h>

#include "davy/base/text.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

/// Keeps "instance|series|metric|statistic|value@time" of every event.
class LineSink final : public Sink {
 public:
  void emit(const event::Event& e, const event::Fields&) override {
    char value[32];
    std::snprintf(value, sizeof value, "%g", e.metric->value);
    for (std::string_view part :
         {e.instance, e.metric->series, e.metric->name, e.metric->statistic})
      text += std::string(part) + "|";
    text += value + ("@" + to_rfc3339(e.time)) + "\n";
    last = e.time;
    period = e.metric->period;
    account = e.account;
  }
  std::string text;
  std::string account;
  Time last;
  DurationNs period = 0;
};

/// Decodes a text line by line as its first line says; appends skipped and rejected reasons.
std::string decode(std::string_view text, std::string path, LineSink& sink) {
  const Catalog catalog(PlainJson::kReject);
  Workbench bench(catalog);
  TextProbe probe;
  probe.lines = split(text, '\n');
  probe.path = path;
  const size_t format = catalog.recognise_text(probe);
  if (format == catalog.size()) return "not recognised";
  EXPECT_EQ(catalog.format(format).name, "cloudwatch_csv");
  StreamContext stream;
  stream.path = path;
  stream.layout = kCloudWatchCsv.read_layout(probe);
  for (std::string_view line : probe.lines) {
    if (line.empty()) continue;
    const Outcome outcome = bench.decode_as(format, {line, 0, &stream}, sink);
    if (outcome.verdict != Outcome::Verdict::kDecoded) {
      sink.text += (outcome.verdict == Outcome::Verdict::kSkipped ? "-" : "!") +
                   std::string(outcome.reason) + "\n";
    }
  }
  return sink.text;
}

TEST(CloudWatchCsv, ReadsItsThreeLayouts) {
  struct Case {
    std::string_view text;
    std::string_view path;
    std::string_view events;
  };
  const Case cases[] = {
      {"timestamp,value\n2014-02-14 14:30:00,0.132\n", "nab/ec2_cpu_utilization_24ae8d.csv",
       "-header "
       "line\n|nab/ec2_cpu_utilization_24ae8d.csv|CPUUtilization||0.132@2014-02-14T14:30:00Z\n"},
      {"time,average\n1772632800,5\n", "i-0a1b2c3d.csv",
       "-header line\ni-0a1b2c3d|i-0a1b2c3d.csv|value|Average|5@2026-03-04T14:00:00Z\n"},
      {"Metric;Instance ID;Time;Value;Stat\nNetworkOut;i-0a1b2c3d;2026-03-04T14:00:00Z;7;Sum\n",
       "x", "-header line\ni-0a1b2c3d|i-0a1b2c3d|NetworkOut|Sum|7@2026-03-04T14:00:00Z\n"},
      {"timestamp,resource,metric,value\n2026-03-04T14:00:00Z,\"web, main\",CPUUtilization,7\n",
       "x", "-header line\n|web, main|CPUUtilization||7@2026-03-04T14:00:00Z\n"},
      {"Full label,i-0a1b2c3d (web) CPUUtilization,\"i-0b1b2c3d, "
       "CPUUtilization\"\nLabel,a,b\nPeriod,300,300\n"
       "2026/03/04 14:00:00,1.5,\n2026/03/04 14:05:00,,2\n",
       "x",
       "-header line\n-header line\n-header line\n"
       "i-0a1b2c3d|i-0a1b2c3d (web) CPUUtilization|CPUUtilization||1.5@2026-03-04T14:00:00Z\n"
       "i-0b1b2c3d|i-0b1b2c3d, CPUUtilization|CPUUtilization||2@2026-03-04T14:05:00Z\n"},
  };
  for (const Case& one : cases) {
    LineSink sink;
    EXPECT_EQ(decode(one.text, std::string(one.path), sink), one.events) << one.text;
  }
}

TEST(CloudWatchCsv, ReadsAccountAndPeriodOfATidyRow) {
  LineSink sink;
  decode("timestamp,value,account_id,period\n2026-03-04T14:00:00Z,7,123456789012,300\n", "x", sink);
  EXPECT_EQ(sink.account, "123456789012");
  EXPECT_EQ(sink.period, 300 * kSecond);
}

TEST(CloudWatchCsv, SaysWhatIsWrongWithARow) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"2026-03-04 14:00:00,", "-row without a value\n"},
      {"2026-03-04 14:00:00", "-row without a value\n"},
      {"2026-03-04 14:00:00,nan", "!value is not a number\n"},
      {"2026-03-04 14:00:00,1e999", "!value is not a number\n"},
      {"2026-13-04 14:00:00,1", "!row without a time\n"},
      {",1", "!row without a time\n"},
      {"\"x", "!row without a time\n"},
      {"\"", "!row without a time\n"},
      {"2026-03-04 14:00:00,1,2", "!more cells than columns\n"},
  };
  for (const auto& [row, outcome] : cases) {
    LineSink sink;
    EXPECT_EQ(decode("timestamp,value\n" + std::string(row), "x", sink),
              "-header line\n" + std::string(outcome))
        << row;
  }
}

TEST(CloudWatchCsv, OtherTablesAreNotItsOwn) {
  for (std::string_view header :
       {"timestamp,price", "value,unit", "timestamp", "", "time,value,value", "Label,a,b",
        "identity/LineItemId,timestamp,value"}) {
    LineSink sink;
    EXPECT_EQ(decode(std::string(header) + "\n2026-03-04 14:00:00,1\n", "x", sink),
              "not recognised")
        << header;
  }
}

}  // namespace
}  // namespace davy::decode
