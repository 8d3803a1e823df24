// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "davy/base/diagnostic.h"
#include "davy/base/text.h"
#include "davy/cli/command.h"
#include "davy/cli/version.h"

namespace {

/// The command that was chosen, to the bottom: `davy rules lint` is lint.
const CLI::App& chosen(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty())
    command = command->get_subcommands().front();
  return *command;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

/// Every long option that may stand at a command, those of its parents too.
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames())
        names.push_back("--" + name);
    }
  }
  return names;
}

std::string with_guess(const std::string& text, const std::string& word,
                       const std::vector<std::string>& names) {
  const std::string_view near = davy::nearest_name(word, {names.begin(), names.end()});
  return text + (near.empty() ? "." : "; did you mean '" + std::string(near) + "'?");
}

/// "davy rules show"
std::string path_of(const CLI::App& command) {
  if (command.get_parent() == nullptr) return "davy";
  return path_of(*command.get_parent()) + " " + command.get_name();
}

/// What is wrong in words of ours where the parser's own would not help: an unknown command or
/// option, or a command that only has others below it. False when it is something else.
bool tell_misunderstood(const CLI::App& app) {
  const CLI::App& command = chosen(app);
  const std::string path = path_of(command);
  const std::vector<std::string> commands = command_names(command);
  const std::vector<std::string> rest = app.remaining(true);
  if (rest.empty()) {
    if (commands.empty()) return false;
    std::fputs(app.help().c_str(), stderr);
    return true;
  }
  const std::string& word = rest.front();
  const std::string shown = "'" + davy::printable(word, 60) + "'";
  if (word.starts_with('-')) {
    const std::string name = word.substr(0, word.find('='));
    davy::cli::say_error(
        with_guess("there is no option " + shown + " here", name, option_names(command)) + " See " +
        path + " --help.");
    return true;
  }
  if (commands.empty()) return false;
  davy::cli::say_error(with_guess("there is no command " + shown, word, commands) + " See " + path +
                       " --help.");
  return true;
}

/// `davy help scan` is `davy scan --help`. In the order the parser wants: last word first.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (!words.empty() && words[0] == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  std::reverse(words.begin(), words.end());
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace davy::cli;  // NOLINT(google-build-using-namespace): main only
  CLI::App app{
      "Davy finds unauthorised cryptocurrency mining in cloud logs, prices it and writes the "
      "report.\n"
      "Start with:  davy scan ./logs"};
  app.name("davy");
  app.set_version_flag("--version", kVersionText);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(
      "Examples:\n"
      "  davy simulate estate -o ./estate\n"
      "  davy scan ./estate\n"
      "  davy scan ./logs -o html -w report.html\n"
      "  davy match -r rule.yml ./logs\n"
      "  davy help scan\n\n"
      "Exit status: 0 nothing found, 1 found, 2 usage, 3 nothing readable, 4 partly readable, 70 "
      "bug");

  GlobalOptions global;
  app.add_flag("-q,--quiet", global.quiet, "Say nothing on standard error but errors");
  app.add_flag("--no-color", global.no_color, "No colours (also NO_COLOR)");
  app.add_option("--content", global.content_dir,
                 "Folder with rules, indicators and tables instead of the built-in ones")
      ->check(CLI::ExistingDirectory)
      ->envname("DAVY_CONTENT");
  app.fallthrough();

  std::function<int()> run;
  for (auto add : {add_scan, add_match, add_rules, add_intel, add_simulate, add_doctor}) {
    add(app, global, run);
  }
  try {
    app.parse(words_of(argc, argv));
    const int code = run();
    return output_is_lost() ? kUsage : code;
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;  // --help, --version
    if ((!asked || !app.remaining(true).empty()) && tell_misunderstood(app)) return kUsage;
    std::ostringstream asked_for;
    const int code = app.exit(error, asked_for, std::cerr);
    return write_out(asked_for.str()) && code == 0 ? kNothingFound : kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr,
                 "davy %s: internal error: %s\nPlease report this with the command you ran.\n",
                 kVersion, error.what());
    return kInternalError;
  }
}
