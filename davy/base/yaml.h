// SPDX-License-Identifier: Apache-2.0
// YAML read into immutable trees, one per document of a stream.
//
//   const YamlStream stream = YamlStream::read(text);
//   for (const YamlNode& document : stream.documents())
//     for (const auto& [key, value] : document["detection"].entries()) …
//
// A broken document costs only itself and leaves a fault. The stream owns every node: references
// live as long as it does, moved or not. An alias is the node it refers to, not a copy, so a small
// text can stand for a tree that is huge to walk: a walk needs a budget. The input is UTF-8 (or
// UTF-16 behind a byte order mark); what YAML 1.1 takes for a line end ends a line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace davy {

/// Levels of a document, those below aliases counted; deeper ones are broken.
inline constexpr int kMaxYamlDepth = 128;

struct YamlEntry;

class YamlNode {
 public:
  using Ref = std::reference_wrapper<const YamlNode>;
  enum class Kind : uint8_t { kAbsent, kNull, kScalar, kSequence, kMap };

  /// False for what operator[] did not find. A null that is written is there.
  explicit operator bool() const { return kind_ != Kind::kAbsent; }
  Kind kind() const { return kind_; }
  /// Plain and untagged, and one of: nothing, ~, null, Null, NULL.
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_scalar() const { return kind_ == Kind::kScalar; }
  bool is_sequence() const { return kind_ == Kind::kSequence; }
  bool is_map() const { return kind_ == Kind::kMap; }

  /// Of a scalar or null; else empty.
  const std::string& text() const { return text_; }
  /// A scalar in quotes or a block of text, without a tag: a string whatever it looks like.
  bool is_quoted() const { return quoted_; }

  std::span<const Ref> items() const { return items_; }  ///< of a sequence; else empty
  /// Of a map, in document order, a repeated key as often as it is written; else empty.
  std::span<const YamlEntry> entries() const;
  /// The first value under the scalar `key`; absent when there is none or this is no map.
  const YamlNode& operator[](std::string_view key) const;

  int line() const { return line_; }  ///< from 1; 0 when absent
  int column() const { return column_; }

 private:
  friend class YamlBuilder;

  Kind kind_ = Kind::kAbsent;
  bool quoted_ = false;
  int height_ = 0;  ///< levels of containers, this one included
  int line_ = 0;
  int column_ = 0;
  std::string text_;
  std::vector<Ref> items_;
  std::vector<YamlEntry> entries_;
};

struct YamlEntry {
  const YamlNode& key;
  const YamlNode& value;
};
inline std::span<const YamlEntry> YamlNode::entries() const {
  return entries_;
}

/// Why a document could not be read.
struct YamlFault {
  int line = 0;  ///< from 1
  int column = 0;
  std::string message;
};

class YamlStream {
 public:
  static YamlStream read(std::string_view text);

  YamlStream(YamlStream&&) = default;
  YamlStream& operator=(YamlStream&&) = default;

  /// Those that can be read and hold something.
  std::span<const YamlNode::Ref> documents() const { return documents_; }
  const std::vector<YamlFault>& faults() const { return faults_; }

 private:
  YamlStream() = default;
  void read_document(std::string_view text, int lines_before);

  std::deque<YamlNode> nodes_;
  std::vector<YamlNode::Ref> documents_;
  std::vector<YamlFault> faults_;
};

/// The truth values of YAML 1.1: y, yes, true, on and their opposites, in any case.
std::optional<bool> parse_yaml_bool(std::string_view text);

}  // namespace davy
