// SPDX-License-Identifier: Apache-2.0
// What becomes of every record of a collection of public samples, against a golden file. The
// samples keep their own licences and are not part of this repository: without them beside it, the
// test says so and is skipped. DAVY_GOLDEN_UPDATE=1 rewrites the golden file.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "davy/base/text.h"
#include "davy/decode/json_brackets.h"
#include "davy/decode/json_cutter.h"
#include "davy/decode/unread.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolders[] = {
    "azure_activity", "azure_defender", "azure_flow", "cloudtrail", "cloudwatch",
    "cost",           "ecs_taskdef",    "gcp_audit",  "gcp_scc",    "gcp_vpcflow",
    "guardduty",      "k8s_audit",      "oci",        "osquery",    "route53",
    "tetragon",       "vpcflow"};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What became of one file.
class Tally final : public Sink {
 public:
  Tally(const Catalog& catalog, const Workbench& bench) : catalog_(catalog), bench_(bench) {}

  void emit(const event::Event&, const event::Fields&) override {
    ++events_[std::string(catalog_.format(bench_.running_format()).name)];
  }
  void note(const Outcome& outcome) {
    using Verdict = Outcome::Verdict;
    if (outcome.verdict == Verdict::kSkipped) ++reasons_["skipped: " + std::string(outcome.reason)];
    if (outcome.verdict == Verdict::kNotMine) reject("not of the format of its stream");
    if (outcome.verdict == Verdict::kRejected) reject(outcome.reason);
  }
  void reject(std::string_view reason) { ++reasons_["rejected: " + std::string(reason)]; }

  std::string text() const {
    std::string text;
    for (const auto& [format, count] : events_)
      text += "  " + format + ": " + std::to_string(count) + "\n";
    for (const auto& [reason, count] : reasons_)
      text += "  " + reason + ": " + std::to_string(count) + "\n";
    return text;
  }

 private:
  const Catalog& catalog_;
  const Workbench& bench_;
  std::map<std::string, size_t> events_;
  std::map<std::string, size_t> reasons_;
};

/// Rule tests of another product hold the record in "event".
std::string unwrap_tests(std::string_view text) {
  constexpr std::string_view kKey = "\"event\": ";
  std::string records;
  for (std::string_view line : split(text, '\n')) {
    const size_t at = line.find(kKey);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = line.substr(at + kKey.size());
    const size_t length = find_value_end(rest, 0);
    if (length == std::string_view::npos) continue;
    records += std::string(rest.substr(0, length)) + "\n";
  }
  return records;
}

void decode_json(std::string_view data, const StreamContext& stream, Workbench& bench,
                 Tally& tally) {
  JsonCutter cutter;
  CutResult cuts;
  cutter.cut(data, true, cuts);
  for (const CutReject& reject : cuts.rejects)
    tally.reject(reject.reason);
  for (const Cut& cut : cuts.records) {
    tally.note(bench.decode_json({data.substr(cut.begin, cut.length), cut.begin, &stream}, tally));
  }
}

void decode_text(std::string_view data, StreamContext stream, const Catalog& catalog,
                 Workbench& bench, Tally& tally) {
  TextProbe probe;
  for (std::string_view line : split(data.substr(0, 64 << 10), '\n')) {
    if (probe.lines.size() == 20) break;
    probe.lines.push_back(line.substr(0, line.find('\r')));
  }
  const size_t format = catalog.recognise_text(probe);
  if (format == catalog.size()) {
    const std::string_view unread = unread_text(probe);
    return tally.reject(unread.empty() ? "text of no format Davy knows" : unread);
  }
  if (catalog.format(format).read_layout != nullptr) {
    stream.layout = catalog.format(format).read_layout(probe);
  }
  for (std::string_view line : split(data, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    tally.note(bench.decode_as(format, {line, 0, &stream}, tally));
  }
}

std::string decode_file(const fs::path& file, const std::string& name) {
  const Catalog catalog(PlainJson::kReject);
  Workbench bench(catalog);
  Tally tally(catalog, bench);
  std::string bytes = read_file(file);
  if (name.ends_with("panther_tests_dev.ndjson")) bytes = unwrap_tests(bytes);
  const size_t size = bytes.size();
  bytes.append(RawRecord::kPadding, '\0');
  const std::string_view data = std::string_view(bytes).substr(0, size);
  StreamContext stream;
  stream.path = name;
  const std::string_view start = trim(data).substr(0, 1);
  if (start == "{" || start == "[") {
    decode_json(data, stream, bench, tally);
  } else {
    decode_text(data, stream, catalog, bench, tally);
  }
  return tally.text();
}

TEST(Samples, EveryRecordIsReadOrSaysWhyNot) {
  const fs::path samples = fs::path(DAVY_SOURCE_DIR) / "../shared/samples";
  if (!fs::is_directory(samples)) GTEST_SKIP() << "the public samples are not beside this source";

  std::set<std::string> names;
  for (std::string_view folder : kFolders) {
    for (const auto& entry : fs::recursive_directory_iterator(samples / folder)) {
      if (!entry.is_regular_file() || entry.path().filename() == "SOURCES.md") continue;
      names.insert(fs::relative(entry.path(), samples).string());
    }
  }
  std::string actual;
  for (const std::string& name : names)
    actual += name + "\n" + decode_file(samples / name, name);

  const fs::path golden = fs::path(DAVY_SOURCE_DIR) / "tests/golden/decode/samples.txt";
  if (std::getenv("DAVY_GOLDEN_UPDATE") != nullptr) {
    fs::create_directories(golden.parent_path());
    std::ofstream(golden, std::ios::binary) << actual;
  }
  EXPECT_EQ(actual, read_file(golden)) << "if the change is meant: DAVY_GOLDEN_UPDATE=1";
}

}  // namespace
}  // namespace davy::decode
