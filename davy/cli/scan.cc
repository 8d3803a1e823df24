// SPDX-License-Identifier: Apache-2.0
// davy scan PATH…: the main command. Reads as a list of steps.
#include "davy/pipeline/scan.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/cli/command.h"
#include "davy/cli/progress_line.h"
#include "davy/detect/detectors.h"
#include "davy/incident/allow_list_reader.h"
#include "davy/report/report.h"
#include "davy/report/verdict.h"
#include "davy/report/wording.h"

namespace davy::cli {
namespace {

struct ScanArguments {
  std::vector<std::string> places;
  std::vector<std::string> rules;
  std::vector<std::string> allow;
  std::string output = "text";
  std::string output_file;
  std::string fail_on = "high";
  unsigned threads = default_threads();
  bool verbose = false;
};

using Renderer = std::string (*)(const report::ScanReport&);

std::string to_ir_reports(const report::ScanReport& report) {
  std::string text;
  for (const incident::Incident& one : report.incidents) {
    if (one.severity < incident::Severity::kMedium) continue;
    if (!text.empty()) text += "\n\n";
    text += report::to_ir(one, report);
  }
  return text.empty() ? "No incident at medium or above: no report to write.\n" : text;
}

struct OutputRow {
  const char* name;
  Renderer render;  ///< null: the terminal view, which has options
};
constexpr OutputRow kOutputs[] = {
    {"text", nullptr},           {"json", report::to_json},
    {"jsonl", report::to_jsonl}, {"markdown", report::to_markdown},
    {"html", report::to_html},   {"ir", to_ir_reports},
};

std::string render(const ScanArguments& arguments, const GlobalOptions& global,
                   const report::ScanReport& report) {
  for (const OutputRow& row : kOutputs) {
    if (arguments.output == row.name && row.render != nullptr) return row.render(report);
  }
  report::TerminalOptions options;
  const bool to_terminal = arguments.output_file.empty();
  options.color = to_terminal && wants_color(global, STDOUT_FILENO) ? report::Color::kAlways
                                                                    : report::Color::kNever;
  options.width = terminal_width(STDOUT_FILENO);
  options.verbose = arguments.verbose;
  return report::to_terminal(report, options);
}

void measure(report::Stats& stats, std::chrono::steady_clock::time_point begin) {
  stats.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  stats.events_per_s = stats.wall_s > 0 ? static_cast<double>(stats.events) / stats.wall_s : 0;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  stats.peak_rss_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

/// Which rules were refused, and why: their place and reason stand in the diagnostics.
void tell_load_problems(const GlobalOptions& global, const sigma::LoadReport& report) {
  if (report.refused == 0) return;
  say(global,
      fmt::format("davy: {} of {} refused:", with_thousands(report.refused),
                  counted(report.rules + report.correlations + report.refused, "rule", "rules")));
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.severity == Severity::kError) say(global, to_text(diagnostic));
  }
}

/// Why a scan with this content would find nothing whatever the logs hold; empty when it can find.
/// A misspelt --content must not read as an all-clear.
std::string missing_content(const GlobalOptions& global, const pipeline::Knowledge& knowledge) {
  std::vector<std::string> missing;
  if (knowledge.rules.size() == 0) missing.emplace_back("rules (rules/**/*.yml)");
  if (knowledge.intel.entries().empty()) missing.emplace_back("indicators (indicators/*.csv)");
  if (knowledge.prices.date().empty()) missing.emplace_back("prices (tables/aws_ec2_prices.csv)");
  if (missing.empty()) return {};
  return fmt::format("{} holds no usable {}: nothing could be found with it; see `davy doctor`",
                     printable(global.content_dir), join(missing, ", no "));
}

/// What an entry's `detectors` may name: a detector, or a rule by id or name.
incident::DetectorNames detector_names(const sigma::RuleSet& rules) {
  incident::DetectorNames names;
  for (const std::string_view name : detect::detector_names())
    names.emplace(name, name);
  for (sigma::RuleIndex i = 0; i < rules.size(); ++i) {
    const sigma::RuleInfo& rule = rules.info(i);
    names.emplace(rule.id, rule.id);
    if (!rule.name.empty()) names.emplace(rule.name, rule.id);
  }
  return names;
}

/// Every mistake of every file in one error: a list that is half understood permits nothing.
Result<incident::AllowList> load_allow_list(const std::vector<std::string>& paths,
                                            const sigma::RuleSet& rules) {
  std::vector<incident::AllowFile> files;
  for (const std::string& path : paths)
    files.push_back({path, DAVY_TRY(read_text_file(path))});
  Diagnostics diagnostics;
  incident::AllowList list = incident::read_allow_list(files, detector_names(rules), diagnostics);
  if (!has_errors(diagnostics)) return list;
  std::string reasons;
  for (const Diagnostic& diagnostic : diagnostics)
    reasons += "\n" + to_text(diagnostic);
  return Error(ErrorCode::kUsage, "the allow-list cannot be used; nothing was read" + reasons);
}

constexpr const char* kSeverities[] = {"low", "medium", "high", "critical"};

int exit_code(const ScanArguments& arguments, const report::ScanReport& report) {
  const auto wanted = std::find(std::begin(kSeverities), std::end(kSeverities), arguments.fail_on);
  for (const incident::Incident& incident : report.incidents) {
    if (static_cast<long>(incident.severity) >= wanted - std::begin(kSeverities)) return kFound;
  }
  if (report::nothing_read(report)) return kNothingReadable;
  const bool damaged = std::any_of(
      report.sources.begin(), report.sources.end(),
      [](const report::SourceReport& s) { return !s.error.empty() || s.rejected_count > 0; });
  return damaged ? kPartlyRead : kNothingFound;
}

int run_scan(const ScanArguments& arguments, const GlobalOptions& global) {
  const auto begin = std::chrono::steady_clock::now();
  auto knowledge = load_knowledge(global, arguments.rules);
  if (!knowledge) {
    say_error(knowledge.error().message());
    return kUsage;
  }
  if (const std::string missing = missing_content(global, *knowledge); !missing.empty()) {
    say_error(missing);
    return kUsage;
  }
  auto allow = load_allow_list(arguments.allow, knowledge->rules);
  if (!allow) {
    say_error(allow.error().message());
    return kUsage;
  }
  knowledge->allow = std::move(*allow);
  tell_load_problems(global, knowledge->rules_report);

  source::Progress progress;
  report::ScanReport report;
  {
    const ProgressLine line(progress, global);
    report = pipeline::scan(arguments.places, *knowledge, {arguments.threads, {}}, progress);
  }
  measure(report.stats, begin);

  for (const report::SourceReport& source : report.sources) {
    if (!source.error.empty()) say_error(printable(source.path) + ": " + source.error);
  }
  if (report.sources.empty()) {
    say_error(kNoFiles);
  } else if (report::nothing_read(report) && arguments.output != "text") {
    say_error(report::verdict(report).found);
  }

  const std::string text = render(arguments, global, report);
  if (arguments.output_file.empty()) {
    if (!write_out(text)) {
      say_error(std::string("cannot write to standard output: ") + std::strerror(errno));
      return kUsage;
    }
  } else {
    std::FILE* file = std::fopen(arguments.output_file.c_str(), "wb");
    const bool written =
        file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if ((file != nullptr && std::fclose(file) != 0) || !written) {
      say_error(fmt::format("cannot write {}: {}", arguments.output_file, std::strerror(errno)));
      return kUsage;
    }
    say(global, "written to " + arguments.output_file);
  }
  return exit_code(arguments, report);
}

}  // namespace

void add_scan(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
  auto arguments = std::make_shared<ScanArguments>();
  CLI::App* command = app.add_subcommand("scan", "Find mining in log files and folders");
  command->add_option("PATH", arguments->places, "Files, folders, globs, or - for standard input")
      ->required();
  std::vector<std::string> outputs;
  for (const OutputRow& row : kOutputs)
    outputs.emplace_back(row.name);
  restrict_to(*command->add_option("-o,--output", arguments->output, "What to print")
                   ->capture_default_str(),
              outputs);
  command->add_option("-w,--write", arguments->output_file,
                      "Write to a file instead of standard output");
  command
      ->add_option("-r,--rules", arguments->rules,
                   "More Sigma rules: a file or folder; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--allow", arguments->allow,
                   "Allow-list: a YAML file of what is permitted; may be repeated")
      ->allow_extra_args(false)
      ->envname("DAVY_ALLOW");
  restrict_to(*command
                   ->add_option("--fail-on", arguments->fail_on,
                                "Exit 1 when an incident is at least this severe")
                   ->capture_default_str(),
              {std::begin(kSeverities), std::end(kSeverities)});
  command->add_option("-j,--threads", arguments->threads, "Worker threads")
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str()
      ->envname("DAVY_THREADS");
  command->add_flag("-v,--verbose", arguments->verbose, "Show the detections under each incident");
  command->footer(
      "Examples:\n"
      "  davy scan ./evidence\n"
      "  davy scan logs/*.json.gz --output json > incidents.json\n"
      "  zcat flow.log.gz | davy scan -\n"
      "  davy scan ./evidence -o html -w report.html\n"
      "  davy scan ./evidence --allow permitted.yml\n\n"
      "Exit status: 0 nothing found, 1 found, 2 usage, 3 nothing readable, 4 partly readable, 70 "
      "bug");
  command->callback([arguments, &global, &run] {
    run = [arguments, &global] { return run_scan(*arguments, global); };
  });
}

}  // namespace davy::cli
