// SPDX-License-Identifier: Apache-2.0
// davy doctor: is everything Davy needs here and sound; says how to mend it.
#include <algorithm>

#include "content/content.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/cli/command.h"
#include "davy/cli/version.h"
#include "davy/decode/format.h"
#include "davy/sigma/lint.h"

namespace davy::cli {
namespace {

/// Findings about rules, indicators and prices, errors first; notes are for `davy rules lint`.
Diagnostics findings_of(const pipeline::Knowledge& knowledge) {
  Diagnostics findings = knowledge.rules_report.diagnostics;
  const Diagnostics style = sigma::lint(knowledge.rules);
  findings.insert(findings.end(), style.begin(), style.end());
  std::erase_if(findings, [](const Diagnostic& one) { return one.severity == Severity::kNote; });
  std::stable_sort(findings.begin(), findings.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.severity < b.severity;
  });
  return findings;
}

std::string findings_text(const Diagnostics& findings) {
  constexpr size_t kShown = 20;
  std::string text;
  for (size_t i = 0; i < std::min(findings.size(), kShown); ++i)
    text += "\n" + to_text(findings[i]);
  if (findings.size() > kShown) {
    text += fmt::format("\n{} more; `davy rules lint` and `davy intel list` tell all of them",
                        findings.size() - kShown);
  }
  return text.empty() ? text : text + "\n";
}

int run_doctor(const GlobalOptions& global) {
  auto knowledge = load_knowledge(global, {});
  if (!knowledge) {
    say_error(knowledge.error().message());
    return kUsage;
  }
  const sigma::LoadReport& rules = knowledge->rules_report;
  std::string formats;
  for (const decode::Format* format : decode::formats()) {
    if (!format->envelope)
      formats += fmt::format("{}{}", formats.empty() ? "" : ", ", format->name);
  }
  std::string text;
  bool sound = true;
  const auto row = [&](bool good, std::string_view what, const std::string& says) {
    text += fmt::format("{:<5} {:<12} {}\n", good ? "ok" : "BAD", what, says);
    sound = sound && good;
  };
  row(true, "version", kVersion);
  row(rules.refused == 0 && rules.rules > 0, "rules",
      fmt::format("{}, {}, {} refused{}", counted(rules.rules, "rule", "rules"),
                  counted(rules.correlations, "correlation", "correlations"), rules.refused,
                  rules.refused > 0 ? "; reasons below" : ""));
  row(!knowledge->intel.entries().empty(), "indicators",
      counted(knowledge->intel.entries().size(), "entry", "entries"));
  row(!knowledge->prices.date().empty(), "prices",
      knowledge->prices.date().empty() ? "no price table; costs are not established"
                                       : "EC2 list prices of " + knowledge->prices.date());
  row(true, "formats", formats);
  row(true, "threads", std::to_string(default_threads()));
  const Diagnostics findings = findings_of(*knowledge);
  const auto errors =
      static_cast<size_t>(std::count_if(findings.begin(), findings.end(), [](const auto& one) {
        return one.severity == Severity::kError;
      }));
  row(errors == 0, "findings",
      findings.empty() ? "none"
                       : fmt::format("{}, {}; below", counted(errors, "error", "errors"),
                                     counted(findings.size() - errors, "warning", "warnings")));
  write_out(text + findings_text(findings));
  return sound ? kNothingFound : kFound;
}

}  // namespace

void add_doctor(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
  CLI::App* command =
      app.add_subcommand("doctor", "Check that everything Davy needs is here and sound");
  command->footer(
      "Examples:\n"
      "  davy doctor\n"
      "  davy doctor --content ./my-content\n\n"
      "Exit status: 0 all is sound, 1 a line says BAD, 2 usage");
  command->callback([&global, &run] { run = [&global] { return run_doctor(global); }; });
}

}  // namespace davy::cli
