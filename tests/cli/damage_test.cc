// SPDX-License-Identifier: Apache-2.0
// Damaged and hostile input: the message names file, place and cause, nothing crashes, memory stays
// bounded, and the rest of the input is still read: the theft beside the damage is found.
#include <random>

#include "tests/cli/records.h"
#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace davy::tests {
namespace {

constexpr uint64_t kMiB = 1 << 20;
// A record may be 64 MiB, held twice while its buffer grows to twice that; and the rules.
constexpr uint64_t kMostMemory = 400 * kMiB;

bool sanitized() {
// GCC has macros, clang a question.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return true;
#else
  return false;
#endif
#else
  return false;
#endif
}

/// Scans `folder` after adding a theft to it, and holds what is true of every damaged input.
nlohmann::json scan_beside_theft(const TestFolder& folder) {
  folder.write("zz-theft.json", as_document(stolen_root_key_records()));
  const Ran ran = run_davy({"scan", folder.path(), "-o", "json"});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  const nlohmann::json report = ran.json();
  EXPECT_EQ(severities(report), std::vector<std::string>{"critical"});
  EXPECT_EQ(source_named(report, "zz-theft.json").at("events"), stolen_root_key_records().size());
  return report;
}

std::string first_reason(const nlohmann::json& source) {
  return source.at("rejected").empty() ? "" : source.at("rejected")[0].at("reason");
}

std::string random_bytes(size_t count) {
  std::mt19937 random(5);
  std::string bytes(count, '\0');
  for (char& byte : bytes)
    byte = static_cast<char>(random());
  return bytes;
}

TEST(Damage, TruncatedGzip) {
  const TestFolder folder;
  const std::string whole = source::gzip(as_lines(mass_launch_records()));
  folder.write("cut.json.gz", whole.substr(0, whole.size() / 2));
  const Ran alone = run_davy({"scan", folder / "cut.json.gz", "--fail-on", "critical"});
  EXPECT_TRUE(alone.says("cut.json.gz")) << alone.err;
  EXPECT_TRUE(alone.says("ends too early")) << alone.err;

  folder.write("good.json", as_document({harmless_record(1)}));
  const nlohmann::json report =
      run_davy({"scan", folder.path(), "-o", "json", "--fail-on", "critical"}).json();
  const nlohmann::json cut = source_named(report, "cut.json.gz");
  EXPECT_GT(cut.at("events"), 0) << "what came before the cut counts";
  EXPECT_TRUE(cut.at("error").is_string());
  EXPECT_EQ(source_named(report, "good.json").at("events"), 1);
}

TEST(Damage, AMemberWithADamagedStartIsNamed) {
  const TestFolder folder;
  const std::string first = source::gzip(as_lines({harmless_record(1)}));
  std::string second = source::gzip(as_lines({harmless_record(2)}));
  second[1] ^= 0x10;
  folder.write("two.json.gz", first + second);
  folder.write("padded.json.gz", first + std::string(512, '\0'));
  const nlohmann::json report = scan_beside_theft(folder);
  const nlohmann::json two = source_named(report, "two.json.gz");
  EXPECT_EQ(two.at("events"), 1);
  const auto error = two.at("error").get<std::string>();
  EXPECT_NE(error.find("byte " + std::to_string(first.size())), std::string::npos) << error;
  EXPECT_EQ(source_named(report, "padded.json.gz").at("error"), nullptr);
}

TEST(Damage, WordsAroundRecordsCostOnlyThemselves) {
  const TestFolder folder;
  const std::string banner = "Mon Mar  4 11:59:58 2024: loading\n";
  folder.write("words.json", banner + harmless_record(1) + "\nreloading\n" + harmless_record(2));
  folder.write("exported.txt", "2024-03-04T12:00:00.000Z " + harmless_record(3) + "\n");
  const nlohmann::json report = scan_beside_theft(folder);
  const nlohmann::json words = source_named(report, "words.json");
  EXPECT_EQ(words.at("events"), 2);
  EXPECT_EQ(words.at("rejected_count"), 2);
  EXPECT_EQ(words.at("rejected")[0].at("offset"), 0);
  const nlohmann::json exported = source_named(report, "exported.txt");
  EXPECT_EQ(exported.at("events"), 1);
  EXPECT_EQ(exported.at("rejected_count"), 0);
}

TEST(Damage, BytesThatAreNoTextCostNoRecord) {
  const TestFolder folder;
  std::string record = harmless_record(1);
  record.insert(record.find("\"userAgent\":\"") + 13, "\xff\xfe");
  folder.write("bytes.json", as_document({record, harmless_record(2)}));
  const nlohmann::json report = scan_beside_theft(folder);
  EXPECT_EQ(source_named(report, "bytes.json").at("events"), 2);
  EXPECT_EQ(source_named(report, "bytes.json").at("rejected_count"), 0);
  EXPECT_EQ(source_named(report, "bytes.json").at("repaired"), 1);
}

TEST(Damage, PlacesOfRejectionsAreBoundedAndTheRestIsTold) {
  const TestFolder folder;
  std::string lines;
  for (int i = 0; i < 1'500; ++i)
    lines += "{\"nothing\":1}\n";
  folder.write("many.json", lines);
  folder.write("few.json", lines.substr(0, 10 * 14));
  const nlohmann::json report = scan_beside_theft(folder);
  const nlohmann::json many = source_named(report, "many.json");
  EXPECT_EQ(many.at("rejected").size(), 1'000u);
  EXPECT_EQ(many.at("rejected")[999].at("offset"), 999 * 14);
  EXPECT_EQ(many.at("rejected_count"), 1'500);
  EXPECT_EQ(many.at("rejected_more"), true);
  EXPECT_EQ(source_named(report, "few.json").at("rejected").size(), 10u);
  EXPECT_EQ(source_named(report, "few.json").at("rejected_more"), false);
}

TEST(Damage, HalfADocument) {
  const TestFolder folder;
  const std::string whole = as_document({harmless_record(1), harmless_record(2)});
  const size_t second = whole.find("},{\"eventVersion") + 2;
  folder.write("half.json", whole.substr(0, second + 100));
  const nlohmann::json half = source_named(scan_beside_theft(folder), "half.json");
  EXPECT_EQ(half.at("events"), 1);
  EXPECT_EQ(half.at("rejected_count"), 1);
  EXPECT_EQ(half.at("rejected")[0].at("offset"), second);
  EXPECT_NE(first_reason(half).find("truncated"), std::string::npos);
}

TEST(Damage, ACorruptLineCostsOnlyItself) {
  const TestFolder folder;
  const std::string good = harmless_record(1) + "\n";
  folder.write("lines.json",
               good + harmless_record(2).substr(0, 200) + "\n" + harmless_record(3) + "\n");
  const nlohmann::json lines = source_named(scan_beside_theft(folder), "lines.json");
  EXPECT_EQ(lines.at("events"), 2);
  EXPECT_EQ(lines.at("rejected_count"), 1);
  EXPECT_EQ(lines.at("rejected")[0].at("offset"), good.size());
}

TEST(Damage, BinaryJunk) {
  const TestFolder folder;
  folder.write("junk.bin", random_bytes(300'000));
  const nlohmann::json junk = source_named(scan_beside_theft(folder), "junk.bin");
  EXPECT_EQ(junk.at("events"), 0);
  EXPECT_EQ(junk.at("rejected_count"), 1);
  EXPECT_FALSE(first_reason(junk).empty());
}

TEST(Damage, JunkAfterGoodRecords) {
  const TestFolder folder;
  const std::string good = as_lines({harmless_record(1), harmless_record(2), harmless_record(3)});
  folder.write("mixed.json", good + random_bytes(50'000) + "\n" + harmless_record(4) + "\n");
  const nlohmann::json mixed = source_named(scan_beside_theft(folder), "mixed.json");
  EXPECT_EQ(mixed.at("events"), 4);
  EXPECT_GT(mixed.at("rejected_count"), 0);
  EXPECT_GE(mixed.at("rejected")[0].at("offset"), good.size());
}

TEST(Damage, EmptyFiles) {
  const TestFolder folder;
  folder.write("empty.json", "");
  folder.write("blank.json", "\n\n  \n");
  folder.write("empty.gz", source::gzip(""));
  const nlohmann::json report = scan_beside_theft(folder);
  for (const char* name : {"empty.json", "blank.json", "empty.gz"}) {
    const nlohmann::json source = source_named(report, name);
    EXPECT_EQ(source.at("format"), "empty") << name;
    EXPECT_EQ(source.at("error"), nullptr) << name;
  }
}

TEST(Damage, TenThousandLevelsOfJson) {
  constexpr int kLevels = 10'000;
  const auto repeat = [](const char* text) {
    std::string all;
    for (int i = 0; i < kLevels; ++i)
      all += text;
    return all;
  };
  const TestFolder folder;
  folder.write("arrays.json", repeat("[") + repeat("]"));
  folder.write("objects.json", repeat("{\"a\":") + "1" + repeat("}"));
  std::string deep = harmless_record(1);
  const std::string_view nothing = R"("requestParameters":null)";
  deep.replace(deep.find(nothing), nothing.size(),
               R"("requestParameters":)" + repeat("{\"a\":") + "1" + repeat("}"));
  folder.write("record.json", as_document({deep, harmless_record(2)}));
  const nlohmann::json report = scan_beside_theft(folder);
  EXPECT_GT(source_named(report, "arrays.json").at("rejected_count"), 0);
  EXPECT_GT(source_named(report, "objects.json").at("rejected_count"), 0);
  const nlohmann::json record = source_named(report, "record.json");
  EXPECT_EQ(record.at("events"), 1);
  EXPECT_EQ(record.at("rejected")[0].at("offset"), 12);
  EXPECT_NE(first_reason(record).find("deep"), std::string::npos);
}

TEST(Damage, NulBytesBetweenRecords) {
  const TestFolder folder;
  folder.write("nul.json", harmless_record(1) + "\n" + std::string(4096, '\0') + "\n" +
                               harmless_record(2) + "\n");
  EXPECT_EQ(source_named(scan_beside_theft(folder), "nul.json").at("events"), 2);
}

TEST(Damage, Utf16IsReadAsWhatItSays) {
  const TestFolder folder;
  std::string wide = "\xff\xfe";
  for (char c : as_document({harmless_record(1), harmless_record(2)})) {
    wide += c;
    wide += '\0';
  }
  folder.write("wide.json", wide);
  const nlohmann::json report = scan_beside_theft(folder);
  EXPECT_EQ(source_named(report, "wide.json").at("events"), 2);
  EXPECT_EQ(source_named(report, "wide.json").at("rejected_count"), 0);
}

TEST(Damage, StandardInputIsASource) {
  const Ran ran = run_davy({"scan", "-", "-o", "json"},
                           feed_text(as_document(stolen_root_key_records()), 1000));
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_EQ(source_named(ran.json(), "-").at("events"), stolen_root_key_records().size());
}

TEST(Damage, ZerosAfterTheLogDoNotFillMemory) {
  const Ran ran = run_davy({"scan", "-", "-o", "json"}, [](const Writer& write) {
    if (!write(as_lines(stolen_root_key_records()))) return;
    const std::string zeros(kMiB, '\0');
    for (int i = 0; i < 200 && write(zeros); ++i) {
    }
  });
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_EQ(severities(ran.json()), std::vector<std::string>{"critical"});
  EXPECT_TRUE(sanitized() || ran.peak_rss_bytes < kMostMemory) << ran.peak_rss_bytes;
}

TEST(Damage, AGzipBombIsStoppedAndNamed) {
  const TestFolder folder;
  const std::string bomb =
      source::gzip(source::gzip(as_lines({harmless_record(1)}) + std::string(100 * kMiB, '\n')));
  ASSERT_LT(bomb.size(), 64 * 1024u);
  folder.write("bomb.json.gz", bomb);
  const nlohmann::json source = source_named(scan_beside_theft(folder), "bomb.json.gz");
  EXPECT_NE(source.at("error").get<std::string>().find("bomb"), std::string::npos);
  EXPECT_EQ(source.at("events"), 1) << "what came before the limit counts";
  EXPECT_TRUE(run_davy({"scan", folder / "bomb.json.gz"}).says("bomb.json.gz"));
}

/// A line of `megabytes` through a pipe, among good ones.
void expect_long_line_is_skipped(int megabytes) {
  const std::string before = harmless_record(1) + "\n";
  const Ran ran = run_davy({"scan", "-", "-o", "json"}, [&](const Writer& write) {
    if (!write(before) || !write(R"({"eventVersion":")")) return;
    const std::string filler(kMiB, 'a');
    for (int i = 0; i < megabytes; ++i) {
      if (!write(filler)) return;
    }
    write("\"}\n" + as_lines(stolen_root_key_records()));
  });
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  const nlohmann::json report = ran.json();
  EXPECT_EQ(severities(report), std::vector<std::string>{"critical"});
  const nlohmann::json source = source_named(report, "-");
  EXPECT_EQ(source.at("events"), stolen_root_key_records().size() + 1);
  EXPECT_EQ(source.at("rejected_count"), 1);
  EXPECT_EQ(source.at("rejected")[0].at("offset"), before.size());
  EXPECT_NE(first_reason(source).find("64 MiB"), std::string::npos);
  EXPECT_TRUE(sanitized() || ran.peak_rss_bytes < kMostMemory) << ran.peak_rss_bytes;
}

TEST(Damage, ALineOf200Megabytes) {
  expect_long_line_is_skipped(200);
}

TEST(Damage, ALineOf2Gigabytes) {
  if (!asked_for("DAVY_SLOW_TESTS")) GTEST_SKIP() << "set DAVY_SLOW_TESTS=1";
  expect_long_line_is_skipped(2048);
}

TEST(Damage, AFileNameIsHostileToo) {
  const TestFolder folder;
  folder.write("a\x1b[31mred\x07.json.gz", "\x1f\x8b\x08 damaged");
  folder.write("good.json", harmless_record(1));
  const Ran ran = run_davy({"scan", folder.path()});
  EXPECT_EQ(ran.exit_code, 4) << ran.err;
  for (const std::string& text : {ran.out, ran.err}) {
    EXPECT_NE(text.find("red"), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
  }
}

}  // namespace
}  // namespace davy::tests
