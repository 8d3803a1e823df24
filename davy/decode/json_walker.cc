// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/json_walker.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <simdjson.h>

#include "davy/base/text.h"
#include "davy/decode/json_brackets.h"
#include "davy/decode/json_key.h"
#include "davy/decode/json_scalar.h"

namespace davy::decode {
namespace {

namespace ondemand = simdjson::ondemand;
using event::Slot;
using event::Value;

/// Compiled path step. Children are few (median 3), so a tiny open-addressing table keyed by a
/// cheap hash of the key beats any map.
struct Node {
  struct Child {
    std::string key;
    uint32_t node;
    uint64_t head = 0;  ///< the key's first eight bytes
    uint64_t tail = 0;  ///< its last eight, of a key longer than eight
  };
  std::vector<Slot> slots;  ///< two where "items.x" and "items[0].x" are both asked for
  std::vector<Child> children;
  std::vector<uint32_t> table;                          ///< child index + 1; 0 = free
  std::vector<std::pair<uint32_t, uint32_t>> elements;  ///< "[N]" -> node
};

/// The first eight bytes of a key, zeros after its end. Eight bytes can be read: a key lies in a
/// padded record, or in a buffer padded for this.
uint64_t head_of(std::string_view key) {
  uint64_t head = 0;
  if constexpr (std::endian::native != std::endian::little) {
    std::memcpy(&head, key.data(), std::min<size_t>(key.size(), 8));
    return head;
  }
  std::memcpy(&head, key.data(), sizeof head);
  const size_t missing = key.size() < 8 ? 8 - key.size() : 0;
  return missing == 8 ? 0 : head << (8 * missing) >> (8 * missing);
}

/// The last eight bytes of a key longer than eight.
uint64_t tail_of(std::string_view key) {
  uint64_t tail = 0;
  if (key.size() > 8) std::memcpy(&tail, key.data() + key.size() - 8, sizeof tail);
  return tail;
}

uint32_t key_hash(size_t size, uint64_t head, uint64_t tail) {
  const uint64_t h = head * 0x9e3779b97f4a7c15ULL ^ tail * 0xc2b2ae3d27d4eb4fULL;
  return static_cast<uint32_t>((h ^ size) >> 29);
}

/// "items[0]" -> {"items", 0}; no index -> {part, npos}.
std::pair<std::string_view, size_t> split_index(std::string_view part) {
  if (!part.ends_with(']')) return {part, std::string_view::npos};
  const size_t open = part.rfind('[');
  if (open == std::string_view::npos) return {part, std::string_view::npos};
  const auto index = parse_int<size_t>(part.substr(open + 1, part.size() - open - 2));
  if (!index) return {part, std::string_view::npos};
  return {part.substr(0, open), *index};
}

constexpr std::string_view kBadEscape = "bad escape in a string";
constexpr std::string_view kBadScalar = "a value that is no string, number, true, false or null";

constexpr std::string_view describe(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR: return "invalid UTF-8";
    case simdjson::UNCLOSED_STRING: return "unclosed string";
    case simdjson::UNESCAPED_CHARS: return "control character inside a string";
    case simdjson::EMPTY: return "empty document";
    case simdjson::CAPACITY: return "document too large";
    case simdjson::DEPTH_ERROR: return "nested too deeply";
    case simdjson::STRING_ERROR: return kBadEscape;
    case simdjson::NUMBER_ERROR: return "malformed number";
    case simdjson::INCORRECT_TYPE: return "not a JSON object";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "unclosed object or array";
    default: return "malformed JSON";
  }
}

/// Way into the list of tokens that simdjson makes of a document. It passes over what nobody asks
/// for without a look at it, and offers no other way to see that.
struct DocumentTokens : ondemand::document {
  static const ondemand::json_iterator& of(const ondemand::document& document) {
    return document.*(&DocumentTokens::iter);
  }
};
struct TokenEnd : ondemand::json_iterator {
  static ondemand::token_position of(const ondemand::json_iterator& tokens) {
    return (tokens.*(&TokenEnd::end_position))();
  }
};

bool has_valid_scalars(const ondemand::document& document) {
  const ondemand::json_iterator& tokens = DocumentTokens::of(document);
  const ondemand::token_position first = tokens.root_position();
  const char* const json = reinterpret_cast<const char*>(tokens.peek(first)) - *first;
  return are_json_tokens(json, {first, TokenEnd::of(tokens)});
}

std::string_view trim_token(std::string_view token) {
  while (!token.empty() && is_ascii_space(token.back()))
    token.remove_suffix(1);
  return token;
}

}  // namespace

struct JsonParser::Rep {
  ondemand::parser parser;
};
JsonParser::JsonParser() : rep_(std::make_unique<Rep>()) {}
JsonParser::~JsonParser() = default;

struct JsonWalker::Rep {
  std::vector<Node> nodes;
  size_t slots = 0;
  bool all_values = false;
  bool fold_first = false;

  uint32_t child_of(uint32_t parent, std::string_view key) {
    for (const Node::Child& child : nodes[parent].children) {
      if (child.key == key) return child.node;
    }
    const auto index = static_cast<uint32_t>(nodes.size());
    nodes.emplace_back();
    nodes[parent].children.push_back({std::string(key), index, 0, 0});
    return index;
  }

  uint32_t element_of(uint32_t parent, uint32_t position) {
    for (const auto& [at, node] : nodes[parent].elements) {
      if (at == position) return node;
    }
    const auto index = static_cast<uint32_t>(nodes.size());
    nodes.emplace_back();
    nodes[parent].elements.emplace_back(position, index);
    return index;
  }

  void add_path(std::string_view path, Slot slot) {
    uint32_t node = 0;
    for (std::string_view part : split(path, '.')) {
      const auto [key, position] = split_index(part);
      std::string folded(key);
      if (fold_first && !folded.empty()) folded[0] = ascii_lower(folded[0]);
      node = child_of(node, folded);
      if (position != std::string_view::npos) {
        node = element_of(node, static_cast<uint32_t>(position));
      }
    }
    nodes[node].slots.push_back(slot);
  }

  /// A picked element is an element too: what is asked of every element is asked of it as well.
  void add_transparent_paths() {
    for (size_t i = 0; i < nodes.size(); ++i) {
      const auto elements = nodes[i].elements;
      for (const auto& [position, picked] : elements)
        merge_into(picked, static_cast<uint32_t>(i));
    }
  }

  void merge_into(uint32_t target, uint32_t from) {
    nodes[target].slots.insert(nodes[target].slots.end(), nodes[from].slots.begin(),
                               nodes[from].slots.end());
    const auto children = nodes[from].children;
    for (const Node::Child& child : children) {
      merge_into(child_of(target, child.key), child.node);
    }
  }

  void build_tables() {
    for (Node& node : nodes) {
      if (node.children.empty()) continue;
      size_t size = 4;
      while (size < node.children.size() * 2)
        size *= 2;
      node.table.assign(size, 0);
      for (size_t i = 0; i < node.children.size(); ++i) {
        Node::Child& child = node.children[i];
        const std::string padded = child.key + std::string(8, '\0');
        child.head = head_of({padded.data(), child.key.size()});
        child.tail = tail_of(child.key);
        size_t at = key_hash(child.key.size(), child.head, child.tail) & (size - 1);
        while (node.table[at] != 0)
          at = (at + 1) & (size - 1);
        node.table[at] = static_cast<uint32_t>(i + 1);
      }
    }
  }

  const Node* find(const Node& node, std::string_view key) const {
    if (node.table.empty()) return nullptr;
    const size_t mask = node.table.size() - 1;
    const uint64_t head = head_of(key);
    const uint64_t tail = tail_of(key);
    for (size_t at = key_hash(key.size(), head, tail) & mask; node.table[at] != 0;
         at = (at + 1) & mask) {
      const Node::Child& child = node.children[node.table[at] - 1];
      if (child.head != head || child.tail != tail || child.key.size() != key.size()) continue;
      // Up to 16 bytes the two words say all.
      if (key.size() <= 16 || child.key == key) return &nodes[child.node];
    }
    return nullptr;
  }

  /// The node a key leads to; a key with dots is followed piece by piece when it has no own node.
  const Node* step(const Node& node, std::string_view key, bool dotted) const {
    char folded[64 + 8];
    if (fold_first && !key.empty() && key[0] >= 'A' && key[0] <= 'Z' &&
        key.size() <= sizeof folded - 8) {
      std::memcpy(folded, key.data(), key.size());
      folded[0] = ascii_lower(folded[0]);
      key = {folded, key.size()};
    }
    if (const Node* direct = find(node, key)) return direct;
    if (!dotted) return nullptr;
    const Node* at = &node;
    for (std::string_view part : split(key, '.')) {
      at = find(*at, part);
      if (at == nullptr) return nullptr;
    }
    return at;
  }
};

namespace {

/// One walk over one document. Errors are simdjson's; the first one stops the walk.
template <typename Rep>
class Walk {
 public:
  Walk(const Rep& rep, event::Fields& fields) : rep_(rep), fields_(fields) {}

  simdjson::error_code object(ondemand::object object, const Node* node, int depth) {
    for (auto field : object) {
      if (field.error() != simdjson::SUCCESS) return field.error();
      ondemand::raw_json_string key_token;
      if (auto error = field.key().get(key_token)) return error;
      RawKey key = raw_key(key_token.raw());
      if (key.escaped) {
        if (auto error = field.unescaped_key().get(key.text)) return error;
        key.dotted = key.text.find('.') != std::string_view::npos;
      }
      const Node* child = node == nullptr ? nullptr : rep_.step(*node, key.text, key.dotted);
      if (child == nullptr && !rep_.all_values) continue;  // skipped when the iteration moves on
      ondemand::value value;
      if (auto error = field.value().get(value)) return error;
      if (auto error = this->value(value, child, depth + 1)) return error;
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code value(ondemand::value value, const Node* node, int depth) {
    if (depth > kMaxJsonDepth) return simdjson::DEPTH_ERROR;
    ondemand::json_type type;
    if (auto error = value.type().get(type)) return error;
    switch (type) {
      case ondemand::json_type::object: return container(value.get_object(), node, depth);
      case ondemand::json_type::array: return array(value, node, depth);
      default: return scalar(value, type, node);
    }
  }

 private:
  simdjson::error_code container(simdjson::simdjson_result<ondemand::object> result,
                                 const Node* node, int depth) {
    ondemand::object inner;
    // NOLINTNEXTLINE(performance-move-const-arg): get() takes rvalues only
    if (auto error = std::move(result).get(inner)) return error;
    if (wanted(node)) {
      std::string_view raw;
      if (auto error = inner.raw_json().get(raw)) return error;
      add(*node, Value::Type::kContainer, raw);
      if (auto error = inner.reset().error()) return error;
    }
    if (!rep_.all_values && node->children.empty()) return simdjson::SUCCESS;
    return object(inner, node, depth);
  }

  simdjson::error_code array(ondemand::value value, const Node* node, int depth) {
    ondemand::array items;
    if (auto error = value.get_array().get(items)) return error;
    if (wanted(node)) {
      std::string_view raw;
      if (auto error = items.raw_json().get(raw)) return error;
      add(*node, Value::Type::kContainer, raw);
      if (auto error = items.reset().error()) return error;
    }
    uint32_t position = 0;
    for (auto item : items) {
      ondemand::value element;
      if (auto error = item.get(element)) return error;
      // A picked element ("items[0]") is followed in its own node instead of the transparent one.
      const Node* target = node;
      if (node != nullptr) {
        for (const auto& [at, picked] : node->elements) {
          if (at == position) target = &rep_.nodes[picked];
        }
      }
      if (auto error = this->value(element, target, depth + 1)) return error;
      ++position;
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code scalar(ondemand::value value, ondemand::json_type type, const Node* node) {
    if (!wanted(node) && !rep_.all_values) return simdjson::SUCCESS;
    std::string_view text = trim_token(value.raw_json_token());
    Value::Type kind = Value::Type::kNumber;
    if (type == ondemand::json_type::string) {
      kind = Value::Type::kString;
      if (std::memchr(text.data(), '\\', text.size()) != nullptr) {
        if (auto error = value.get_string().get(text)) return error;
      } else {
        text = text.substr(1, text.size() - 2);
      }
    } else if (type == ondemand::json_type::boolean) {
      kind = Value::Type::kBool;
      bool ignored;
      if (auto error = value.get_bool().get(ignored)) return error;
    } else if (type == ondemand::json_type::null) {
      kind = Value::Type::kNull;
      text = {};
    } else if (!parse_number(text)) {
      return simdjson::NUMBER_ERROR;
    }
    if (wanted(node)) add(*node, kind, text);
    if (rep_.all_values && kind != Value::Type::kNull) fields_.add_any(text);
    return simdjson::SUCCESS;
  }

  static bool wanted(const Node* node) { return node != nullptr && !node->slots.empty(); }

  void add(const Node& node, Value::Type type, std::string_view text) {
    for (Slot slot : node.slots)
      fields_.add(slot, type, text);
  }

  const Rep& rep_;
  event::Fields& fields_;
};

}  // namespace

JsonWalker::JsonWalker(const event::Schema& schema, KeyCase key_case) {
  auto rep = std::make_unique<Rep>();
  rep->slots = schema.size();
  rep->all_values = schema.all_values();
  rep->fold_first = key_case == KeyCase::kFoldFirst;
  rep->nodes.emplace_back();
  for (Slot slot = 0; slot < schema.size(); ++slot)
    rep->add_path(schema.path(slot), slot);
  rep->add_transparent_paths();
  rep->build_tables();
  rep_ = std::move(rep);
}

JsonWalker::~JsonWalker() = default;

bool Expectation::met(const event::Fields& fields) const {
  return std::all_of(strings.begin(), strings.end(),
                     [&](Slot slot) {
                       return fields.has(slot) &&
                              fields.values(slot).begin()->type == Value::Type::kString;
                     }) &&
         std::none_of(absent.begin(), absent.end(), [&](Slot slot) { return fields.has(slot); });
}

std::string_view JsonWalker::walk(std::string_view json, JsonParser& parser,
                                  event::Fields& fields) const {
  std::string_view damage = walk_all(json, parser, fields);
  if (damage == kBadEscape && parser.repair != nullptr)
    damage = walk_repaired(json, parser, fields);
  if (parser.expectation == nullptr) return damage;
  return damage.empty() && parser.expectation->met(fields) ? damage : kUnexpected;
}

std::string_view JsonWalker::walk_repaired(std::string_view json, JsonParser& parser,
                                           event::Fields& fields) const {
  const std::string_view text = repair_json_text(json, parser.repair->arena);
  if (text.empty()) return kBadEscape;
  fields.reset(rep_->slots);
  const std::string_view damage = walk_all(text, parser, fields);
  if (damage.empty()) parser.repair->used = true;
  return damage;
}

std::string_view JsonWalker::walk_all(std::string_view json, JsonParser& parser,
                                      event::Fields& fields) const {
  ondemand::document document;
  if (auto error =
          parser.rep()
              .parser.iterate(json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING)
              .get(document)) {
    return describe(error);
  }
  ondemand::object root;
  if (auto error = document.get_object().get(root)) return describe(error);
  if (const auto error = Walk(*rep_, fields).object(root, &rep_->nodes[0], 0)) {
    return describe(error);
  }
  const char* rest = nullptr;
  const bool at_end = document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
  if (!at_end) return kTrailingContent;
  return has_valid_scalars(document) ? std::string_view{} : kBadScalar;
}

JsonShape read_shape(std::string_view json, JsonParser& parser) {
  std::vector<std::pair<std::string_view, std::string_view>> members;
  ondemand::document document;
  ondemand::object root;
  if (parser.rep()
          .parser.iterate(json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING)
          .get(document) ||
      document.get_object().get(root)) {
    return JsonShape({});
  }
  for (auto field : root) {
    ondemand::raw_json_string key;
    if (field.error() || field.key().get(key)) break;
    const RawKey written = raw_key(key.raw());
    std::string_view name = written.text;
    if (written.escaped && field.unescaped_key().get(name)) break;
    std::string_view raw;
    ondemand::value value;
    if (field.value().get(value)) break;
    if (simdjson::to_json_string(value).get(raw)) break;
    members.emplace_back(name, trim_token(raw));
  }
  return JsonShape(std::move(members));
}

std::string_view for_each_element(std::string_view json, JsonParser& parser,
                                  const std::function<void(std::string_view)>& each) {
  if (!json.starts_with('[')) {
    each(json);
    return {};
  }
  ondemand::document document;
  ondemand::array items;
  auto error =
      parser.rep()
          .parser.iterate(json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING)
          .get(document);
  if (!error) error = document.get_array().get(items);
  if (error) return describe(error);
  for (auto item : items) {
    ondemand::value value;
    std::string_view raw;
    if (auto bad = item.get(value)) return describe(bad);
    if (auto bad = simdjson::to_json_string(value).get(raw)) return describe(bad);
    each(trim_token(raw));
  }
  return {};
}

std::string_view unescape_json(std::string_view raw, Arena& arena) {
  if (raw.size() < 2 || raw.front() != '"' || raw.back() != '"') return {};
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return inside;
  // simdjson unescapes only values of a document: parse the token as one.
  simdjson::padded_string padded(raw);
  ondemand::parser parser;
  ondemand::document document;
  std::string_view text;
  if (parser.iterate(padded).get(document) || document.get_string().get(text)) return {};
  return arena.copy(text);
}

}  // namespace davy::decode
