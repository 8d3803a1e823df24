// SPDX-License-Identifier: Apache-2.0
#include "davy/base/diagnostic.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "davy/base/text.h"

namespace davy {
namespace {

constexpr std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  return "error";
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

bool has_errors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

std::string to_text(const Diagnostic& d) {
  std::string place = printable(d.file);
  if (d.line > 0) place += fmt::format(":{}", d.line);
  if (d.column > 0) place += fmt::format(":{}", d.column);
  std::string text =
      fmt::format("{}: {} {}: {}", place, severity_name(d.severity), d.code, d.message);
  if (!d.hint.empty()) text += "\n  hint: " + d.hint;
  return text;
}

std::string_view nearest_name(std::string_view word,
                              const std::vector<std::string_view>& candidates) {
  std::string_view best;
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace davy
