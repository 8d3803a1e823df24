// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/correlation_binding.h"

#include <algorithm>

namespace davy::sigma {
namespace {

FieldSlots find_slots(std::string_view field, const Target& target, const event::Schema& schema) {
  std::vector<std::string> paths;
  if (target.resolve) {
    target.resolve(field, paths);
  } else {
    paths.emplace_back(field);
  }
  FieldSlots slots;
  for (const std::string& path : paths) {
    const event::Slot slot = schema.find(path);
    if (slot != event::kNoSlot) slots.push_back(slot);
  }
  return slots;
}

bool is_usable(const event::Value& value) {
  return value.type != event::Value::Type::kNull && value.type != event::Value::Type::kContainer &&
         !value.text.empty();
}

}  // namespace

MemberBinding bind_member(const CorrelationRule& rule, size_t member, const Target& target,
                          const event::Schema& schema) {
  MemberBinding binding;
  for (const std::string& name : rule.group_by) {
    binding.group_by.push_back(find_slots(field_for_member(rule, member, name), target, schema));
  }
  for (const std::string& name : rule.fields) {
    binding.fields.push_back(find_slots(field_for_member(rule, member, name), target, schema));
  }
  return binding;
}

std::vector<std::string_view> read_values(const FieldSlots& slots, const event::Fields& values) {
  std::vector<std::string_view> texts;
  for (const event::Slot slot : slots) {
    for (const event::Value& value : values.values(slot)) {
      if (is_usable(value)) texts.push_back(value.text);
    }
    // Alternatives are other names of the same thing; a second one would make a second group of it.
    if (!texts.empty()) break;
  }
  return texts;
}

Combinations read_combinations(const std::vector<FieldSlots>& fields, const event::Fields& values,
                               size_t limit) {
  std::vector<std::vector<std::string_view>> choices;
  for (const FieldSlots& slots : fields) {
    std::vector<std::string_view> texts = read_values(slots, values);
    if (texts.empty()) return {};
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    choices.push_back(std::move(texts));
  }
  Combinations result;
  std::vector<size_t> picks(choices.size(), 0);  // counts up, the last field fastest
  while (true) {
    if (result.tuples.size() == limit) {
      result.cut = true;
      return result;
    }
    auto& tuple = result.tuples.emplace_back();
    for (size_t i = 0; i < choices.size(); ++i)
      tuple.push_back(choices[i][picks[i]]);
    size_t wheel = choices.size();
    while (wheel > 0 && ++picks[wheel - 1] == choices[wheel - 1].size())
      picks[--wheel] = 0;
    if (wheel == 0) return result;
  }
}

}  // namespace davy::sigma
