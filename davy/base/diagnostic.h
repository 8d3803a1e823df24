// SPDX-License-Identifier: Apache-2.0
// Findings about text a user wrote (rules, indicator lists, configuration): code, place, what is
// wrong and what to do. A parser collects them and goes on; it does not stop at the first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace davy {

enum class Severity { kError, kWarning, kNote };

/// One finding. `line` and `column` count from 1; 0 means unknown.
struct Diagnostic {
  std::string code;  ///< stable, e.g. "DVY-R012"; documented, never reused
  Severity severity = Severity::kError;
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;  ///< what is wrong, one sentence
  std::string hint;     ///< what to do about it; may be empty

  bool operator==(const Diagnostic&) const = default;
};

using Diagnostics = std::vector<Diagnostic>;

bool has_errors(const Diagnostics& diagnostics);

/// "file:line:col: error DVY-R012: message" then, if present, "  hint: …" on its own line.
std::string to_text(const Diagnostic& diagnostic);

/// The candidate nearest to `word` by edit distance, or empty when none is near enough to suggest.
std::string_view nearest_name(std::string_view word,
                              const std::vector<std::string_view>& candidates);

}  // namespace davy
