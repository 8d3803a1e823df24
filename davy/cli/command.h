// SPDX-License-Identifier: Apache-2.0
// What the command files share: exit codes, the loaded knowledge, the terminal.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "davy/base/result.h"
#include "davy/pipeline/scan.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace davy::cli {

/// Exit codes: spec PRODUCT, "The command line". Scripts rely on them.
enum ExitCode : int {
  kNothingFound = 0,
  kFound = 1,
  kUsage = 2,
  kNothingReadable = 3,
  kPartlyRead = 4,
  kInternalError = 70,
};

/// What scan and match say when every place is an empty folder.
inline constexpr const char* kNoFiles = "nothing to read: the folder holds no files";

/// Options every command has.
struct GlobalOptions {
  bool quiet = false;
  bool no_color = false;
  std::string content_dir;  ///< overrides the embedded content
};

/// A command: adds itself to the parser; `run` is called when it was chosen.
struct Command {
  const char* name;
  void (*add)(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);
};

void add_scan(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);
void add_match(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);
void add_rules(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);
void add_intel(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);
void add_simulate(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);
void add_doctor(CLI::App& app, const GlobalOptions& global, std::function<int()>& run);

/// A file of the content folder: from --content DIR when given, else the embedded one.
std::vector<std::pair<std::string, std::string>> content_files(const GlobalOptions& global,
                                                               std::string_view folder,
                                                               std::string_view suffix);

/// Own rules plus the rule files in `extra_rules`, indicators and prices.
Result<pipeline::Knowledge> load_knowledge(const GlobalOptions& global,
                                           const std::vector<std::string>& extra_rules);

/// The whole of a file.
Result<std::string> read_text_file(const std::string& path);

/// Writes to standard error, for people. Nothing with --quiet unless `error`.
void say(const GlobalOptions& global, const std::string& text);
void say_error(const std::string& text);

/// True when the stream is a terminal that wants colours (NO_COLOR, TERM=dumb respected).
bool wants_color(const GlobalOptions& global, int file_descriptor);
int terminal_width(int file_descriptor);

/// Writes all of `text` to standard output. False when it cannot be written, or could not be
/// before; the first time standard error says why, and main() turns it into the exit status.
bool write_out(std::string_view text);

/// True when something written to standard output was lost.
bool output_is_lost();

/// Lets the option take these values only; another is refused with the nearest one named.
void restrict_to(CLI::Option& option, std::vector<std::string> names);

/// The number of worker threads to use by default.
unsigned default_threads();

}  // namespace davy::cli
