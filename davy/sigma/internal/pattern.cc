// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/pattern.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy::sigma::internal {
namespace {

constexpr size_t kNoMatch = std::string_view::npos;

/// What Windows command lines accept as the start of an option: - / en dash, em dash, bar.
constexpr std::array<std::string_view, 5> kDashes = {"-", "/", "\xe2\x80\x93", "\xe2\x80\x94",
                                                     "\xe2\x80\x95"};

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

bool same_text(std::string_view a, std::string_view b, bool cased) {
  return cased ? a == b : equals_ignore_case(a, b);
}

/// Bytes of `rest` that one part other than a star takes from its start, or kNoMatch.
size_t consumed(const Pattern::Part& part, std::string_view rest, bool cased) {
  if (part.kind == Pattern::Kind::kText) {
    return same_text(rest.substr(0, part.text.size()), part.text, cased) ? part.text.size()
                                                                         : kNoMatch;
  }
  if (part.kind == Pattern::Kind::kDash) {
    for (const std::string_view dash : kDashes) {
      if (rest.starts_with(dash)) return dash.size();
    }
    return kNoMatch;
  }
  if (rest.empty() || is_continuation(rest.front())) return kNoMatch;
  size_t length = 1;
  while (length < rest.size() && is_continuation(rest[length]))
    ++length;
  return length;
}

void append_escaped(std::string_view text, std::string& regex) {
  for (const char c : text) {
    if (is_ascii_alpha(c) || is_ascii_digit(c)) {
      regex += c;
    } else {
      regex += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
}

}  // namespace

bool Pattern::has_wildcards() const {
  for (const Part& part : parts) {
    if (part.kind != Kind::kText) return true;
  }
  return false;
}

void Pattern::add_text(std::string_view text) {
  if (text.empty()) return;
  if (!parts.empty() && parts.back().kind == Kind::kText) {
    parts.back().text += text;
  } else {
    parts.push_back({Kind::kText, std::string(text)});
  }
}

void Pattern::add(Kind kind) {
  if (kind == Kind::kStar && !parts.empty() && parts.back().kind == Kind::kStar) return;
  parts.push_back({kind, {}});
}

void Pattern::append(const Pattern& other) {
  for (const Part& part : other.parts) {
    if (part.kind == Kind::kText) {
      add_text(part.text);
    } else {
      add(part.kind);
    }
  }
}

void Pattern::open_start() {
  if (parts.empty() || parts.front().kind != Kind::kStar) {
    parts.insert(parts.begin(), {Kind::kStar, {}});
  }
}

void Pattern::open_end() {
  add(Kind::kStar);
}

Pattern parse_pattern(std::string_view sigma_text) {
  Pattern pattern;
  for (size_t i = 0; i < sigma_text.size(); ++i) {
    const char c = sigma_text[i];
    const char next = i + 1 < sigma_text.size() ? sigma_text[i + 1] : '\0';
    if (c == '\\' && (next == '*' || next == '?' || next == '\\')) {
      pattern.add_text({&next, 1});
      ++i;
    } else if (c == '*') {
      pattern.add(Pattern::Kind::kStar);
    } else if (c == '?') {
      pattern.add(Pattern::Kind::kOne);
    } else {
      // All up to what may mean something else; a lone backslash is text.
      const size_t end = std::min(sigma_text.find_first_of("\\*?", i + 1), sigma_text.size());
      pattern.add_text(sigma_text.substr(i, end - i));
      i = end - 1;
    }
  }
  return pattern;
}

std::string to_sigma(const Pattern& pattern) {
  std::string text;
  for (const Pattern::Part& part : pattern.parts) {
    switch (part.kind) {
      case Pattern::Kind::kStar: text += '*'; break;
      case Pattern::Kind::kOne: text += '?'; break;
      case Pattern::Kind::kDash: text += '-'; break;
      case Pattern::Kind::kText:
        for (const char c : part.text) {
          if (c == '*' || c == '?' || c == '\\') text += '\\';
          text += c;
        }
        break;
    }
  }
  return text;
}

bool matches(const Pattern& pattern, std::string_view value) {
  // Every part but a star takes a fixed number of characters, so the leftmost match of each run of
  // parts between stars is the best one and only the last star ever has to give way.
  const auto& parts = pattern.parts;
  size_t part = 0;
  size_t position = 0;
  size_t after_star = kNoMatch;  // part to resume at
  size_t star_end = 0;           // value position the last star reaches
  for (;;) {
    if (part < parts.size() && parts[part].kind == Pattern::Kind::kStar) {
      after_star = ++part;
      star_end = position;
      if (part == parts.size()) return true;
      continue;
    }
    if (part == parts.size() && position == value.size()) return true;
    const size_t taken = part < parts.size()
                             ? consumed(parts[part], value.substr(position), pattern.cased)
                             : kNoMatch;
    if (taken != kNoMatch) {
      position += taken;
      ++part;
      continue;
    }
    if (after_star == kNoMatch || star_end >= value.size()) return false;
    position = ++star_end;
    part = after_star;
  }
}

ShapedLiteral shape_of(const Pattern& pattern) {
  using Kind = Pattern::Kind;
  const auto& parts = pattern.parts;
  if (parts.empty()) return {Shape::kExact, {}};
  const bool open_start = parts.front().kind == Kind::kStar;
  const bool open_end = parts.back().kind == Kind::kStar;
  if (parts.size() == 1) {
    if (open_start) return {Shape::kAny, {}};
    if (parts[0].kind == Kind::kText) return {Shape::kExact, parts[0].text};
  }
  if (parts.size() == 2 && open_end && parts[0].kind == Kind::kText) {
    return {Shape::kPrefix, parts[0].text};
  }
  if (parts.size() == 2 && open_start && parts[1].kind == Kind::kText) {
    return {Shape::kSuffix, parts[1].text};
  }
  if (parts.size() == 3 && open_start && open_end && parts[1].kind == Kind::kText) {
    return {Shape::kContains, parts[1].text};
  }
  return {Shape::kGeneral, {}};
}

std::string to_regex(const Pattern& pattern) {
  std::string regex;
  const auto& parts = pattern.parts;
  if (parts.empty() || parts.front().kind != Pattern::Kind::kStar) regex += '^';
  for (size_t i = 0; i < parts.size(); ++i) {
    switch (parts[i].kind) {
      case Pattern::Kind::kText: append_escaped(parts[i].text, regex); break;
      case Pattern::Kind::kOne: regex += "[^\\x80-\\xbf][\\x80-\\xbf]*"; break;
      case Pattern::Kind::kDash: regex += "(?:[-/]|\\xe2\\x80[\\x93-\\x95])"; break;
      case Pattern::Kind::kStar:
        if (i > 0 && i + 1 < parts.size()) regex += ".*";
        break;
    }
  }
  if (parts.empty() || parts.back().kind != Pattern::Kind::kStar) regex += "\\z";
  return regex;
}

}  // namespace davy::sigma::internal
