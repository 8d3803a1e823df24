// SPDX-License-Identifier: Apache-2.0
// A Sigma string value: literal text and wildcards.
//
// Compared with the whole field value; ASCII case is ignored unless `cased`. `?` is one character
// (a whole UTF-8 sequence), `*` any run. A dash of the `windash` modifier is one of the five
// characters Windows programs take for an option prefix, so no list of spellings is expanded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace davy::sigma::internal {

struct Pattern {
  enum class Kind : uint8_t { kText, kStar, kOne, kDash };
  struct Part {
    Kind kind;
    std::string text;  ///< kText only
  };

  std::vector<Part> parts;
  bool cased = false;

  bool has_wildcards() const;
  void add_text(std::string_view text);
  void add(Kind kind);  ///< runs of stars collapse
  void append(const Pattern& other);
  void open_start();  ///< puts `*` in front unless it is there
  void open_end();
};

/// Reads `*`, `?` and the escapes `\*`, `\?`, `\\`; any other backslash is itself.
Pattern parse_pattern(std::string_view sigma_text);

/// The text that parse_pattern() reads back as this pattern; dashes of windash as `-`.
std::string to_sigma(const Pattern& pattern);

bool matches(const Pattern& pattern, std::string_view value);

/// The simple shapes most patterns have, which need no general matching.
enum class Shape : uint8_t { kExact, kPrefix, kSuffix, kContains, kAny, kGeneral };
struct ShapedLiteral {
  Shape shape;
  std::string_view literal;  ///< view into the pattern; empty for kAny and kGeneral
};
ShapedLiteral shape_of(const Pattern& pattern);

/// A PCRE for vectorscan (byte mode, DOTALL) that matches exactly what matches() accepts.
std::string to_regex(const Pattern& pattern);

}  // namespace davy::sigma::internal
