// SPDX-License-Identifier: Apache-2.0
// `davy rules`: list, show, lint, test and explain, over the built-in rules and over a user's own.
#include <algorithm>

#include "tests/cli/records.h"
#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include <gtest/gtest.h>

namespace davy::tests {
namespace {

constexpr const char* kRule = R"(
title: Bucket place asked
id: 5f7c1f0e-6f0c-4a43-9d0c-0f1f52a6a010
name: bucket_place
description: For this test.
status: test
author: A tester
date: 2025-02-21
tags: [attack.discovery]
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventName: GetBucketLocation
  condition: selection
falsepositives: [Everybody]
level: low
)";

TEST(Rules, BuiltInOnesAreSoundAndTested) {
  const Ran lint = run_davy({"rules", "lint"});
  EXPECT_EQ(lint.exit_code, 0) << lint.out;
  EXPECT_NE(lint.out.find(" 0 refused"), std::string::npos) << lint.out;
  const Ran test = run_davy({"rules", "test"});
  EXPECT_EQ(test.exit_code, 0);
  EXPECT_NE(test.out.find(" passed, 0 failed"), std::string::npos)
      << test.out.substr(test.out.size() - std::min<size_t>(test.out.size(), 1500));
}

TEST(Rules, ListAndShow) {
  const TestFolder folder;
  const std::string file = folder.write("bucket.yml", kRule);
  const Ran list = run_davy({"rules", "list", file});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_NE(list.out.find("aws/cloudtrail"), std::string::npos) << list.out;
  EXPECT_NE(list.out.find("Bucket place asked"), std::string::npos) << list.out;
  const Ran show = run_davy({"rules", "show", "bucket_place", file});
  EXPECT_EQ(show.exit_code, 0);
  EXPECT_NE(show.out.find("5f7c1f0e-6f0c-4a43-9d0c-0f1f52a6a010"), std::string::npos) << show.out;
  EXPECT_NE(show.out.find("Everybody"), std::string::npos) << show.out;
}

TEST(Rules, ShowBreaksLinesAndObeysNoEscape) {
  const TestFolder folder;
  std::string text = kRule;
  text.replace(text.find("For this test."), 14,
               "\"" + std::string(60, 'a') + " \\e[31m" + std::string(60, 'b') + "\"");
  const Ran show = run_davy({"rules", "show", "bucket_place", folder.write("bucket.yml", text)});
  EXPECT_EQ(show.exit_code, 0) << show.err;
  EXPECT_EQ(show.out.find('\x1b'), std::string::npos) << show.out;
  EXPECT_NE(show.out.find(std::string(60, 'a') + "\n"), std::string::npos) << show.out;
  EXPECT_EQ(show.out.find("\n\n\n"), std::string::npos) << show.out;
}

TEST(Rules, AnUnknownRuleGetsASuggestion) {
  const TestFolder folder;
  const std::string file = folder.write("bucket.yml", kRule);
  const Ran ran = run_davy({"rules", "show", "bucket_plcae", file});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.says("did you mean 'bucket_place'")) << ran.err;
}

TEST(Rules, LintNamesFileLineAndCause) {
  const TestFolder folder;
  const std::string file =
      folder.write("broken.yml",
                   "title: Broken\nlogsource: {product: aws}\ndetection:\n  selection: {a: b}\n"
                   "  condition: selection and ghost\n");
  const Ran ran = run_davy({"rules", "lint", file});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_NE(ran.out.find("broken.yml:5"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("ghost"), std::string::npos) << ran.out;
}

std::string test_of(const char* expectation) {
  return std::string("tests:\n  - name: asks\n    format: cloudtrail\n    expect: ") + expectation +
         "\n    event: " + harmless_record(1) + "\n";
}

TEST(Rules, TestRunsWhatStandsBesideTheRule) {
  const TestFolder folder;
  folder.write("bucket.yml", kRule);
  folder.write("bucket.test.yml", test_of("match"));
  const Ran good = run_davy({"rules", "test", folder.path()});
  EXPECT_EQ(good.exit_code, 0) << good.out;
  EXPECT_NE(good.out.find("1 passed, 0 failed"), std::string::npos) << good.out;
  folder.write("bucket.test.yml", test_of("no_match"));
  const Ran bad = run_davy({"rules", "test", folder.path()});
  EXPECT_EQ(bad.exit_code, 1) << bad.out;
  EXPECT_NE(bad.out.find("bucket.test.yml: asks"), std::string::npos) << bad.out;
}

TEST(Rules, ExplainSaysWhyAndTheExitCodeWhether) {
  const TestFolder folder;
  const std::string file = folder.write("bucket.yml", kRule);
  const std::string event = folder.write("event.json", harmless_record(1));
  const Ran match = run_davy({"rules", "explain", "bucket_place", event, "-r", file});
  EXPECT_EQ(match.exit_code, 1) << match.err;
  EXPECT_NE(match.out.find("MATCH"), std::string::npos) << match.out;
  EXPECT_NE(match.out.find("GetBucketLocation"), std::string::npos) << match.out;
  std::string other_text = harmless_record(1);
  other_text.replace(other_text.find("GetBucketLocation"), 17, "GetBucketPolicies");
  const std::string other = folder.write("other.json", other_text);
  const Ran none = run_davy({"rules", "explain", "bucket_place", other, "-r", file});
  EXPECT_EQ(none.exit_code, 0) << none.err;
  EXPECT_NE(none.out.find("GetBucketPolicies"), std::string::npos) << none.out;
}

TEST(Rules, ExplainSaysWhenTheLogsourceIsAnother) {
  const TestFolder folder;
  std::string text = kRule;
  text.replace(text.find("{product: aws, service: cloudtrail}"), 35,
               "{product: linux, service: auditd}");
  const std::string rule = folder.write("bucket.yml", text);
  const std::string log =
      folder.write("log.json", as_lines({harmless_record(1), harmless_record(2)}));
  const Ran ran = run_davy({"rules", "explain", "bucket_place", log, "-r", rule});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find("2 records are of another logsource than the rule: the rule is for "
                         "linux/auditd, the file has aws/cloudtrail\n"),
            std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find("Try a log of linux/auditd"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("no such field"), std::string::npos) << ran.out;
}

TEST(Rules, ExplainSaysWhenThereIsNoRecord) {
  const TestFolder folder;
  const std::string rule = folder.write("bucket.yml", kRule);
  const Ran ran =
      run_davy({"rules", "explain", "bucket_place", folder.write("log.json", ""), "-r", rule});
  EXPECT_NE(ran.out.find("there is no record in the file"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.exit_code, 3);
}

TEST(Rules, ExplainTakesARuleByItsFileAndAPackedLog) {
  const TestFolder folder;
  const std::string rule = folder.write("bucket.yml", kRule);
  const std::string log = folder.write("event.json.gz", source::gzip(harmless_record(1)));
  const Ran packed = run_davy({"rules", "explain", rule, log});
  EXPECT_EQ(packed.exit_code, 1) << packed.err;
  EXPECT_NE(packed.out.find("MATCH"), std::string::npos) << packed.out;
  const std::string half = folder.write("half.gz", source::gzip(harmless_record(1)).substr(0, 40));
  EXPECT_EQ(run_davy({"rules", "explain", rule, half}).exit_code, 3);
}

TEST(Rules, AFileMeansAllItsRules) {
  const TestFolder folder;
  std::string never = kRule;
  never.replace(never.find("bucket_place"), 12, "bucket_elsewhere");
  never.replace(never.find("GetBucketLocation"), 17, "GetBucketPolicies");
  never.replace(never.find("id: ") + 4, 1, "9");
  const std::string rules = folder.write("two.yml", never + "---\n" + kRule);
  const std::string event = folder.write("event.json", harmless_record(1));
  const Ran explained = run_davy({"rules", "explain", rules, event});
  EXPECT_EQ(explained.exit_code, 1) << explained.err << explained.out;
  EXPECT_NE(explained.out.find("GetBucketPolicies"), std::string::npos) << explained.out;
  EXPECT_NE(explained.out.find("GetBucketLocation"), std::string::npos) << explained.out;
  const Ran shown = run_davy({"rules", "show", rules});
  EXPECT_NE(shown.out.find("bucket_elsewhere"), std::string::npos) << shown.err << shown.out;
  EXPECT_NE(shown.out.find("bucket_place"), std::string::npos) << shown.out;
}

TEST(Rules, ExplainOfACorrelationNamesItsRulesAndJudgesNothing) {
  const TestFolder folder;
  const std::string event = folder.write("event.json", harmless_record(1));
  const Ran ran =
      run_davy({"rules", "explain", "davy_aws_cloudtrail_trails_stopped_across_regions", event});
  EXPECT_EQ(ran.exit_code, 2) << ran.out;
  EXPECT_NE(ran.out.find("not judged here"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("\n  davy_aws_"), std::string::npos) << ran.out;
}

TEST(Rules, AFolderWithoutRulesIsWrongUse) {
  const TestFolder folder;
  for (const char* action : {"list", "lint", "test"})
    EXPECT_EQ(run_davy({"rules", action, folder.path()}).exit_code, 2) << action;
}

TEST(Rules, WhyARuleNamedByFileIsRefusedIsSaid) {
  const TestFolder folder;
  const std::string file = folder.write("broken.yml", "title: [\n");
  const Ran ran = run_davy({"rules", "show", file});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.says("broken.yml:2:1: error")) << ran.err;
}

TEST(Rules, ATerminalObeysNoNameOfAFile) {
  const TestFolder folder;
  folder.write("b\x1b[31m.yml", "title: [\n");
  const Ran lint = run_davy({"rules", "lint", folder.path()});
  EXPECT_EQ((lint.out + lint.err).find('\x1b'), std::string::npos) << lint.out << lint.err;
  const Ran show = run_davy({"rules", "show", folder / "b\x1b[31m.yml"});
  EXPECT_EQ((show.out + show.err).find('\x1b'), std::string::npos) << show.out << show.err;
}

TEST(Rules, ExplainOfAMissingEventIsThree) {
  const TestFolder folder;
  const std::string file = folder.write("bucket.yml", kRule);
  const Ran ran = run_davy({"rules", "explain", "bucket_place", folder / "gone.json", "-r", file});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_TRUE(ran.says("gone.json")) << ran.err;
}

}  // namespace
}  // namespace davy::tests
