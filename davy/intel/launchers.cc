// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/launchers.h"

#include <algorithm>
#include <iterator>

#include "davy/base/text.h"
#include "davy/intel/normalise.h"
#include "davy/intel/word_list.h"

namespace davy::intel {
namespace {

struct Launcher {
  std::string_view name;
  std::string_view valued;  ///< letters of short options that take the next word as value
  int operands = 0;         ///< words of its own between its options and the program
  bool runs_text = false;
};

constexpr Launcher kLaunchers[] = {
    {"sudo", "ughpCrtDRTU"},
    {"doas", "uC"},
    {"nohup", ""},
    {"nice", "n"},
    {"ionice", "cnp"},
    {"setsid", ""},
    {"env", "uCS"},
    {"timeout", "ks", 1},
    {"taskset", "", 1},
    {"chrt", "", 1},
    {"stdbuf", "ioe"},
    {"exec", "a"},
    {"time", "fo"},
    {"screen", "Sch"},
    {"busybox", ""},
    {"command", ""},
    {"chroot", "", 1},
    {"numactl", "Nmp"},
    {"unshare", ""},
    {"dumb-init", ""},
    {"tini", ""},
    {"xargs", "nPIdEL"},
    {"setarch", "", 1},
    {"proot", "rbw"},
    {"systemd-run", "pMu"},
    {"start", ""},
    {"ld-linux-x86-64.so.2", ""},
    {"runuser", "ugG", 0, true},
    {"su", "gGw", 1, true},
    {"ssh", "iplFoJLRDbcEemQSWw", 1, true},
    {"watch", "n", 0, true},
    {"eval", "", 0, true},
    {"script", "", 0, true},
    {"sh", "", 0, true},
    {"bash", "O", 0, true},
    {"dash", "", 0, true},
    {"ash", "", 0, true},
    {"zsh", "", 0, true},
    {"ksh", "", 0, true},
    {"python", "mWX", 0, true},
    {"python2", "mWX", 0, true},
    {"python3", "mWX", 0, true},
    {"perl", "", 0, true},
    {"ruby", "", 0, true},
    {"node", "", 0, true},
    {"php", "", 0, true},
};

constexpr std::string_view kMentioners[] = {
    "grep",    "egrep",    "fgrep",   "zgrep",      "rg",       "ag",      "ack",   "pgrep",
    "pkill",   "killall",  "find",    "locate",     "which",    "whereis", "type",  "man",
    "less",    "more",     "head",    "tail",       "vi",       "vim",     "nvim",  "nano",
    "emacs",   "code",     "git",     "ls",         "stat",     "file",    "rm",    "unlink",
    "shred",   "apt",      "apt-get", "yum",        "dnf",      "apk",     "pip",   "pip3",
    "npm",     "brew",     "dig",     "host",       "nslookup", "whois",   "ping",  "sha256sum",
    "strings", "clamscan", "yara",    "journalctl", "ausearch", "diff",    "wc",    "logger",
    "sigma",   "davy",     "sed",     "jq",         "yq",       "mail",    "mailx", "osqueryi",
    "trivy",   "grype",    "syft",    "rkhunter"};

constexpr std::string_view kFetchers[] = {
    "curl",  "wget", "wget2",    "aria2c",          "axel",   "http",   "https",   "httpie",
    "xh",    "lynx", "w3m",      "links",           "elinks", "chrome", "firefox", "google-chrome",
    "brave", "ab",   "chromium", "chromium-browser"};

/// Where packages put programs; whoever writes there owns the machine already.
constexpr std::string_view kSystemFolders[] = {"/bin", "/usr/bin", "/usr/local/bin", "/snap/bin",
                                               "/opt/homebrew/bin"};

const Launcher* find_launcher(std::string_view word) {
  const std::string_view name = file_name(word);
  const auto* found = std::find_if(std::begin(kLaunchers), std::end(kLaunchers),
                                   [&](const Launcher& row) { return row.name == name; });
  return found == std::end(kLaunchers) ? nullptr : found;
}

/// Whether the word after an option of `docker run` is its value: all but a few have one.
bool takes_container_value(std::string_view option) {
  constexpr std::string_view kFlags[] = {"--rm",
                                         "--detach",
                                         "--init",
                                         "--interactive",
                                         "--tty",
                                         "--privileged",
                                         "--quiet",
                                         "--publish-all",
                                         "--read-only",
                                         "--no-healthcheck",
                                         "--replace",
                                         "--net-host",
                                         "--oom-kill-disable"};
  constexpr std::string_view kShortFlags = "ditPq";
  if (option.starts_with("--")) return option.find('=') == option.npos && !holds(kFlags, option);
  // "-p 80:80" has one, "-p80:80" holds it, "-it" has none, "-itv data:/data" one.
  const size_t valued = option.find_first_not_of(kShortFlags, 1);
  return valued != option.npos && valued + 1 == option.size();
}

bool takes_next_word(const Launcher& launcher, std::string_view option) {
  return option.size() >= 2 && option[1] != '-' &&
         launcher.valued.find(option.back()) != std::string_view::npos;
}

}  // namespace

Invocation find_program(const Command& command) {
  Invocation found;
  size_t i = 0;
  while (i < command.size()) {
    while (i < command.size() && is_assignment(command[i].text))
      ++i;
    if (i >= command.size()) break;
    const Launcher* launcher = find_launcher(command[i].text);
    if (launcher == nullptr) {
      found.program = i;
      return found;
    }
    found.runs_text = found.runs_text || launcher->runs_text;
    ++i;
    for (; i < command.size() && command[i].text.starts_with('-'); ++i) {
      if (!takes_next_word(*launcher, command[i].text)) continue;
      ++i;
      if (launcher->name == "exec" && i < command.size()) found.assumed_name = command[i].text;
    }
    i += static_cast<size_t>(launcher->operands);
    // su alone takes its options after the user: su user -c command
    while (launcher->name == "su" && i < command.size() && command[i].text.starts_with('-'))
      ++i;
  }
  found.program = command.size();
  return found;
}

bool is_assignment(std::string_view word) {
  const size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_'; });
}

bool only_mentions(std::string_view program_name) {
  return holds(kMentioners, program_name);
}

bool fetches_pages(std::string_view executable) {
  return is_from_system(executable) && holds(kFetchers, file_name(executable));
}

bool is_from_system(std::string_view executable) {
  const size_t slash = executable.rfind('/');
  return slash == std::string_view::npos || holds(kSystemFolders, executable.substr(0, slash));
}

bool only_writes(std::string_view program_name) {
  return program_name == "echo" || program_name == "printf";
}

bool runs_input(const Command& command) {
  constexpr std::string_view kSchedulers[] = {"crontab", "at", "batch"};
  const Invocation invocation = find_program(command);
  if (invocation.program >= command.size()) return invocation.runs_text;
  const std::string_view program = command[invocation.program].text;
  const bool is_given_arguments = file_name(command.front().text) == "xargs" &&
                                  !only_mentions(file_name(program)) && !fetches_pages(program);
  return is_given_arguments || holds(kSchedulers, file_name(program));
}

bool fills_start_file(const Command& command) {
  constexpr std::string_view kPlaces[] = {
      "/etc/cron",    "/var/spool/cron", "/systemd/", ".service", "/etc/rc.local",
      "/etc/init.d/", "/etc/profile",    ".bashrc",   ".profile", ".bash_profile"};
  return std::any_of(command.begin(), command.end(), [&](const Word& word) {
    return !word.quoted &&
           std::any_of(std::begin(kPlaces), std::end(kPlaces), [&](std::string_view place) {
             return word.text.find(place) != word.text.npos;
           });
  });
}

std::string_view started_image(const Command& command, size_t program) {
  constexpr std::string_view kTools[] = {"docker", "podman", "nerdctl", "ctr", "kubectl"};
  constexpr std::string_view kVerbs[] = {"run", "create"};
  constexpr std::string_view kImage = "--image";
  if (program >= command.size()) return {};
  const std::string_view tool = file_name(command[program].text);
  if (!holds(kTools, tool)) return {};
  size_t i = program + 1;
  while (i < command.size() && !holds(kVerbs, command[i].text))
    ++i;
  for (++i; i < command.size(); ++i) {
    const std::string_view word = command[i].text;
    if (tool == "kubectl") {  // its first operand is the pod's name
      if (word.starts_with("--image=")) return word.substr(kImage.size() + 1);
      if (word == kImage && i + 1 < command.size()) return command[i + 1].text;
      if (word == "--") return {};
    } else if (!word.starts_with('-')) {
      return word;
    } else if (takes_container_value(word)) {
      ++i;
    }
  }
  return {};
}

}  // namespace davy::intel
