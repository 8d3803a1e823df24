// SPDX-License-Identifier: Apache-2.0
// Loads hostile rule text and matches what survives against one fixed event: loading neither throws
// nor hangs, and the compiled matcher agrees with the plain one.
#include <cstdint>
#include <cstdlib>

#include "davy/sigma/matcher.h"

namespace {

using davy::event::Value;

struct FixedField {
  const char* path;
  Value::Type type;
  const char* text;
};

constexpr FixedField kFields[] = {
    {"eventName", Value::Type::kString, "RunInstances"},
    {"eventTime", Value::Type::kString, "2026-01-01T10:00:00Z"},
    {"sourceIPAddress", Value::Type::kString, "203.0.113.7"},
    {"CommandLine", Value::Type::kString, "xmrig -o stratum+tcp://pool:3333"},
    {"dst_port", Value::Type::kNumber, "3333"},
    {"readOnly", Value::Type::kBool, "false"},
    {"errorCode", Value::Type::kNull, ""},
    {"containers", Value::Type::kContainer, R"([{"image": "a/b", "cpu": 1}, {"image": "c"}])"},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace sigma = davy::sigma;
  const std::vector<sigma::RuleText> texts = {
      {"fuzz.yml", std::string(reinterpret_cast<const char*>(data), size)}};
  const sigma::Placeholders placeholders = {{"%names%", {"a*", "b"}}};
  sigma::LoadReport report;
  const sigma::RuleSet rules = sigma::RuleSet::load(texts, placeholders, report);

  davy::event::Schema schema;
  const auto matcher = sigma::Matcher::compile(rules, {}, schema);
  const auto scratch = matcher->make_scratch();
  davy::event::Fields fields;
  fields.reset(schema.size());
  for (const FixedField& field : kFields) {
    const davy::event::Slot slot = schema.find(field.path);
    if (slot != davy::event::kNoSlot) fields.add(slot, field.type, field.text);
    if (schema.all_values()) fields.add_any(field.text);
  }
  std::vector<sigma::RuleIndex> matches;
  matcher->match(0, fields, *scratch, matches);
  size_t next = 0;
  for (sigma::RuleIndex rule = 0; rule < rules.size(); ++rule) {
    const bool compiled = next < matches.size() && matches[next] == rule;
    if (compiled) ++next;
    if (compiled != sigma::reference_matches(rules, rule, {}, schema, fields)) std::abort();
  }
  return 0;
}
