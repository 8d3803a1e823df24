// SPDX-License-Identifier: Apache-2.0
#include "davy/detect/process/process_words.h"

#include <algorithm>
#include <iterator>

#include "davy/base/text.h"
#include "davy/intel/kernel_threads.h"
#include "davy/intel/launchers.h"
#include "davy/intel/miner_options.h"
#include "davy/intel/shell_words.h"

namespace davy::detect {
namespace {

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find_first_of(" \t"));
}

/// A name that the record knows and that is not root's. A number and "nobody" may be root of
/// another user namespace, "<NA>" and "unset" are nobody's.
bool is_other_than_root(std::string_view user) {
  constexpr std::string_view kSaysNothing[] = {"root", "nobody", "nfsnobody", "unset", "unknown"};
  if (user.empty() || !(is_ascii_alpha(user.front()) || user.front() == '_')) return false;
  const std::string_view name = user.substr(0, user.find('('));  // "unknown(1000)"
  return std::find(std::begin(kSaysNothing), std::end(kSaysNothing), name) ==
         std::end(kSaysNothing);
}

/// An option that may bring a pool, a user or a configuration that holds them. Beginnings of long
/// names and joined short ones ("--ur", "-ohost:1", "-ko") count: getopt understands them.
bool may_bring_pool(std::string_view word) {
  if (word.find("://") != word.npos || word.find("stratum") != word.npos) return true;
  if (!word.starts_with('-')) return false;
  if (!word.starts_with("--")) {
    // Algorithm, threads, variant, background, syslog, keep-alive; with a value only the first.
    constexpr std::string_view kHarmless = "atvBSk";
    constexpr std::string_view kHarmlessJoined = "atv";
    return word.size() < 2 ||
           (word.size() == 2 ? kHarmless : kHarmlessJoined).find(word[1]) == std::string_view::npos;
  }
  constexpr std::string_view kLong[] = {"--url",    "--user", "--userpass",
                                        "--config", "--pool", "--server"};
  const std::string_view name = word.substr(0, word.find('='));
  return name.size() < 3 || intel::takes_pool(name) ||
         std::any_of(
             std::begin(kLong), std::end(kLong),
             [&](std::string_view option) { return option.starts_with(name); });
}

/// Long options of xmrig without a value. After any other one "--bench" would be its value.
bool takes_no_value(std::string_view word) {
  constexpr std::string_view kFlags[] = {"--submit",
                                         "--no-cpu",
                                         "--cuda",
                                         "--opencl",
                                         "--huge-pages-jit",
                                         "--no-color",
                                         "--verbose",
                                         "--background",
                                         "--no-huge-pages",
                                         "--cpu-no-yield",
                                         "--randomx-1gb-pages",
                                         "--randomx-no-numa",
                                         "--randomx-no-rdmsr"};
  return word.find('=') != word.npos ||
         std::find(std::begin(kFlags), std::end(kFlags), word) != std::end(kFlags);
}

/// `in_shell`: the line stood in the text of a `sh -c` already.
bool is_benchmark_command(std::string_view command_line, bool in_shell) {
  const auto commands = intel::split_commands(command_line);
  if (commands.size() != 1) return false;
  const intel::Command& command = commands.front();
  const intel::Invocation invocation = intel::find_program(command);
  const auto is_text = [](const intel::Word& word) {
    return word.quoted && word.text.find(' ') != std::string_view::npos;
  };
  if (invocation.runs_text && !in_shell) {
    const auto text = std::find_if(command.begin(), command.end(), is_text);
    return text != command.end() && std::count_if(command.begin(), command.end(), is_text) == 1 &&
           is_benchmark_command(text->text, true);
  }
  bool found = false;
  for (size_t i = invocation.program + 1; i < command.size(); ++i) {
    const std::string_view word = command[i].text;
    if (may_bring_pool(word)) return false;
    const std::string_view name = word.substr(0, word.find('='));
    if (name != "--bench" && name != "--stress") continue;
    const std::string_view before = command[i - 1].text;
    found =
        found || i == invocation.program + 1 || !before.starts_with('-') || takes_no_value(before);
  }
  return found;
}

}  // namespace

std::string_view borrowed_thread_name(const event::Process& process) {
  const std::string_view word =
      first_word(process.command_line.empty() ? process.name : process.command_line);
  if (intel::is_kernel_thread_path(word)) return word;
  const bool is_program = process.resident_bytes > 0 || is_other_than_root(process.user);
  return is_program && intel::is_kernel_thread_name(word) ? word : std::string_view{};
}

bool is_benchmark(std::string_view command_line) {
  return is_benchmark_command(command_line, false);
}

}  // namespace davy::detect
