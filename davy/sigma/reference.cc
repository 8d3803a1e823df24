// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/sigma/internal/evaluate.h"
#include "davy/sigma/internal/field_paths.h"
#include "davy/sigma/internal/rule_set_rep.h"
#include "davy/sigma/internal/value.h"
#include "davy/sigma/matcher.h"

namespace davy::sigma {
namespace {

using internal::Block;
using internal::Condition;
using internal::Item;
using internal::Record;
using internal::Rule;
using internal::Selection;
using internal::Test;

class EventRecord : public Record {
 public:
  EventRecord(const Target& target, const event::Schema& schema, const event::Fields& fields)
      : target_(target), schema_(schema), fields_(fields) {}

  void values(const std::string& field, std::vector<event::Value>& out) const override {
    for (const std::string& path : internal::field_paths(target_, field)) {
      for (const event::Value& value : fields_.values(schema_.find(path)))
        out.push_back(value);
    }
  }
  const std::vector<std::string_view>& keywords() const override { return fields_.all_values(); }

 private:
  const Target& target_;
  const event::Schema& schema_;
  const event::Fields& fields_;
};

bool holds(const Condition& condition, const Rule& rule, const Record& record) {
  switch (condition.op) {
    case Condition::Op::kSelection:
      return internal::holds(rule.selections[condition.selection].block, record);
    case Condition::Op::kNot: return !holds(condition.children.front(), rule, record);
    case Condition::Op::kAnd:
      for (const Condition& child : condition.children) {
        if (!holds(child, rule, record)) return false;
      }
      return true;
    case Condition::Op::kOr:
      for (const Condition& child : condition.children) {
        if (holds(child, rule, record)) return true;
      }
      return false;
  }
  return false;
}

std::string_view yes_no(bool held) {
  return held ? "yes" : "no";
}

std::string show_values(const Item& item, const Record& record) {
  if (item.keyword) return fmt::format("{} values of the record", record.keywords().size());
  std::vector<event::Value> values;
  record.values(item.field, values);
  if (values.empty()) return "the record has no such field";
  std::string text;
  for (const event::Value& value : values) {
    if (!text.empty()) text += ", ";
    const bool null = value.type == event::Value::Type::kNull;
    text += null ? "null" : fmt::format("'{}'", printable(value.text, 80));
  }
  return text;
}

void explain_block(const Block& block, const Record& record, size_t indent, std::string& out) {
  const std::string pad(indent, ' ');
  if (block.op != Block::Op::kItem) {
    constexpr std::string_view kNames[] = {"all of", "any of", "not"};
    out += fmt::format("{}{}: {}\n", pad, kNames[static_cast<size_t>(block.op)],
                       yes_no(internal::holds(block, record)));
    for (const Block& child : block.children)
      explain_block(child, record, indent + 2, out);
    return;
  }
  const Item& item = block.item;
  out +=
      fmt::format("{}{}{}{}: {} ({})\n", pad, item.keyword ? "keyword" : printable(item.key, 100),
                  item.all ? " (every value)" : "", item.negated ? " (negated)" : "",
                  yes_no(internal::holds(item, record)), show_values(item, record));
  for (const auto& alternatives : item.values) {
    for (const Test& test : alternatives) {
      out += fmt::format("{}  {}: {}\n", pad, printable(internal::describe(test), 200),
                         yes_no(internal::holds(test, item, record)));
    }
  }
}

}  // namespace

bool reference_matches(const RuleSet& rules, RuleIndex rule, const Target& target,
                       const event::Schema& schema, const event::Fields& fields) {
  if (rule >= rules.rep().rules.size()) return false;  // correlations have no events of their own
  const Rule& tree = rules.rep().rules[rule];
  return holds(tree.condition, tree, EventRecord(target, schema, fields));
}

std::string explain(const RuleSet& rules, RuleIndex rule, const Target& target,
                    const event::Schema& schema, const event::Fields& fields) {
  if (rule >= rules.rep().rules.size()) {
    const CorrelationRule& correlation = rules.rep().correlations[rule - rules.rep().rules.size()];
    std::string out =
        "not judged here: a correlation is judged over many events, by `davy match`; explain the "
        "rules it refers to:\n";
    for (const std::string& name : correlation.rules)
      out += "  " + printable(name) + "\n";
    return out;
  }
  const Rule& tree = rules.rep().rules[rule];
  const EventRecord record(target, schema, fields);
  std::string out;
  for (const std::string& condition : tree.condition_texts) {
    out += fmt::format("condition: {}\n", printable(condition, 400));
  }
  out += fmt::format("matches: {}\n", yes_no(holds(tree.condition, tree, record)));
  for (const Selection& selection : tree.selections) {
    out += fmt::format("{} (line {}): {}\n", printable(selection.name, 100), selection.line,
                       yes_no(internal::holds(selection.block, record)));
    explain_block(selection.block, record, 2, out);
  }
  return out;
}

}  // namespace davy::sigma
