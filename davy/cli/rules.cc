// SPDX-License-Identifier: Apache-2.0
// davy rules list|show|lint|test|explain
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/cli/command.h"
#include "davy/pipeline/rule_test.h"
#include "davy/report/utf8.h"
#include "davy/sigma/lint.h"
#include "davy/sigma/rule_set.h"
#include "davy/source/input.h"

namespace davy::cli {
namespace {

struct RulesArguments {
  std::vector<std::string> places;  ///< empty: the built-in rules
  std::string rule;
  std::string event_file;
};

struct Loaded {
  sigma::RuleSet rules;
  sigma::LoadReport report;
  std::vector<std::pair<std::string, std::string>> tests;
};

Result<Loaded> load(const RulesArguments& arguments, const GlobalOptions& global) {
  std::vector<sigma::RuleText> texts;
  std::vector<std::pair<std::string, std::string>> tests;
  if (arguments.places.empty()) {
    for (auto& [path, text] : content_files(global, "rules/", ".yml")) {
      if (path.ends_with(".test.yml"))
        tests.emplace_back(path, std::move(text));
      else
        texts.push_back({path, std::move(text)});
    }
    if (texts.empty()) {
      return Error(ErrorCode::kUsage, "no rules below " + printable(global.content_dir) + "/rules");
    }
  } else {
    texts = DAVY_TRY(sigma::read_rule_files(arguments.places));
    if (texts.empty()) {
      return Error(ErrorCode::kUsage,
                   "no rules (.yml, .yaml) in " + printable(join(arguments.places, ", ")));
    }
    for (sigma::RuleText& text : DAVY_TRY(sigma::read_rule_test_files(arguments.places))) {
      tests.emplace_back(std::move(text.file), std::move(text.yaml));
    }
  }
  sigma::LoadReport report;
  sigma::RuleSet rules = sigma::RuleSet::load(texts, {}, report);
  return Loaded{std::move(rules), std::move(report), std::move(tests)};
}

std::string logsource_text(const sigma::RuleInfo& rule) {
  if (rule.is_correlation) return "correlation";
  return event::to_text({rule.category, rule.product, rule.service});
}

/// One rule in the list.
struct ListRow {
  std::string level;
  std::string name;
  std::string logsource;
  std::string title;
};

std::vector<ListRow> list_rows(const sigma::RuleSet& rules) {
  std::vector<ListRow> rows = {{"LEVEL", "NAME", "LOGSOURCE", "TITLE"}};
  for (sigma::RuleIndex i = 0; i < rules.size(); ++i) {
    const sigma::RuleInfo& rule = rules.info(i);
    rows.push_back({printable(rule.level), printable(rule.name.empty() ? rule.id : rule.name),
                    printable(logsource_text(rule)), printable(rule.title)});
  }
  return rows;
}

std::string cut(const std::string& text, size_t width) {
  return report::columns(text) <= width ? text : report::fit_left(text, width);
}

/// Four columns as wide as what stands in them. On a terminal too narrow for that a rule takes two
/// lines, for wrapped columns cannot be read.
int list_rules(const Loaded& loaded) {
  const std::vector<ListRow> rows = list_rows(loaded.rules);
  size_t level = 0;
  size_t name = 0;
  size_t logsource = 0;
  size_t title = 0;
  for (const ListRow& row : rows) {
    level = std::max(level, report::columns(row.level));
    name = std::max(name, report::columns(row.name));
    logsource = std::max(logsource, report::columns(row.logsource));
    title = std::max(title, report::columns(row.title));
  }
  constexpr size_t kGap = 2;
  const auto width = static_cast<size_t>(terminal_width(STDOUT_FILENO));
  const bool narrow =
      isatty(STDOUT_FILENO) != 0 && width < level + name + logsource + title + 3 * kGap;
  std::string text;
  for (const ListRow& row : rows) {
    const std::string head = report::fit_left(row.level, level) + "  ";
    if (narrow) {
      const size_t rest = width - std::min(width, level + kGap);
      text += head + cut(row.name, rest) + "\n" + std::string(level + kGap, ' ') +
              cut(row.logsource + "  " + row.title, rest) + "\n";
    } else {
      text += head + report::fit_left(row.name, name) + "  " +
              report::fit_left(row.logsource, logsource) + "  " + row.title + "\n";
    }
  }
  write_out(text);
  return kNothingFound;
}

int lint_rules(const Loaded& loaded) {
  Diagnostics diagnostics = loaded.report.diagnostics;
  const Diagnostics style = sigma::lint(loaded.rules);
  diagnostics.insert(diagnostics.end(), style.begin(), style.end());
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics)
    text += to_text(diagnostic) + "\n";
  text += fmt::format("{}: {}, {}, {} loaded; {} refused; {}\n",
                      counted(loaded.report.files, "file", "files"),
                      counted(loaded.report.rules, "rule", "rules"),
                      counted(loaded.report.correlations, "correlation", "correlations"),
                      counted(loaded.report.filters, "filter", "filters"), loaded.report.refused,
                      counted(diagnostics.size(), "finding", "findings"));
  write_out(text);
  return has_errors(diagnostics) ? kFound : kNothingFound;
}

int test_rules(const Loaded& loaded) {
  Diagnostics diagnostics;
  const auto results = pipeline::run_rule_tests(loaded.rules, loaded.tests, diagnostics);
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics)
    text += to_text(diagnostic) + "\n";
  size_t failed = 0;
  for (const pipeline::RuleTestResult& result : results) {
    if (result.passed) continue;
    ++failed;
    text += fmt::format("FAILED {}: {}: {}\n", result.file, result.test, result.message);
  }
  if (results.empty())
    text += "no test was found: tests of rule.yml stand in rule.test.yml beside it\n";
  text += fmt::format("{} passed, {} failed\n", results.size() - failed, failed);
  write_out(text);
  return failed > 0 || has_errors(diagnostics) || results.empty() ? kFound : kNothingFound;
}

/// The rule of that id, name or title, else all rules of that file.
std::vector<sigma::RuleIndex> find_rules(const Loaded& loaded, const std::string& wanted) {
  std::vector<sigma::RuleIndex> of_file;
  for (sigma::RuleIndex i = 0; i < loaded.rules.size(); ++i) {
    const sigma::RuleInfo& rule = loaded.rules.info(i);
    if (rule.id == wanted || rule.name == wanted || rule.title == wanted) return {i};
    if (rule.file == wanted) of_file.push_back(i);
  }
  return of_file;
}

std::string unknown_rule(const Loaded& loaded, const std::string& wanted) {
  std::vector<std::string_view> names;
  for (sigma::RuleIndex i = 0; i < loaded.rules.size(); ++i) {
    names.push_back(loaded.rules.info(i).name);
    names.push_back(loaded.rules.info(i).title);
  }
  const std::string_view near = nearest_name(wanted, names);
  return fmt::format(
      "there is no rule '{}'{}", wanted,
      near.empty() ? "; see `davy rules list`" : fmt::format("; did you mean '{}'?", near));
}

/// A rule that could not be loaded is not there either: why is said first.
int refuse_unknown(const Loaded& loaded, const std::string& wanted) {
  for (const Diagnostic& diagnostic : loaded.report.diagnostics)
    if (diagnostic.severity == Severity::kError) say_error(to_text(diagnostic));
  say_error(unknown_rule(loaded, wanted));
  return kUsage;
}

/// The paragraphs of a rule's text in lines of `width`, those after the first `indent` further in.
std::string in_lines(std::string_view text, size_t width, size_t indent) {
  constexpr size_t kLongest = 64 << 10;
  const std::string margin(indent, ' ');
  std::string paragraph;
  std::string out;
  const auto flush = [&] {
    if (paragraph.empty()) return;
    if (!out.empty()) out += "\n";
    for (const std::string& line : report::wrap(printable(paragraph, kLongest), width - indent))
      out += (out.empty() ? "" : margin) + line + "\n";
    paragraph.clear();
  };
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) flush();
    paragraph += paragraph.empty() || trim(line).empty() ? "" : " ";
    paragraph += trim(line);
  }
  flush();
  return out;
}

/// All that a rule says of itself.
std::string card_of(const sigma::RuleInfo& rule) {
  constexpr size_t kValueColumn = 17;
  const auto width = static_cast<size_t>(std::min(terminal_width(STDOUT_FILENO), 100));
  std::string text = in_lines(rule.title, width, 0) + "\n";
  if (!trim(rule.description).empty()) text += in_lines(rule.description, width, 0) + "\n";
  const auto row = [&](std::string_view name, std::string_view value) {
    if (trim(value).empty()) return;
    text += fmt::format("{:<{}} {}", printable(name), kValueColumn - 1,
                        in_lines(value, width, kValueColumn));
  };
  row("id", rule.id);
  row("name", rule.name);
  row("level", rule.level);
  row("status", rule.status);
  row("logsource", logsource_text(rule));
  row("tags", join(rule.tags, ", "));
  row("file", fmt::format("{}:{}", rule.file, rule.line));
  for (const auto& [key, value] : rule.custom)
    row(key, value);
  for (const std::string& one : rule.falsepositives)
    row("false positive", one);
  for (const std::string& one : rule.references)
    text += fmt::format("{:<{}} {}\n", "reference", kValueColumn - 1, printable(one, 2000));
  return text;
}

int show_rule(const Loaded& loaded, const RulesArguments& arguments) {
  const auto indices = find_rules(loaded, arguments.rule);
  if (indices.empty()) return refuse_unknown(loaded, arguments.rule);
  for (const sigma::RuleIndex index : indices)
    write_out((index == indices.front() ? "" : "\n") + card_of(loaded.rules.info(index)));
  return kNothingFound;
}

/// The text of a log in memory, whatever it is packed in; "-" reads standard input.
Result<std::string> read_log(const std::string& path) {
  constexpr size_t kMostBytes = 256 << 20;
  source::Progress progress;
  source::Expanded found = source::expand({path}, {}, progress);
  if (!found.unreadable.empty()) {
    const source::Unreadable& one = found.unreadable.front();
    return Error(one.error.code(), one.path + ": " + one.error.message());
  }
  std::string text;
  std::optional<Error> failed;
  const auto read_one = [&](const source::Opened& opened) {
    std::array<char, 1 << 16> block;
    while (text.size() < kMostBytes) {
      const auto got = opened.stream->read(block.data(), block.size());
      if (!got && !failed) failed = got.error();
      if (!got || *got == 0) break;
      text.append(block.data(), *got);
    }
    if (!text.empty() && text.back() != '\n') text += '\n';
  };
  for (const auto& input : found.inputs) {
    const Result<void> opened = input->open(read_one);
    if (!opened && !failed) failed = opened.error();
  }
  if (text.size() >= kMostBytes) {
    return Error(ErrorCode::kLimitExceeded, path +
                                                " is longer than the 256 MiB that are explained; "
                                                "cut out the records you ask about");
  }
  if (text.empty() && failed) return *failed;
  if (failed) say_error(failed->message() + "; what was read before is explained");
  return text;
}

int explain_rule(const Loaded& loaded, const RulesArguments& arguments) {
  const auto indices = find_rules(loaded, arguments.rule);
  if (indices.empty()) return refuse_unknown(loaded, arguments.rule);
  const auto log = read_log(arguments.event_file);
  if (!log) {
    say_error(log.error().message());
    return kNothingReadable;
  }
  bool judged = false;
  bool matched = false;
  for (const sigma::RuleIndex index : indices) {
    if (indices.size() > 1) {
      write_out(fmt::format("{}{}\n", index == indices.front() ? "" : "\n",
                            printable(loaded.rules.info(index).title)));
    }
    const pipeline::Explanation explanation = pipeline::explain_log(loaded.rules, index, *log);
    write_out(explanation.text);
    if (explanation.judged && explanation.records == 0) return kNothingReadable;
    judged |= explanation.judged;
    matched |= explanation.matched;
  }
  if (!judged) return kUsage;
  return matched ? kFound : kNothingFound;
}

using Action = std::function<int(const Loaded&, const RulesArguments&)>;

void add_action(CLI::App& parent, const char* name, const char* help, const char* footer,
                const std::shared_ptr<RulesArguments>& arguments, const GlobalOptions& global,
                std::function<int()>& run, Action action) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->footer(footer);
  if (std::string_view(name) == "explain" || std::string_view(name) == "show") {
    command->add_option("RULE", arguments->rule, "Id, name, title or file of the rule")->required();
  }
  if (std::string_view(name) == "explain") {
    command->add_option("EVENT", arguments->event_file, "File with the raw record(s)")->required();
    command->add_option("-r,--rules", arguments->places,
                        "Rule files or folders; default the built-in rules");
  } else {
    command->add_option("PATH", arguments->places,
                        "Rule files or folders; default the built-in rules");
  }
  command->callback([arguments, &global, &run, action = std::move(action)] {
    run = [arguments, &global, action] {
      // A rule named by its file needs no -r beside it.
      std::error_code none;
      const bool is_file = arguments->rule.ends_with(".yml") || arguments->rule.ends_with(".yaml");
      if (is_file && arguments->places.empty() &&
          std::filesystem::is_regular_file(arguments->rule, none))
        arguments->places = {arguments->rule};
      auto loaded = load(*arguments, global);
      if (!loaded) {
        say_error(loaded.error().message());
        return static_cast<int>(kUsage);
      }
      return action(*loaded, *arguments);
    };
  });
}

}  // namespace

void add_rules(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
  auto arguments = std::make_shared<RulesArguments>();
  CLI::App* command = app.add_subcommand("rules", "List, show, lint, test and explain Sigma rules");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const char* footer, Action action) {
    add_action(*command, name, help, footer, arguments, global, run, std::move(action));
  };
  add("list", "One line per rule", "Example:\n  davy rules list ./my-rules",
      [](const Loaded& l, const RulesArguments&) { return list_rules(l); });
  add("show", "Everything about one rule",
      "Example:\n  davy rules show davy_aws_ec2_dry_run_probe\n\n"
      "Exit status: 0 shown, 2 there is no such rule",
      show_rule);
  add("lint", "What is wrong with the rules, and where",
      "Example:\n  davy rules lint ./my-rules\n\nExit status: 0 no error, 1 errors, 2 usage",
      [](const Loaded& l, const RulesArguments&) { return lint_rules(l); });
  add("test", "Run the tests beside the rules",
      "Example:\n  davy rules test ./my-rules\n\n"
      "Exit status: 0 all pass, 1 one fails or there is none, 2 usage",
      [](const Loaded& l, const RulesArguments&) { return test_rules(l); });
  add("explain", "Why a rule does or does not match a record",
      "Example:\n  davy rules explain davy_aws_ec2_dry_run_probe event.json\n\n"
      "A record of another logsource than the rule's is never held against it, and said so.\n"
      "Exit status: 0 no match, 1 it matches, 2 there is no such rule, 3 unreadable",
      explain_rule);
  command->footer(
      "Examples:\n"
      "  davy rules lint ./my-rules\n"
      "  davy rules test\n"
      "  davy rules explain davy_aws_ec2_dry_run_probe event.json");
}

}  // namespace davy::cli
