// SPDX-License-Identifier: Apache-2.0
#include "davy/base/yaml.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <yaml.h>

#include "davy/base/text.h"

namespace davy {
namespace {

/// The text of a libyaml string, which may be null.
std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

bool is_null_text(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

/// A line that ends a document wherever it stands, even inside a block of text.
bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == marker.size() || is_ascii_space(line[marker.size()]));
}

/// The first line with its end.
std::string_view first_line(std::string_view text) {
  return text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
}

/// Comments, directives and blank lines only.
bool is_blank(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = first_line(text);
    const std::string_view content = trim(line);
    if (!content.empty() && content.front() != '#' && content.front() != '%') return false;
    text.remove_prefix(line.size());
  }
  return true;
}

YamlFault fault_at(const yaml_mark_t& mark, int lines_before, std::string message) {
  return {static_cast<int>(mark.line) + lines_before + 1, static_cast<int>(mark.column) + 1,
          std::move(message)};
}

/// libyaml's parser over one document that has `lines_before` lines of its stream before it.
class Parser {
 public:
  struct Event : yaml_event_t {
    Event() : yaml_event_t{} {}
    ~Event() { yaml_event_delete(this); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
  };

  Parser(std::string_view text, int lines_before) : text_(text), lines_before_(lines_before) {
    usable_ = yaml_parser_initialize(&parser_) != 0;
    if (!usable_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~Parser() { yaml_parser_delete(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  /// False at a fault; the parser must not be asked again.
  bool next(Event& event) { return usable_ && yaml_parser_parse(&parser_, &event) != 0; }

  /// Why next() failed.
  YamlFault fault() const {
    if (parser_.problem == nullptr) return fault_at({}, lines_before_, "out of memory");
    std::string message = parser_.problem;
    if (parser_.error == YAML_READER_ERROR) return fault_at(unreadable(), lines_before_, message);
    if (parser_.context != nullptr) {
      const YamlFault context = fault_at(parser_.context_mark, lines_before_, parser_.context);
      message += fmt::format(", {} at {}:{}", context.message, context.line, context.column);
    }
    return fault_at(parser_.problem_mark, lines_before_, std::move(message));
  }

 private:
  /// The place of bytes that are no text, which libyaml tells as an offset.
  yaml_mark_t unreadable() const {
    const size_t offset = std::min(parser_.problem_offset, text_.size());
    const std::string_view before = text_.substr(0, offset);
    const auto lines = static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
    return {offset, lines, offset - (before.rfind('\n') + 1)};
  }

  std::string_view text_;
  const int lines_before_;
  yaml_parser_t parser_{};
  bool usable_ = false;
};

}  // namespace

/// Makes the nodes of one document out of its events.
class YamlBuilder {
 public:
  YamlBuilder(std::deque<YamlNode>& nodes, int lines_before)
      : nodes_(nodes), lines_before_(lines_before) {}

  /// Null until the document is complete, and when it is empty.
  const YamlNode* root() const { return root_; }

  std::optional<YamlFault> add(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event.data.scalar;
        const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
        const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
        const bool null = plain && scalar.tag == nullptr && is_null_text(text);
        YamlNode& node = make(null ? YamlNode::Kind::kNull : YamlNode::Kind::kScalar, event);
        node.text_ = text;
        node.quoted_ = !plain && scalar.tag == nullptr;
        return place(node, view(scalar.anchor), event);
      }
      case YAML_ALIAS_EVENT: {
        const std::string_view name = view(event.data.alias.anchor);
        const auto found = anchors_.find(name);
        if (found != anchors_.end()) return place(*found->second, {}, event);
        return fault_at(event.start_mark, lines_before_,
                        fmt::format("the alias '*{}' refers to nothing before it", name));
      }
      case YAML_SEQUENCE_START_EVENT:
        return open(YamlNode::Kind::kSequence, event, event.data.sequence_start.anchor);
      case YAML_MAPPING_START_EVENT:
        return open(YamlNode::Kind::kMap, event, event.data.mapping_start.anchor);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: return close(event);
      default: return std::nullopt;
    }
  }

 private:
  struct Open {
    YamlNode& node;
    std::string anchor;
    size_t first_child;
  };

  YamlNode& make(YamlNode::Kind kind, const yaml_event_t& event) {
    YamlNode& node = nodes_.emplace_back();
    node.kind_ = kind;
    node.line_ = static_cast<int>(event.start_mark.line) + lines_before_ + 1;
    node.column_ = static_cast<int>(event.start_mark.column) + 1;
    return node;
  }

  std::optional<YamlFault> open(YamlNode::Kind kind, const yaml_event_t& event,
                                const yaml_char_t* anchor) {
    open_.push_back({make(kind, event), std::string(view(anchor)), children_.size()});
    return check_depth(0, event);
  }

  std::optional<YamlFault> close(const yaml_event_t& event) {
    const Open closed = std::move(open_.back());
    open_.pop_back();
    YamlNode& node = closed.node;
    const auto children = std::span<YamlNode* const>(children_).subspan(closed.first_child);
    for (const YamlNode* child : children)
      node.height_ = std::max(node.height_, child->height_);
    ++node.height_;
    if (node.is_map()) {
      node.entries_.reserve(children.size() / 2);
      for (size_t i = 0; i + 1 < children.size(); i += 2)
        node.entries_.push_back({*children[i], *children[i + 1]});
    } else {
      node.items_.reserve(children.size());
      for (const YamlNode* child : children)
        node.items_.emplace_back(*child);
    }
    children_.resize(closed.first_child);
    return place(node, closed.anchor, event);
  }

  /// A finished node takes its place in what is open. Only now can an alias refer to it, so no node
  /// is ever inside itself.
  std::optional<YamlFault> place(YamlNode& node, std::string_view anchor,
                                 const yaml_event_t& event) {
    if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), &node);
    if (open_.empty()) {
      root_ = &node;
    } else {
      children_.push_back(&node);
    }
    return check_depth(node.height_, event);
  }

  std::optional<YamlFault> check_depth(int height, const yaml_event_t& event) const {
    if (open_.size() + static_cast<size_t>(height) <= kMaxYamlDepth) return std::nullopt;
    return fault_at(event.start_mark, lines_before_,
                    fmt::format("nested deeper than {} levels", kMaxYamlDepth));
  }

  std::deque<YamlNode>& nodes_;
  const int lines_before_;
  std::vector<Open> open_;
  std::vector<YamlNode*> children_;  ///< of all that is open; keys and values of maps by turns
  std::map<std::string, YamlNode*, std::less<>> anchors_;
  const YamlNode* root_ = nullptr;
};

const YamlNode& YamlNode::operator[](std::string_view key) const {
  static const YamlNode absent;
  for (const YamlEntry& entry : entries_) {
    if (entry.key.is_scalar() && entry.key.text() == key) return entry.value;
  }
  return absent;
}

void YamlStream::read_document(std::string_view text, int lines_before) {
  if (is_blank(text)) return;
  Parser parser(text, lines_before);
  YamlBuilder builder(nodes_, lines_before);
  bool complete = false;
  for (;;) {
    Parser::Event event;
    const bool parsed = parser.next(event);
    if (parsed && event.type == YAML_STREAM_END_EVENT) break;
    if (complete) {
      faults_.push_back(parsed ? fault_at(event.start_mark, lines_before, "") : parser.fault());
      faults_.back().message = "something follows the end of the document";
      return;
    }
    auto fault = parsed ? builder.add(event) : parser.fault();
    if (fault) {
      faults_.push_back(*std::move(fault));
      return;
    }
    complete = event.type == YAML_DOCUMENT_END_EVENT;
  }
  const YamlNode* root = builder.root();
  if (root != nullptr && !root->is_null()) documents_.emplace_back(*root);
}

YamlStream YamlStream::read(std::string_view text) {
  YamlStream stream;
  size_t begin = 0;
  int begin_line = 0;
  int line_number = 0;
  for (size_t at = 0; at < text.size(); ++line_number) {
    const std::string_view line = first_line(text.substr(at));
    const bool starts = is_marker(line, "---");
    if (starts || is_marker(line, "...")) {
      stream.read_document(text.substr(begin, at - begin), begin_line);
      // What follows the marker on its line belongs to the next document; the marker itself is
      // dropped, and with it the columns of that line.
      begin = at + 3;
      begin_line = line_number;
    }
    at += line.size();
  }
  stream.read_document(text.substr(begin), begin_line);
  return stream;
}

std::optional<bool> parse_yaml_bool(std::string_view text) {
  const auto is_any = [&](std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return equals_ignore_case(text, name); });
  };
  if (is_any({"y", "yes", "true", "on"})) return true;
  if (is_any({"n", "no", "false", "off"})) return false;
  return std::nullopt;
}

}  // namespace davy
