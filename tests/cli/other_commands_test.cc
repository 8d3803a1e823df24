// SPDX-License-Identifier: Apache-2.0
// intel, simulate, doctor, --version, --help.
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/harness/estate_folder.h"
#include "tests/harness/program.h"
#include <gtest/gtest.h>

#include "davy/base/text.h"

namespace davy::tests {
namespace {

TEST(Help, EveryCommandHasItAndTheMainOnesShowExamples) {
  const std::vector<std::string> commands = {
      "",           "scan",        "match",      "rules",         "rules list",
      "rules show", "rules lint",  "rules test", "rules explain", "intel",
      "intel list", "intel check", "simulate",   "doctor",        "intel import"};
  for (const std::string& command : commands) {
    std::vector<std::string> arguments;
    for (std::string_view word : split(command, ' ')) {
      if (!word.empty()) arguments.emplace_back(word);
    }
    arguments.push_back("--help");
    const Ran ran = run_davy(arguments);
    EXPECT_EQ(ran.exit_code, 0) << command;
    EXPECT_GT(ran.out.size(), 80u) << command;
    EXPECT_EQ(ran.err, "") << command;
  }
  for (const char* command : {"scan", "match", "rules", "simulate"}) {
    EXPECT_NE(run_davy({command, "--help"}).out.find("Examples:"), std::string::npos) << command;
  }
}

TEST(Version, IsOneLine) {
  const Ran ran = run_davy({"--version"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(ran.out.starts_with("davy ")) << ran.out;
  EXPECT_EQ(ran.out.find('\n'), ran.out.size() - 1);
}

TEST(Doctor, FindsThisBuildSound) {
  const Ran ran = run_davy({"doctor"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  for (const char* row : {"rules", "indicators", "prices", "cloudtrail", "vpc_flow"})
    EXPECT_NE(ran.out.find(row), std::string::npos) << row;
  EXPECT_EQ(ran.out.find("BAD"), std::string::npos) << ran.out;
}

TEST(Doctor, NamesWhatIsMissing) {
  const TestFolder empty;
  const Ran ran = run_davy({"doctor", "--content", empty.path()});
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  for (const char* row : {"BAD   rules", "BAD   indicators", "BAD   prices"})
    EXPECT_NE(ran.out.find(row), std::string::npos) << row << "\n" << ran.out;
}

TEST(Doctor, TellsWhatIsWrongWithTheContent) {
  const TestFolder folder;
  folder.write("rules/odd.yml",
               "title: Odd\nid: 5f7c1f0e-6f0c-4a43-9d0c-0f1f52a6a012\nlevel: low\n"
               "logsource: {product: aws, servcie: cloudtrail}\n"
               "detection:\n  s: {eventName: x}\n  never: {eventName: y}\n  condition: s\n");
  folder.write("indicators/mine.csv",
               "kind,value,family,confidence,source,date\n"
               "domain,pool.example,,high,us,2026-01-02\nip,10.0.0.1,,high,us,2026-01-02\n");
  const Ran ran = run_davy({"doctor", "--content", folder.path()});
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  for (const char* text :
       {"BAD   findings", "mine.csv:3: error DVY-I007", "odd.yml:4:27: warning DVY-R025",
        "did you mean 'service'", "odd.yml:7:3: warning DVY-R026", "never asks for 'never'"})
    EXPECT_NE(ran.out.find(text), std::string::npos) << text << "\n" << ran.out;
}

TEST(Intel, TellsAListedWalletFromAnyOther) {
  const Ran listed =
      run_davy({"intel", "check",
                "43Lfq18TycJHVR3AMews5C9f6SEfenZoQMcrsEeFXZTWcFW9jW7VeCySDm1L9n4d2JEoHjcD"
                "pWZFq6QzqN4QGHYZVaALj3U"});
  EXPECT_EQ(listed.exit_code, 1) << listed.out;
  EXPECT_NE(listed.out.find("known wallet"), std::string::npos) << listed.out;
  EXPECT_NE(listed.out.find("SCARLETEEL"), std::string::npos) << listed.out;
  const Ran other = run_davy({"intel", "check", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"});
  EXPECT_EQ(other.exit_code, 0) << other.out;
  EXPECT_NE(other.out.find("not known; a valid BTC address"), std::string::npos) << other.out;
}

TEST(Intel, TellsAWalletWithAWrongChecksum) {
  const std::string monero =
      "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBE"
      "P3";
  for (const auto& [value, coin] : std::map<std::string, std::string>{
           {monero + "B", "Monero"},
           {"XMR:" + monero + "B.worker1", "Monero"},
           {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "Bitcoin"},
           {"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdx", "Bitcoin"},
           {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "Ethereum"}}) {
    const Ran ran = run_davy({"intel", "check", value});
    EXPECT_EQ(ran.exit_code, 0) << ran.out;
    EXPECT_NE(ran.out.find("not known; it looks like a " + coin +
                           " address, but its checksum is "
                           "wrong"),
              std::string::npos)
        << ran.out;
  }
  for (const char* other : {"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
                            "d41d8cd98f00b204e9800998ecf8427e", "averylongbutordinaryhostname"}) {
    EXPECT_EQ(run_davy({"intel", "check", other}).out.find("checksum"), std::string::npos) << other;
  }
}

TEST(Intel, ImportSaysWhatItLeftOut) {
  const TestFolder folder;
  const std::string list = folder.write(
      "list.txt",
      "evil-pool.test\nd41d8cd98f00b204e9800998ecf8427e\n10.0.0.1\n"
      "https://raw.githubusercontent.com/x/y.sh\nhttp://load.example/x.sh\n0.0.0.0 b.test\n");
  const Ran ran = run_davy({"intel", "import", list, "--date", "2026-01-02", "--source", "us"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "kind,value,family,confidence,source,date\ndomain,b.test,,medium,us,2026-01-02\n"
            "domain,evil-pool.test,,medium,us,2026-01-02\n"
            "malware-domain,load.example,,low,us,2026-01-02\n");
  EXPECT_TRUE(ran.says("line 2: d41d8cd98f00b204e9800998ecf8427e: an MD5")) << ran.err;
  EXPECT_TRUE(ran.says("10.0.0.1: the address is private")) << ran.err;
  EXPECT_TRUE(ran.says("raw.githubusercontent.com: the value covers what many")) << ran.err;
  const Ran none = run_davy({"intel", "import", folder.write("none.txt", "10.0.0.1\n")});
  EXPECT_EQ(none.exit_code, 2) << none.out;
  EXPECT_TRUE(none.says("no indicator in it can be used")) << none.err;
}

TEST(Intel, ChecksDefangedAndUnknownValues) {
  const Ran known = run_davy({"intel", "check", "pool[.]supportxmr[.]com", "hxxp://example.org"});
  EXPECT_EQ(known.exit_code, 1);
  EXPECT_NE(known.out.find("supportxmr"), std::string::npos) << known.out;
  EXPECT_NE(known.out.find("example.org: not known"), std::string::npos) << known.out;
  EXPECT_EQ(run_davy({"intel", "check", "example.org"}).exit_code, 0);
}

TEST(Intel, ChecksTheHostOfAUrl) {
  for (const char* url : {"https://pool.supportxmr.com/x", "hxxp://pool.supportxmr[.]com:3333/x",
                          "stratum+tcp://pool.supportxmr.com:443", "pool.supportxmr.com:9999"}) {
    const Ran ran = run_davy({"intel", "check", url});
    EXPECT_EQ(ran.exit_code, 1) << url << ran.out;
    EXPECT_NE(ran.out.find("known domain"), std::string::npos) << ran.out;
  }
  EXPECT_EQ(run_davy({"intel", "check", "https://example.org/pool.supportxmr.com"}).exit_code, 0);
}

TEST(Intel, LeavesOutAFamilyThatIsNotKnown) {
  const TestFolder folder;
  folder.write("content/indicators/mine.csv",
               "kind,value,family,confidence,source,date\nip,198.51.100.77,,high,us,2026-01-02\n");
  const Ran ran = run_davy({"--content", folder / "content", "intel", "check", "198.51.100.77"});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_NE(ran.out.find("known ip 198.51.100.77, confidence high"), std::string::npos) << ran.out;
}

TEST(Intel, RefusesWhatItDoesNotUnderstand) {
  const TestFolder folder;
  const std::string junk = folder.write("junk.txt", "milk eggs bread\n<html>\n");
  const Ran ran = run_davy({"intel", "import", junk});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(ran.says("not understood")) << ran.err;
  const std::string list = folder.write("list.txt", "evil-pool.test\n");
  EXPECT_EQ(run_davy({"intel", "import", list, "--date", "yesterday"}).exit_code, 2);
  EXPECT_EQ(run_davy({"intel", "import", list, "--format", "excel"}).exit_code, 2);
  const Ran kind = run_davy({"intel", "list", "--kind", "walet"});
  EXPECT_EQ(kind.exit_code, 2);
  EXPECT_TRUE(kind.says("wallet")) << kind.err;
}

TEST(Intel, AnImportedSourceIsNoFormula) {
  const TestFolder folder;
  const std::string list = folder.write("list.txt", "evil-pool.test\n");
  const Ran ran = run_davy({"intel", "import", list, "--source", "=cmd|'/c calc'!A0"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find(",'=cmd"), std::string::npos) << ran.out;
}

TEST(Intel, ImportedListIsUsedByTheNextScan) {
  const TestFolder folder;
  const std::string list = folder.write("list.txt", "# mine\nevil-pool[.]test\n198.51.100.77\n");
  const Ran ran = run_davy({"intel", "import", list, "--date", "2026-01-02", "--source", "us"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.out.starts_with("kind,value,family,confidence,source,date\n")) << ran.out;
  EXPECT_NE(ran.out.find("domain,evil-pool.test,"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("ip,198.51.100.77,"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find(",us,2026-01-02"), std::string::npos) << ran.out;

  folder.write("content/indicators/mine.csv", ran.out);
  const Ran check = run_davy({"--content", folder / "content", "intel", "check", "evil-pool.test"});
  EXPECT_EQ(check.exit_code, 1) << check.out << check.err;
}

TEST(Intel, AMissingListIsNamed) {
  const Ran ran = run_davy({"intel", "import", "/no/such/list.txt"});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_TRUE(ran.says("/no/such/list.txt")) << ran.err;
}

std::map<std::string, std::string> bytes_below(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().lexically_relative(folder).string()] =
        std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

TEST(Simulate, SameSeedSameBytes) {
  const TestFolder folder;
  const auto make = [&](const char* name, const char* seed) {
    const Ran ran =
        run_davy({"simulate", "estate", "--scale", "0.05", "--seed", seed, "-o", folder / name});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return bytes_below(folder / name);
  };
  const auto first = make("a", "7");
  EXPECT_GT(first.size(), 20u);
  EXPECT_TRUE(first.contains("labels.json"));
  EXPECT_TRUE(first == make("b", "7"));
  EXPECT_FALSE(first == make("c", "8"));
}

TEST(Simulate, StreamsAreTheSameEachTimeAndAsLongAsAsked) {
  for (const char* format : {"cloudtrail", "cloudtrail_delivered", "vpc_flow", "route53"}) {
    const std::vector<std::string> arguments = {"simulate", "--stream", format, "--bytes",
                                                "300000"};
    const Ran first = run_davy(arguments);
    EXPECT_EQ(first.exit_code, 0) << first.err;
    EXPECT_TRUE(first.out == run_davy(arguments).out) << format;
    const bool compressed = std::string_view(format) == "cloudtrail_delivered";
    EXPECT_GE(first.out.size(), compressed ? 10'000u : 300'000u) << format;
  }
}

TEST(Simulate, DoesNotOverwrite) {
  const TestFolder folder;
  folder.write("kept.txt", "mine");
  const Ran ran = run_davy({"simulate", "estate", "-o", folder.path()});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.says("not empty")) << ran.err;
  EXPECT_EQ(bytes_below(folder.path()).size(), 1u);
}

TEST(Simulate, AnUnknownScenarioOrFormatIsNamed) {
  const TestFolder folder;
  const Ran scenario = run_davy({"simulate", "estaet", "-o", folder / "x"});
  EXPECT_EQ(scenario.exit_code, 2);
  EXPECT_TRUE(scenario.says("estaet")) << scenario.err;
  const Ran format = run_davy({"simulate", "--stream", "morse"});
  EXPECT_EQ(format.exit_code, 2);
  EXPECT_TRUE(format.says("morse")) << format.err;
  EXPECT_TRUE(format.says("vpc_flow")) << format.err;
}

}  // namespace
}  // namespace davy::tests
