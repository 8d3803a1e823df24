// SPDX-License-Identifier: Apache-2.0
// davy doctor: is everything Davy needs here and sound; says how to mend it.
#include "content/content.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/cli/command.h"
#include "davy/cli/version.h"
#include "davy/decode/format.h"

namespace davy::cli {
namespace {

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
      knowledge->prices.date().empty() ? "no price table; costs will be 0"
                                       : "EC2 list prices of " + knowledge->prices.date());
  row(true, "formats", formats);
  row(true, "threads", std::to_string(default_threads()));
  for (const Diagnostic& diagnostic : rules.diagnostics) {
    if (diagnostic.severity == Severity::kError) text += "      " + to_text(diagnostic) + "\n";
  }
  write_out(text);
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
