// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/detection.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/base/yaml.h"
#include "davy/sigma/internal/condition.h"
#include "davy/sigma/internal/modifiers.h"

namespace davy::sigma::internal {
namespace {

/// Where in the document tree a block stands.
struct Place {
  int depth = 0;
  bool in_element = false;  ///< inside an array quantifier, where keywords mean nothing

  Place deeper() const { return {depth + 1, in_element}; }
};

Block read_block(Reader& reader, const YamlNode& node, Place place);

Block item_block(Item item) {
  Block block;
  block.op = Block::Op::kItem;
  block.item = std::move(item);
  return block;
}

/// "a.b[any].c" taken apart at its first quantifier.
struct Quantified {
  std::string container;
  std::string quantifier;
  std::string rest;
};

std::optional<Quantified> split_quantifier(std::string_view field, bool value_is_map) {
  for (size_t open = field.find('['); open != field.npos; open = field.find('[', open + 1)) {
    const size_t close = field.find(']', open);
    if (close == field.npos) return std::nullopt;
    const std::string_view inside = field.substr(open + 1, close - open - 1);
    // An index that ends in a scalar is a path the decoder follows itself.
    if (parse_int<uint32_t>(inside) && !value_is_map) continue;
    std::string_view rest = field.substr(close + 1);
    if (rest.starts_with('.')) rest.remove_prefix(1);
    return Quantified{std::string(field.substr(0, open)), std::string(inside), std::string(rest)};
  }
  return std::nullopt;
}

Item read_item(Reader& reader, const YamlNode& key_node, const FieldKey& key, const YamlNode& value,
               Extent extent) {
  Item item;
  item.field = key.field;
  item.keyword = extent == Extent::kAnywhere;
  item.all = key.all;
  item.negated = key.negated;
  item.key = key_node.is_scalar() ? key_node.text() : "";
  item.line = key_node.line();
  if (value.is_scalar() || value.is_null()) {
    item.values.push_back(read_tests(reader, key, value, extent));
    return item;
  }
  if (value.items().empty()) {
    reader.refuse("DVY-R010", value,
                  value.is_map() ? fmt::format("'{}' holds a map", printable(item.key, 60))
                                 : fmt::format("'{}' has an empty list", printable(item.key, 60)),
                  value.is_map() ? "to look into an array of objects write field[any], field[all], "
                                   "field[none] or field[0]"
                                 : "give it a value, or null for an absent field");
    return item;
  }
  for (const YamlNode& element : value.items()) {
    if (!element.is_scalar() && !element.is_null()) {
      reader.refuse(
          "DVY-R010", element,
          fmt::format("a value of '{}' is neither text nor number", printable(item.key, 60)));
      return item;
    }
    item.values.push_back(read_tests(reader, key, element, extent));
  }
  return item;
}

/// True when asking each element is the same as asking all values below the dotted path.
bool is_member_question(const Item& item) {
  if (item.all || item.negated) return false;
  for (const auto& alternatives : item.values) {
    for (const Test& test : alternatives) {
      if (std::holds_alternative<NullTest>(test) || std::holds_alternative<ExistsTest>(test) ||
          std::holds_alternative<FieldRefTest>(test)) {
        return false;
      }
    }
  }
  return true;
}

/// The block that one element has to satisfy.
Block read_element(Reader& reader, const YamlNode& key_node, const YamlNode& value, FieldKey inner,
                   Place place);

Block read_quantified(Reader& reader, const YamlNode& key_node, const YamlNode& value,
                      const FieldKey& key, const Quantified& quantified, Place place) {
  FieldKey inner = key;
  inner.field = quantified.rest;
  Block element = read_element(reader, key_node, value, inner, {place.depth + 1, true});

  const std::string& quantifier = quantified.quantifier;
  if (quantifier == "any" && element.op == Block::Op::kItem && is_member_question(element.item) &&
      !value.is_map() && quantified.rest.find('[') == std::string::npos) {
    Item item = std::move(element.item);
    item.field = quantified.container + (item.field.empty() ? "" : "." + item.field);
    return item_block(std::move(item));
  }

  ElementTest test{ElementTest::Which::kAny, 0, nullptr};
  Item item;
  item.field = quantified.container;
  item.key = key_node.text();
  item.line = key_node.line();
  if (const auto index = parse_int<uint32_t>(quantifier)) {
    test.which = ElementTest::Which::kIndex;
    test.index = *index;
  } else if (quantifier == "all") {
    test.which = ElementTest::Which::kAll;
  } else if (quantifier == "none") {
    item.negated = true;
  } else if (quantifier == "all_or_empty") {
    item.negated = true;
    Block negation;
    negation.op = Block::Op::kNot;
    negation.children.push_back(std::move(element));
    element = std::move(negation);
  } else if (quantifier != "any") {
    reader.refuse("DVY-R017", key_node,
                  fmt::format("'[{}]' is not an array quantifier", printable(quantifier, 20)),
                  "write [any], [all], [none] or an index");
  }
  test.block = std::make_shared<const Block>(std::move(element));
  item.values.push_back({std::move(test)});
  return item_block(std::move(item));
}

Block read_entry(Reader& reader, const YamlNode& key_node, const YamlNode& value,
                 const FieldKey& key, Place place) {
  const auto quantified = split_quantifier(key.field, value.is_map());
  if (quantified) return read_quantified(reader, key_node, value, key, *quantified, place);
  return item_block(read_item(reader, key_node, key, value, Extent::kWhole));
}

Block read_element(Reader& reader, const YamlNode& key_node, const YamlNode& value, FieldKey inner,
                   Place place) {
  const bool nested =
      value.is_map() || std::any_of(value.items().begin(), value.items().end(),
                                    [](const YamlNode& item) { return item.is_map(); });
  if (!nested || !inner.field.empty()) {
    if (place.depth <= kMaxBlockDepth) return read_entry(reader, key_node, value, inner, place);
  } else if (inner.chain.empty()) {
    return read_block(reader, value, place);
  }
  reader.refuse("DVY-R017", key_node, "modifiers cannot be applied to a map of an array's element");
  return {};
}

/// One `key: value` of a selection.
Block read_pair(Reader& reader, const YamlNode& key_node, const YamlNode& value, Place place) {
  if (!key_node.is_scalar()) {
    reader.refuse("DVY-R010", key_node, "a field name has to be text");
    return {};
  }
  const FieldKey key = read_field_key(reader, key_node);
  if (!key.field.empty()) return read_entry(reader, key_node, value, key, place);
  if (place.in_element) {
    // Inside an element an empty name is the element itself.
    return item_block(read_item(reader, key_node, key, value, Extent::kWhole));
  }
  return item_block(read_item(reader, key_node, key, value, Extent::kAnywhere));
}

Block read_keyword(Reader& reader, const YamlNode& node, Place place) {
  if (place.in_element) {
    reader.refuse("DVY-R017", node, "keywords cannot be looked for inside one element of an array");
  }
  return item_block(read_item(reader, node, FieldKey{}, node, Extent::kAnywhere));
}

Block read_block(Reader& reader, const YamlNode& node, Place place) {
  Block block;
  if (place.depth > kMaxBlockDepth) {
    reader.refuse("DVY-R018", node,
                  fmt::format("the detection is nested deeper than {} levels", kMaxBlockDepth));
    return block;
  }
  if (node.is_scalar()) return read_keyword(reader, node, place);
  if (node.items().empty() && node.entries().empty()) {
    reader.refuse("DVY-R010", node, "the selection is empty");
    return block;
  }
  if (node.is_map()) {
    if (const auto twice = repeated_key(node)) {
      reader.refuse("DVY-R019", node, fmt::format("'{}' is written twice", printable(*twice, 80)),
                    "put all values into one list");
    }
    block.op = Block::Op::kAnd;
    for (const YamlEntry& entry : node.entries()) {
      // The budget also ends documents whose aliases multiply.
      if (!reader.spend(entry.key)) return block;
      block.children.push_back(read_pair(reader, entry.key, entry.value, place));
    }
    return block;
  }
  block.op = Block::Op::kOr;
  for (const YamlNode& element : node.items()) {
    if (!reader.spend(element)) return block;
    block.children.push_back(read_block(reader, element, place.deeper()));
  }
  return block;
}

}  // namespace

std::vector<Selection> read_selections(Reader& reader, const YamlNode& map,
                                       const std::vector<std::string_view>& reserved) {
  std::vector<Selection> selections;
  if (const auto twice = repeated_key(map)) {
    reader.refuse("DVY-R019", map, fmt::format("'{}' is written twice", printable(*twice, 80)));
  }
  for (const YamlEntry& entry : map.entries()) {
    if (!entry.key.is_scalar()) {
      reader.refuse("DVY-R010", entry.key, "the name of a selection has to be text");
      continue;
    }
    const std::string& name = entry.key.text();
    if (std::find(reserved.begin(), reserved.end(), name) != reserved.end()) continue;
    selections.push_back({name, read_block(reader, entry.value, {}), entry.key.line()});
  }
  return selections;
}

Condition read_conditions(Reader& reader, const YamlNode& map,
                          const std::vector<Selection>& selections,
                          std::vector<std::string>& texts) {
  Condition any{Condition::Op::kOr, {}, 0};
  std::vector<std::string> names;
  for (const Selection& selection : selections)
    names.push_back(selection.name);
  const auto add = [&](const YamlNode& text) {
    if (!text.is_scalar()) {
      reader.refuse("DVY-R006", text, "a condition has to be text");
      return;
    }
    Result<Condition> condition = parse_condition(text.text(), names);
    if (!condition) {
      const bool removed = text.text().find('|') != std::string::npos;
      reader.refuse(removed ? "DVY-R008" : "DVY-R007", text, condition.error().message());
      return;
    }
    texts.push_back(text.text());
    any.children.push_back(*std::move(condition));
  };
  const YamlNode& node = map["condition"];
  if (!node) {
    reader.refuse("DVY-R006", map, "the detection has no condition");
  } else if (!node.items().empty()) {
    for (const YamlNode& text : node.items())
      add(text);
  } else if (node.is_scalar()) {
    add(node);
  } else {
    reader.refuse("DVY-R006", node, "a condition has to be text or a list of texts");
  }
  if (any.children.size() != 1) return any;
  Condition only = std::move(any.children.front());
  return only;
}

}  // namespace davy::sigma::internal
