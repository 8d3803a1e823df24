// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>

#include <CLI/CLI.hpp>

#include "davy/base/diagnostic.h"
#include "davy/base/text.h"
#include "davy/cli/command.h"
#include "davy/cli/version.h"

namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

/// `davy scna`: names the word and the command it resembles. False when the word is a command.
bool tell_unknown_command(const CLI::App& app, const std::string& word) {
  const auto names = command_names(app);
  if (word.empty() || word[0] == '-' ||
      std::find(names.begin(), names.end(), word) != names.end()) {
    return false;
  }
  const std::string_view near = davy::nearest_name(word, {names.begin(), names.end()});
  davy::cli::say_error("there is no command '" + davy::printable(word, 60) + "'" +
                       (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?") +
                       " See davy --help.");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace davy::cli;  // NOLINT(google-build-using-namespace): main only
  CLI::App app{
      "Davy finds unauthorised cryptocurrency mining in cloud logs, prices it and writes the "
      "report.\n"
      "Start with:  davy scan ./logs"};
  app.set_version_flag("--version", kVersionText);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);

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
    app.parse(argc, argv);
    return run();
  } catch (const CLI::ParseError& error) {
    if (tell_unknown_command(app, argc > 1 ? argv[1] : "")) return kUsage;
    const int code = app.exit(error);
    return code == 0 ? kNothingFound : kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr,
                 "davy %s: internal error: %s\nPlease report this with the command you ran.\n",
                 kVersion, error.what());
    return kInternalError;
  }
}
