// SPDX-License-Identifier: Apache-2.0
// A regular expression of the `re` modifier: the PCRE subset Sigma names, searched unanchored and
// case-sensitive unless flagged, in time linear in the text (RE2).
//
// Text is matched as bytes when the expression is pure ASCII, as UTF-8 otherwise.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "davy/base/result.h"

namespace davy::sigma::internal {

struct RegexFlags {
  bool ignore_case = false;
  bool multiline = false;
  bool dot_all = false;
};

class Regex {
 public:
  /// Refuses what RE2 cannot run (look-around, back-references), with the reason.
  static Result<std::shared_ptr<const Regex>> compile(std::string_view pcre, RegexFlags flags);
  ~Regex();

  bool search(std::string_view text) const;

  /// Flags and expression, e.g. "(?i)abc".
  const std::string& source() const { return source_; }

  /// True when a byte-mode PCRE engine finds at least every match search() finds, so that it may be
  /// used to look for candidates.
  bool prefilterable() const { return prefilterable_; }

 private:
  Regex() = default;
  struct Engine;
  std::unique_ptr<Engine> engine_;
  std::string source_;
  bool prefilterable_ = false;
};

}  // namespace davy::sigma::internal
