// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "davy/base/text.h"
#include "davy/simulate/simulate.h"

namespace davy::simulate {
namespace {

std::string collect(std::string_view format, uint64_t bytes, uint64_t seed = 1) {
  std::string text;
  const auto summary =
      stream(*stream_format(format), {bytes, seed, {}}, [&](std::string_view block) {
        text += block;
        return Result<void>{};
      });
  EXPECT_TRUE(summary.has_value());
  EXPECT_GE(summary->bytes, bytes);
  EXPECT_GT(summary->records, 0u);
  return text;
}

TEST(Stream, GivesTheSameBytesForTheSameSeed) {
  for (const std::string_view format : stream_format_names()) {
    SCOPED_TRACE(format);
    EXPECT_EQ(collect(format, 300000, 5), collect(format, 300000, 5));
    EXPECT_NE(collect(format, 300000, 5), collect(format, 300000, 6));
  }
}

TEST(Stream, CloudTrailRecordsParseAndHaveUniqueIds) {
  std::set<std::string> ids;
  const std::string text = collect("cloudtrail", 3'000'000);
  size_t records = 0;
  for (const std::string_view line : split(trim(text), '\n')) {
    const auto record = nlohmann::json::parse(line);
    ids.insert(record["eventID"]);
    ASSERT_EQ(record["eventTime"].get<std::string>().substr(0, 11), "2025-02-20T");
    ++records;
  }
  EXPECT_EQ(ids.size(), records);
  const size_t mean = text.size() / records;
  EXPECT_TRUE(mean > 1000 && mean < 2600) << mean;  // what real trails have
}

TEST(Stream, FlowLinesHaveTheDefaultColumns) {
  const std::string text = collect("vpc_flow", 200000);
  const auto lines = split(trim(text), '\n');
  EXPECT_TRUE(lines.front().starts_with("version account-id"));
  for (size_t i = 1; i < lines.size(); ++i) {
    const auto columns = split(lines[i], ' ');
    ASSERT_EQ(columns.size(), 14u) << lines[i];
    ASSERT_EQ(columns[10].size(), 10u) << lines[i];
  }
}

TEST(Stream, QueriesParse) {
  const std::string text = collect("route53", 200000);
  for (const std::string_view line : split(trim(text), '\n')) {
    ASSERT_TRUE(nlohmann::json::parse(line).contains("query_name"));
  }
}

TEST(Stream, DeliveredFilesAreGzipMembers) {
  const std::string bytes = collect("cloudtrail_delivered", 500000);
  EXPECT_TRUE(bytes.starts_with("\x1f\x8b\x08"));
  EXPECT_LT(bytes.size(), 300000u);
}

TEST(Stream, StopsWhenTheWriterFails) {
  const auto summary = stream(StreamFormat::kRoute53, {10'000'000, 1, {}}, [](std::string_view) {
    return Result<void>{Error{ErrorCode::kIo, "disk full"}};
  });
  ASSERT_FALSE(summary.has_value());
  EXPECT_EQ(summary.error().code(), ErrorCode::kIo);
}

TEST(Stream, KnowsItsFormats) {
  EXPECT_FALSE(stream_format("syslog").has_value());
}

}  // namespace
}  // namespace davy::simulate
