// SPDX-License-Identifier: Apache-2.0
// Decoding of single audit lines against an outside oracle: the parse that another implementation
// publishes for the same real lines.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "davy/base/text.h"
#include "davy/decode/audit_line.h"
#include "davy/decode/auditd.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using nlohmann::json;

/// Pairs that the other implementation makes out of names or numbers: not decoding of the line.
bool is_interpreted(std::string_view key) {
  constexpr std::string_view kKeys[] = {"arch", "exit",     "family",  "addr",     "port",
                                        "path", "seresult", "seperms", "old_auid", "new_auid"};
  return key.starts_with("subj_") || key.starts_with("obj_") ||
         std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

struct Collect final : Sink {
  const event::Schema& schema;
  std::set<std::pair<std::string, std::string>> pairs;
  event::Event event;
  explicit Collect(const event::Schema& s) : schema(s) {}
  void emit(const event::Event& e, const event::Fields& fields) override {
    event = e;
    for (event::Slot slot = 0; slot < schema.size(); ++slot) {
      for (const event::Value& value : fields.values(slot))
        pairs.emplace(schema.path(slot), value.text);
    }
  }
};

/// The oracle's value in the log's own words.
bool holds(const Collect& seen, const std::string& key, const std::string& value) {
  const auto has = [&](const std::string& k, const std::string& v) {
    return seen.pairs.contains({k, v});
  };
  if (key == "result") {
    return value == "success" ? has("res", "success") || has("res", "1") || has("success", "yes")
                              : has("res", "failed") || has("res", "0") || has("success", "no");
  }
  if (value == "unset") return has(key, "4294967295");
  if (key == "syscall") return seen.pairs.lower_bound({key, ""}) != seen.pairs.end();
  return has(key, value) || has(key, trim(value) == value ? value : std::string(trim(value)));
}

class AuditdGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(AuditdGolden, DecodesWhatTheOtherImplementationDecodes) {
  const std::filesystem::path path =
      std::filesystem::path(DAVY_SOURCE_DIR) / "../shared/samples/auditd" / GetParam();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no sample files beside the source";
  std::ifstream file(path);
  int lines = 0;
  int pairs = 0;
  for (const json& want : json::parse(file)) {
    if (want.is_null()) continue;  // a line without time and serial
    std::string type = want["record_type"];
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const std::string text = "type=" + type + " msg=" + want["raw_msg"].get<std::string>();
    AuditLine head;
    ASSERT_TRUE(read_audit_line(text, head)) << text;
    EXPECT_EQ(head.type, type);
    EXPECT_EQ(to_rfc3339(head.time), want["@timestamp"].get<std::string>());
    EXPECT_EQ(head.serial, std::to_string(want["sequence"].get<uint64_t>()));

    event::Schema schema;
    for (const char* key : {"res", "success"})
      schema.add(key);
    for (const auto& [key, value] : want["data"].items())
      schema.add(key);
    const Catalog catalog(PlainJson::kReject);
    Workbench bench(catalog);
    const StreamContext stream;
    Collect seen(schema);
    const auto decoder = kAuditd.make_decoder(schema);
    EXPECT_EQ(decoder->decode({text, 0, &stream}, bench, seen).verdict, Outcome::Verdict::kDecoded);
    EXPECT_EQ(seen.event.time, head.time);
    ++lines;
    for (const auto& [key, value] : want["data"].items()) {
      if (is_interpreted(key)) continue;
      ++pairs;
      EXPECT_TRUE(holds(seen, key, value)) << key << "=" << value << "\n" << text;
    }
  }
  EXPECT_GT(lines, 2);
  EXPECT_GT(pairs, 10);
  RecordProperty("lines", lines);
  RecordProperty("pairs", pairs);
}

INSTANTIATE_TEST_SUITE_P(Samples, AuditdGolden,
                         ::testing::Values("audit-rhel7.log.golden", "audit-ubuntu16.log.golden",
                                           "test2.log.golden"));

}  // namespace
}  // namespace davy::decode
