// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/evaluate.h"

#include <algorithm>
#include <deque>

#include <nlohmann/json.hpp>

#include "davy/sigma/internal/value.h"

namespace davy::sigma::internal {
namespace {

using event::Value;
using nlohmann::json;

/// An element of a JSON array. Numbers and containers have no text of their own in the parsed
/// document, so what is made up for them is kept here.
class ElementRecord : public Record {
 public:
  explicit ElementRecord(const json& element) : element_(element) {}

  void values(const std::string& field, std::vector<Value>& out) const override {
    walk(element_, field, out);
  }
  const std::vector<std::string_view>& keywords() const override { return none_; }

 private:
  void walk(const json& node, std::string_view path, std::vector<Value>& out) const {
    if (node.is_array()) {
      if (path.empty())
        out.push_back({Value::Type::kContainer,
                       keep(node.dump(-1, ' ', false, json::error_handler_t::replace))});
      for (const json& member : node) {
        // Arrays in arrays are not transparent twice: it would never end in useful paths.
        if (!member.is_array()) walk(member, path, out);
      }
      return;
    }
    if (path.empty()) {
      out.push_back(scalar(node));
      return;
    }
    if (!node.is_object()) return;
    // A key may itself hold dots, as Kubernetes labels do.
    if (const auto whole = node.find(std::string(path)); whole != node.end()) {
      walk(*whole, {}, out);
      return;
    }
    const size_t dot = path.find('.');
    if (dot == path.npos) return;
    const auto child = node.find(std::string(path.substr(0, dot)));
    if (child != node.end()) walk(*child, path.substr(dot + 1), out);
  }

  Value scalar(const json& node) const {
    switch (node.type()) {
      case json::value_t::null: return {Value::Type::kNull, {}};
      case json::value_t::boolean: return {Value::Type::kBool, node.get<bool>() ? "true" : "false"};
      case json::value_t::string: return {Value::Type::kString, node.get_ref<const std::string&>()};
      case json::value_t::object:
        return {Value::Type::kContainer,
                keep(node.dump(-1, ' ', false, json::error_handler_t::replace))};
      default: return {Value::Type::kNumber, keep(node.dump())};
    }
  }

  std::string_view keep(std::string text) const { return made_.emplace_back(std::move(text)); }

  const json& element_;
  std::vector<std::string_view> none_;
  mutable std::deque<std::string> made_;
};

/// How one kind of test is answered from all values of a field.
struct AnswerFromValues {
  const Item& item;
  const Record& record;
  const std::vector<Value>& values;

  bool operator()(const ExistsTest& test) const { return values.empty() != test.expected; }

  bool operator()(const NullTest&) const {
    return std::all_of(values.begin(), values.end(),
                       [](const Value& v) { return v.type == Value::Type::kNull; });
  }

  bool operator()(const FieldRefTest& test) const {
    std::vector<Value> others;
    record.values(test.other, others);
    return reference_holds(test, values, others);
  }

  bool operator()(const ElementTest& test) const {
    return std::any_of(values.begin(), values.end(), [&](const Value& value) {
      return value.type == Value::Type::kContainer && element_holds(test, value.text);
    });
  }

  template <typename ScalarTest>
  bool operator()(const ScalarTest& test) const {
    return std::any_of(values.begin(), values.end(), [&](const Value& value) {
      return is_scalar(value) && internal::holds(test, value.text);
    });
  }
};

}  // namespace

bool element_holds(const ElementTest& test, std::string_view container) {
  // Elements that are objects are values of the field as well; only the array itself counts here.
  if (!container.starts_with('[')) return false;
  const json parsed = json::parse(container, nullptr, false);
  if (!parsed.is_array()) return false;
  const auto fits = [&](const json& element) { return holds(*test.block, ElementRecord(element)); };
  switch (test.which) {
    case ElementTest::Which::kAny: return std::any_of(parsed.begin(), parsed.end(), fits);
    case ElementTest::Which::kAll:
      return !parsed.empty() && std::all_of(parsed.begin(), parsed.end(), fits);
    case ElementTest::Which::kIndex: return test.index < parsed.size() && fits(parsed[test.index]);
  }
  return false;
}

bool holds(const Test& test, const Item& item, const Record& record) {
  std::vector<Value> values;
  if (item.keyword) {
    for (const std::string_view text : record.keywords()) {
      values.push_back({Value::Type::kString, text});
    }
  } else {
    record.values(item.field, values);
  }
  return std::visit(AnswerFromValues{item, record, values}, test);
}

bool holds(const Item& item, const Record& record) {
  const auto value_holds = [&](const std::vector<Test>& alternatives) {
    return std::any_of(alternatives.begin(), alternatives.end(),
                       [&](const Test& test) { return holds(test, item, record); });
  };
  const bool held = item.all ? std::all_of(item.values.begin(), item.values.end(), value_holds)
                             : std::any_of(item.values.begin(), item.values.end(), value_holds);
  return held != item.negated;
}

bool holds(const Block& block, const Record& record) {
  const auto child_holds = [&](const Block& child) { return holds(child, record); };
  const auto& children = block.children;
  switch (block.op) {
    case Block::Op::kItem: return holds(block.item, record);
    case Block::Op::kNot: return !holds(children.front(), record);
    case Block::Op::kAnd: return std::all_of(children.begin(), children.end(), child_holds);
    case Block::Op::kOr: return std::any_of(children.begin(), children.end(), child_holds);
  }
  return false;
}

}  // namespace davy::sigma::internal
