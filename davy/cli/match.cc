// SPDX-License-Identifier: Apache-2.0
// davy match -r RULES PATH…: any Sigma rules over any supported log or plain JSON lines.
#include "davy/pipeline/match.h"

#include <cstdio>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/cli/command.h"
#include "davy/cli/progress_line.h"
#include "davy/sigma/rule_set.h"

namespace davy::cli {
namespace {

struct MatchArguments {
  std::vector<std::string> rules;
  std::vector<std::string> places;
  bool with_event = false;
};

/// Where records were rejected and why; those past the first few as a number.
void tell_rejections(const pipeline::MatchReport& report, const GlobalOptions& global) {
  for (const pipeline::RejectedPlace& place : report.rejected_places) {
    const std::string line = place.line == 0 ? "" : fmt::format(":{}", place.line);
    say(global, fmt::format("davy: rejected: {}{}: byte {}: {}", printable(place.path), line,
                            with_thousands(place.offset), place.reason));
  }
  const uint64_t more = report.rejected - report.rejected_places.size();
  if (more > 0 && !report.rejected_places.empty()) {
    say(global, fmt::format("davy: rejected: {} more, not shown", with_thousands(more)));
  }
}

/// Rules that were never asked are the usual reason of no match; it does not show otherwise.
void tell_unasked(const pipeline::MatchReport& report, const sigma::RuleSet& rules,
                  const GlobalOptions& global) {
  if (report.unasked_logsources.empty()) return;
  constexpr size_t kShown = 5;
  std::set<std::string> wanted;
  for (sigma::RuleIndex i = 0; i < rules.size(); ++i) {
    const sigma::RuleInfo& rule = rules.info(i);
    if (!rule.is_correlation)
      wanted.insert(event::to_text({rule.category, rule.product, rule.service}));
  }
  std::vector<std::string> shown(wanted.begin(), wanted.end());
  const size_t more = shown.size() > kShown ? shown.size() - kShown : 0;
  shown.resize(shown.size() - more);
  if (more > 0) shown.push_back(fmt::format("{} more", more));
  say(global,
      fmt::format("davy: no rule was asked: the rules are for logsource {}, the records are {}. "
                  "Name other rules or logs, or change the rules' logsource to that of the records",
                  printable(join(shown, ", ")), report.unasked_logsources));
}

int run_match(const MatchArguments& arguments, const GlobalOptions& global) {
  const auto texts = sigma::read_rule_files(arguments.rules);
  if (!texts) {
    say_error(texts.error().message());
    return kUsage;
  }
  sigma::LoadReport load;
  const sigma::RuleSet rules = sigma::RuleSet::load(*texts, {}, load);
  for (const Diagnostic& diagnostic : load.diagnostics) {
    if (diagnostic.severity == Severity::kError) say(global, to_text(diagnostic));
  }
  say(global,
      fmt::format("davy: {}, {}, {} loaded; {} refused", counted(load.rules, "rule", "rules"),
                  counted(load.correlations, "correlation", "correlations"),
                  counted(load.filters, "filter", "filters"), load.refused));
  if (rules.size() == 0) {
    say_error("no rule could be loaded");
    return kUsage;
  }

  source::Progress progress;
  pipeline::MatchReport report;
  {
    const ProgressLine line(progress, global);
    report = pipeline::match(arguments.places, rules, {arguments.with_event}, progress,
                             [](std::string_view text) { return write_out(text); });
  }
  for (const std::string& problem : report.problems)
    say_error(problem);
  if (report.sources == 0 && report.problems.empty()) say_error(kNoFiles);
  tell_rejections(report, global);
  tell_unasked(report, rules, global);
  for (const std::string& note : report.notes)
    say(global, "davy: note: " + note);
  say(global,
      fmt::format("davy: {} read, {} rejected, {}", counted(report.events, "event", "events"),
                  with_thousands(report.rejected), counted(report.matches, "match", "matches")));
  if (report.events == 0) return kNothingReadable;
  if (report.matches > 0) return kFound;
  return report.problems.empty() && report.rejected == 0 ? kNothingFound : kPartlyRead;
}

}  // namespace

void add_match(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
  auto arguments = std::make_shared<MatchArguments>();
  CLI::App* command =
      app.add_subcommand("match", "Run Sigma rules over logs; one JSON line per match");
  command->add_option("-r,--rules", arguments->rules, "Rule file or folder; may be repeated")
      ->required()
      ->allow_extra_args(false);
  command->add_option("PATH", arguments->places, "Files, folders, globs, or - for standard input")
      ->required();
  command->add_flag("--event", arguments->with_event, "Add the raw record to each match");
  command->footer(
      "Examples:\n"
      "  davy match -r sigma/rules ./cloudtrail\n"
      "  davy match -r rule.yml events.ndjson --event | jq .title\n\n"
      "Rules apply by their logsource; to JSON of no known format every rule applies.\n"
      "Exit status: 0 no match, 1 matches, 2 usage, 3 nothing readable, 4 partly readable, 70 bug");
  command->callback([arguments, &global, &run] {
    run = [arguments, &global] { return run_match(*arguments, global); };
  });
}

}  // namespace davy::cli
