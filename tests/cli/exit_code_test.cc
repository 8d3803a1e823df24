// SPDX-License-Identifier: Apache-2.0
// The exit codes of `davy scan`, which scripts branch on, and what it says when it cannot start.
#include <algorithm>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/records.h"
#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include <gtest/gtest.h>

namespace davy::tests {
namespace {

TEST(ExitCode, NothingFoundIsZero) {
  const TestFolder folder;
  folder.write("log.json", as_lines({harmless_record(1), harmless_record(2)}));
  const Ran ran = run_davy({"scan", folder.path()});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find("No mining found"), std::string::npos);
  EXPECT_EQ(ran.err, "") << "standard error is for people, and there is nothing to tell";
}

TEST(ExitCode, AnIncidentIsOne) {
  const TestFolder folder;
  folder.write("log.json", as_document(stolen_root_key_records()));
  const Ran ran = run_davy({"scan", folder.path()});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_NE(ran.out.find("CRITICAL"), std::string::npos);
}

TEST(ExitCode, FailOnIsAThreshold) {
  const std::vector<std::string> order = {"low", "medium", "high", "critical"};
  const auto rank = [&](const std::string& severity) {
    return std::find(order.begin(), order.end(), severity) - order.begin();
  };
  size_t ones = 0;
  size_t zeros = 0;
  // What each shows alone: a critical incident, a high one, low ones, none.
  for (const char* source : {"cloudtrail", "hosts", "cloudwatch", "falco"}) {
    const std::string folder = estate_folder("estate").path() + "/" + source;
    for (const std::string& wanted : order) {
      const Ran ran = run_davy({"scan", folder, "-o", "json", "--fail-on", wanted});
      const auto found = severities(ran.json());
      const bool reached = std::any_of(found.begin(), found.end(), [&](const std::string& s) {
        return rank(s) >= rank(wanted);
      });
      EXPECT_EQ(ran.exit_code == 1, reached) << source << " --fail-on " << wanted;
      ++(reached ? ones : zeros);
    }
  }
  EXPECT_GT(ones, 0u);
  EXPECT_GT(zeros, 0u);
}

TEST(ExitCode, FailOnDefaultsToHigh) {
  const std::string& path = estate_folder("estate").path();
  EXPECT_EQ(run_davy({"scan", path + "/hosts"}).exit_code, 1);
  EXPECT_EQ(run_davy({"scan", path + "/hosts", "--fail-on", "critical"}).exit_code, 0);
  EXPECT_EQ(run_davy({"scan", path + "/cloudwatch"}).exit_code, 0);
  EXPECT_EQ(run_davy({"scan", path + "/cloudwatch", "--fail-on", "low"}).exit_code, 1);
}

TEST(ExitCode, WrongUseIsTwo) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"scan"},
      {"scan", ".", "--bogus"},
      {"scan", ".", "--fail-on", "sometimes"},
      {"scan", ".", "-o", "interpretive-dance"},
      {"scan", ".", "-j", "0"},
      {"scan", ".", "-r", "/no/such/rules.yml"},
      {"no-such-command"},
      {"match", "."},
      {"rules"},
      {"intel", "import", "/no/such/list", "--format", "list", "--extra"},
      {"simulate", "estate"},
      {"simulate", "estate", "-o", "never-made", "--seed", "-1"},
  };
  for (const auto& arguments : wrong) {
    const Ran ran = run_davy(arguments);
    const std::string shown = testing::PrintToString(arguments);
    EXPECT_EQ(ran.exit_code, 2) << shown << ran.err;
    EXPECT_EQ(ran.out, "") << shown;
    EXPECT_FALSE(ran.err.empty()) << shown;
  }
}

TEST(ExitCode, WhatWasProbablyMeantIsSaid) {
  const std::pair<std::vector<std::string>, const char*> slips[] = {
      {{"scna", "."}, "did you mean 'scan'?"},
      {{"-q", "scna"}, "did you mean 'scan'?"},
      {{"rules", "lst"}, "did you mean 'list'?"},
      {{"scan", ".", "--otput=json"}, "did you mean '--output'?"},
      {{"scan", ".", "-o", "jsn"}, "did you mean 'json'?"},
      {{"scan", ".", "--fail-on", "hihg"}, "did you mean 'high'?"},
      {{"simulate", "estat", "-o", "x"}, "did you mean 'estate'?"},
      {{"intel", "list", "--kind", "walet"}, "did you mean 'wallet'?"},
      {{"help", "scna"}, "did you mean 'scan'?"},
      {{"rules", "show", "x", "-r", "y"}, "See davy rules show --help."},
  };
  for (const auto& [arguments, meant] : slips) {
    const Ran ran = run_davy(arguments);
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_TRUE(ran.says(meant)) << testing::PrintToString(arguments) << ran.err;
  }
}

TEST(ExitCode, AloneItShowsHowItIsUsed) {
  for (const std::vector<std::string>& alone : {std::vector<std::string>{}, {"rules"}}) {
    const Ran ran = run_davy(alone);
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_TRUE(ran.says("Usage: davy")) << ran.err;
    EXPECT_TRUE(ran.says("Examples:")) << ran.err;
  }
  EXPECT_EQ(run_davy({"help", "scan"}).out, run_davy({"scan", "--help"}).out);
  EXPECT_EQ(run_davy({"help"}).exit_code, 0);
}

TEST(ExitCode, UnknownOptionIsNamed) {
  EXPECT_TRUE(run_davy({"scan", ".", "--bogus"}).says("--bogus"));
  EXPECT_TRUE(run_davy({"scan", ".", "-o", "nope"}).says("nope"));
}

TEST(ExitCode, NothingReadableIsThree) {
  const TestFolder folder;
  const std::string missing = folder / "no-such-file.json";
  const Ran ran = run_davy({"scan", missing});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_TRUE(ran.says("no-such-file.json")) << ran.err;
  EXPECT_TRUE(ran.says("does not exist")) << ran.err;
}

TEST(ExitCode, AnEmptyFolderIsThree) {
  const TestFolder folder;
  const std::string empty = folder / "empty";
  std::filesystem::create_directory(empty);
  const Ran ran = run_davy({"scan", empty});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_TRUE(ran.says("no files")) << ran.err;
}

TEST(ExitCode, OnlyUnknownBytesIsThree) {
  const TestFolder folder;
  folder.write("notes.txt", "milk, eggs, bread\n");
  EXPECT_EQ(run_davy({"scan", folder.path()}).exit_code, 3);
}

TEST(ExitCode, AnEmptyFileIsThree) {
  const TestFolder folder;
  const Ran file = run_davy({"scan", folder.write("empty.json", "")});
  EXPECT_EQ(file.exit_code, 3);
  EXPECT_TRUE(file.out.starts_with("NOTHING WAS READ: the input is empty (0 bytes)")) << file.out;
  EXPECT_EQ(run_davy({"scan", "-"}, feed_text("")).exit_code, 3);
}

TEST(ExitCode, NothingReadSaysWhy) {
  const TestFolder folder;
  const auto says = [&](const std::string& place, const char* cause, const char* next) {
    const Ran ran = run_davy({"scan", place});
    EXPECT_EQ(ran.exit_code, 3) << place;
    EXPECT_NE(ran.out.find(cause), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find(next), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find("is no log Davy knows"), std::string::npos) << ran.out;
  };
  says(folder.write("empty.json", R"({"Records":[]})"), "whole and holds no records",
       "longer time");
  says(folder / "missing.json", "could not be read: does not exist", "check the spelling");
  says(folder / "none*.json", "could not be read: matches no file", "check the pattern");
  says(folder.write("auth.log", "Mar  4 12:00:00 host sshd[12]: Accepted publickey for root\n"),
       "of a format Davy does not read", "name the format");
  const std::string whole = source::gzip(as_lines({harmless_record(1)}));
  says(folder.write("cut.gz", whole.substr(0, 30)), "ends too early", "fetch it again");
}

TEST(ExitCode, APipeInAFolderIsNotPassedOverInSilence) {
  const TestFolder folder;
  folder.write("log.json", harmless_record(1) + "\n");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const Ran ran = run_davy({"scan", folder.path()});
  EXPECT_EQ(ran.exit_code, 4);
  EXPECT_TRUE(ran.says("is a pipe and was not read")) << ran.err;
}

TEST(ExitCode, ContentWithoutRulesOrIndicatorsIsTwo) {
  const TestFolder folder;
  const std::string log = folder.write("log.json", as_lines(stolen_root_key_records()));
  const Ran missing = run_davy({"scan", log, "--content", folder / "no-such-content"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_TRUE(missing.says("no-such-content")) << missing.err;
  std::filesystem::create_directory(folder / "content");
  const Ran empty = run_davy({"scan", log, "--content", folder / "content"});
  EXPECT_EQ(empty.exit_code, 2);
  EXPECT_TRUE(empty.says("no usable rules")) << empty.err;
  EXPECT_EQ(run_davy({"rules", "list", "--content", folder / "content"}).exit_code, 2);
}

TEST(ExitCode, ARulePathWithoutAUsableRuleIsTwo) {
  const TestFolder folder;
  const std::string log = folder.write("log.json", harmless_record(1) + "\n");
  const std::string bad = folder.write("bad.yml", "title: [\n");
  const Ran ran = run_davy({"scan", log, "-r", bad});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.says("no rule in " + bad + " can be used")) << ran.err;
  EXPECT_TRUE(ran.says("bad.yml:")) << "the place and the reason: " << ran.err;
  std::filesystem::create_directory(folder / "none");
  EXPECT_EQ(run_davy({"scan", log, "-r", folder / "none"}).exit_code, 2);
}

TEST(ExitCode, ABadRuleBesideGoodOnesIsNamed) {
  const TestFolder folder;
  const std::string log = folder.write("log.json", harmless_record(1) + "\n");
  folder.write("rules/bad.yml", "title: [\n");
  folder.write("rules/good.yml",
               "title: Any\nlogsource: {product: aws}\n"
               "detection: {s: {eventName: Nothing}, condition: s}\n");
  const Ran ran = run_davy({"scan", log, "-r", folder / "rules"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.says("1 of ")) << ran.err;
  EXPECT_TRUE(ran.says("rules/bad.yml:")) << ran.err;
}

TEST(ExitCode, PartlyReadableIsFour) {
  const TestFolder folder;
  const std::string good = folder.write("good.json", harmless_record(1) + "\n");
  const Ran ran = run_davy({"scan", good, folder / "missing.json"});
  EXPECT_EQ(ran.exit_code, 4);
  EXPECT_TRUE(ran.says("missing.json")) << ran.err;
  EXPECT_NE(ran.out.find("good.json"), std::string::npos);
}

TEST(ExitCode, AnIncidentOutweighsUnreadableInput) {
  const TestFolder folder;
  const std::string log = folder.write("log.json", as_lines(stolen_root_key_records()));
  const Ran ran = run_davy({"scan", log, folder / "missing.json"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.says("missing.json")) << ran.err;
}

TEST(ExitCode, AFileWithoutPermissionIsNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything; run the tests as another user";
  const TestFolder folder;
  folder.write("good.json", harmless_record(1) + "\n");
  const std::string secret = folder.write("secret.json", harmless_record(2) + "\n");
  std::filesystem::permissions(secret, std::filesystem::perms::none);
  const Ran ran = run_davy({"scan", folder.path()});
  EXPECT_EQ(ran.exit_code, 4);
  EXPECT_TRUE(ran.says("secret.json")) << ran.err;
  EXPECT_TRUE(ran.says("ermission")) << ran.err;
}

TEST(ExitCode, AReportThatCannotBeWrittenIsTwo) {
  const TestFolder folder;
  const std::string log = folder.write("log.json", harmless_record(1) + "\n");
  const Ran ran = run_davy({"scan", log, "-o", "json", "-w", folder / "no/such/folder/out.json"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.says("cannot write")) << ran.err;
}

TEST(ExitCode, AFullDiskIsTwoForEveryCommand) {
  const TestFolder folder;
  const std::string log = folder.write("log.json", harmless_record(1) + "\n");
  const std::string list = folder.write("list.txt", "pool.example\n");
  const std::string rule =
      folder.write("rule.yml",
                   "title: Any call\nname: any_call\nlogsource: {product: aws}\n"
                   "detection:\n  s: {eventName|exists: true}\n  condition: s\nlevel: low\n");
  const std::vector<std::vector<std::string>> commands = {
      {"scan", log},
      {"scan", log, "-o", "json"},
      {"match", "-r", rule, log},
      {"rules", "list"},
      {"rules", "show", "any_call", rule},
      {"rules", "lint", rule},
      {"rules", "test", rule},
      {"rules", "explain", "any_call", log, "-r", rule},
      {"intel", "list"},
      {"intel", "check", "pool.example"},
      {"intel", "import", list},
      {"simulate", "--stream", "vpc_flow", "--bytes", "3MB"},
      {"doctor"},
      {"--version"},
      {"scan", "--help"}};
  for (const auto& command : commands) {
    const Ran ran = run_davy_into(command, "/dev/full");
    EXPECT_EQ(ran.exit_code, 2) << command[0];
    EXPECT_TRUE(ran.says("cannot write to standard output: No space left on device"))
        << command[0] << ran.err;
  }
}

TEST(ExitCode, AClosedPipeIsNoCrash) {
  const std::string& path = estate_folder("estate").path();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"scan", path, "-o", "json"},
        std::vector<std::string>{"rules", "list"},
        std::vector<std::string>{"simulate", "--stream", "vpc_flow", "--bytes", "50MB"}}) {
    const Ran ran = run_davy_closing_output(arguments, 10);
    EXPECT_TRUE(ran.signal == 0 || ran.signal == SIGPIPE) << ran.signal;
    EXPECT_NE(ran.exit_code, 70) << ran.err;
    EXPECT_FALSE(ran.says("internal error")) << ran.err;
  }
}

}  // namespace
}  // namespace davy::tests
