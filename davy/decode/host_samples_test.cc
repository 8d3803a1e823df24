// SPDX-License-Identifier: Apache-2.0
// The vendors' own samples of host logs: what each file decodes to is kept in
// tests/golden/decode/host_samples.txt. DAVY_GOLDEN_UPDATE=1 rewrites it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "davy/decode/testing.h"

namespace davy::decode {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string counted(const char* what, const std::vector<std::string>& words) {
  std::map<std::string, int> counts;
  for (const std::string& word : words)
    ++counts[word];
  std::string text;
  for (const auto& [word, count] : counts)
    text += fmt::format("  {} {}: {}\n", what, word, count);
  return text;
}

std::string describe(const fs::path& path) {
  std::map<std::string, int> payloads;
  const testing::Decoded decoded =
      testing::decode_stream(read_file(path), [&](const event::Event& e, const event::Fields&) {
        std::string payload;
        if (e.finding != nullptr) payload += " finding";
        if (e.process != nullptr) payload += " process";
        if (e.host_change != nullptr) payload += " change";
        ++payloads[fmt::format("logsources {:04b}{}", e.logsources, payload)];
        EXPECT_TRUE(e.time.known()) << path;
      });
  EXPECT_TRUE(decoded.rejected.empty()) << path << ": " << decoded.rejected.front();
  std::string text =
      fmt::format("{}/{}\n", path.parent_path().filename().string(), path.filename().string());
  text += counted("events", decoded.formats);
  for (const auto& [payload, count] : payloads)
    text += fmt::format("  {}: {}\n", payload, count);
  return text + counted("skipped", decoded.skipped) + counted("rejected", decoded.rejected);
}

TEST(HostSamples, DecodeToWhatIsWrittenDown) {
  const fs::path samples = fs::path(DAVY_SOURCE_DIR) / "../shared/samples";
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files beside the source";
  std::vector<fs::path> files;
  for (const char* folder : {"auditd", "falco"}) {
    for (const auto& entry : fs::directory_iterator(samples / folder)) {
      const std::string type = entry.path().extension().string();
      if (type == ".log" || type == ".json" || type == ".ndjson") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::string text;
  for (const fs::path& file : files)
    text += describe(file);
  const fs::path golden = fs::path(DAVY_SOURCE_DIR) / "tests/golden/decode/host_samples.txt";
  if (std::getenv("DAVY_GOLDEN_UPDATE") != nullptr) {
    fs::create_directories(golden.parent_path());
    std::ofstream(golden, std::ios::binary) << text;
  }
  EXPECT_EQ(text, read_file(golden));
}

}  // namespace
}  // namespace davy::decode
