// SPDX-License-Identifier: Apache-2.0
#include "davy/sigma/internal/regex.h"

#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

#include "davy/base/text.h"

namespace davy::sigma::internal {
namespace {

constexpr size_t kMaxLength = 8192;
constexpr std::string_view kSpaces = "\\t\\n\\x0b\\f\\r ";

struct Translation {
  std::string text;
  bool prefilterable = true;
};

/// One escape sequence, `c` being the character after the backslash.
void translate_escape(char c, bool in_class, Translation& out) {
  // PCRE's \s includes the vertical tab, RE2's does not.
  if (c == 's') {
    out.text += in_class ? std::string(kSpaces) : fmt::format("[{}]", kSpaces);
  } else if (c == 'S' && !in_class) {
    out.text += fmt::format("[^{}]", kSpaces);
  } else if (c == 'h') {
    out.text += in_class ? "\\t " : "[\\t ]";
  } else if (c == 'Z' && !in_class) {
    out.text += "\\n?\\z";
  } else {
    // Classes and code points beyond ASCII are read differently in byte mode.
    if (c == 'S' || c == 'p' || c == 'P' || c == 'x' || c == 'C' || is_ascii_digit(c)) {
      out.prefilterable = false;
    }
    out.text += '\\';
    out.text += c;
  }
}

/// Spells what PCRE and RE2 write differently the way RE2 reads it.
Translation translate(std::string_view pcre) {
  Translation out;
  bool in_class = false;
  for (size_t i = 0; i < pcre.size(); ++i) {
    const char c = pcre[i];
    if (static_cast<unsigned char>(c) >= 0x80) out.prefilterable = false;
    if (c == '\\' && i + 1 < pcre.size()) {
      translate_escape(pcre[++i], in_class, out);
      continue;
    }
    if (!in_class && pcre.substr(i).starts_with("(?<") && i + 3 < pcre.size() &&
        is_ascii_alpha(pcre[i + 3])) {
      out.text += "(?P<";
      i += 2;
      continue;
    }
    if (c == '[' && !in_class) {
      in_class = true;
      out.text += c;
      // A bracket first in a class is a member of it.
      if (i + 1 < pcre.size() && pcre[i + 1] == '^') out.text += pcre[++i];
      if (i + 1 < pcre.size() && pcre[i + 1] == ']') {
        out.text += "\\]";
        ++i;
      }
      continue;
    }
    if (in_class && pcre.substr(i).starts_with("[:")) {
      const size_t end = pcre.find(":]", i);
      if (end != pcre.npos) {
        out.text += pcre.substr(i, end + 2 - i);
        i = end + 1;
        continue;
      }
    }
    if (c == ']') in_class = false;
    out.text += c;
  }
  return out;
}

std::string flag_prefix(RegexFlags flags) {
  std::string letters;
  if (flags.ignore_case) letters += 'i';
  if (flags.multiline) letters += 'm';
  if (flags.dot_all) letters += 's';
  return letters.empty() ? "" : fmt::format("(?{})", letters);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

struct Regex::Engine {
  Engine(const std::string& source, const RE2::Options& options) : re2(source, options) {}
  RE2 re2;
};

Regex::~Regex() = default;

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pcre, RegexFlags flags) {
  if (pcre.size() > kMaxLength) {
    return Error{ErrorCode::kLimitExceeded,
                 fmt::format("regular expression is longer than {} bytes", kMaxLength)};
  }
  const Translation translation = translate(pcre);
  std::shared_ptr<Regex> regex(new Regex);
  regex->source_ = flag_prefix(flags) + translation.text;
  regex->prefilterable_ = translation.prefilterable;

  RE2::Options options;
  options.set_log_errors(false);
  if (is_ascii(regex->source_)) options.set_encoding(RE2::Options::EncodingLatin1);
  regex->engine_ = std::make_unique<Engine>(regex->source_, options);
  if (!regex->engine_->re2.ok()) {
    const bool looks_around = pcre.find("(?=") != pcre.npos || pcre.find("(?!") != pcre.npos ||
                              pcre.find("(?<=") != pcre.npos || pcre.find("(?<!") != pcre.npos;
    return Error{ErrorCode::kUnsupported,
                 looks_around ? "look-around is outside the regular expressions Sigma allows"
                              : fmt::format("regular expression cannot be used: {}",
                                            printable(regex->engine_->re2.error()))};
  }
  return std::shared_ptr<const Regex>(std::move(regex));
}

bool Regex::search(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), engine_->re2);
}

}  // namespace davy::sigma::internal
