// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/command_line.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "davy/base/text.h"
#include "davy/intel/address.h"
#include "davy/intel/domain.h"
#include "davy/intel/kernel_threads.h"
#include "davy/intel/launchers.h"
#include "davy/intel/miner_options.h"
#include "davy/intel/normalise.h"
#include "davy/intel/wallet.h"

namespace davy::intel {
namespace {

constexpr size_t kLongestLine = 64 * 1024;
constexpr int kDeepestQuote = 3;
constexpr size_t kMostEncoded = 16;  // base64 words decoded in one command line

/// Services that miners borrow the names of; a disguise only in a place no service is installed in.
constexpr std::string_view kServices[] = {
    "systemd", "dbus",     "sshd",     "nginx",      "httpd",   "apache2", "php-fpm", "crond",
    "cron",    "rsyslogd", "networkd", "containerd", "dockerd", "kubelet", "udevd",   "agetty"};
constexpr std::string_view kScratchFolders[] = {"/tmp/",      "/var/tmp/", "/dev/shm/",
                                                "/run/lock/", "/run/shm/", "/dev/mqueue/"};
/// Dot-folders in which tools install programs.
constexpr std::string_view kToolFolders[] = {
    ".local", ".cache", ".config",        ".nvm",  ".npm",    ".cargo", ".rustup",    ".pyenv",
    ".rbenv", ".asdf",  ".vscode-server", ".venv", ".sdkman", ".krew",  ".linuxbrew", ".snapshots"};

/// The name and nothing, or the name and a character that ends it: "systemd-update".
bool begins_with_service(std::string_view text) {
  return std::any_of(std::begin(kServices), std::end(kServices), [&](std::string_view name) {
    if (!text.starts_with(name)) return false;
    return text.size() == name.size() || !is_ascii_alpha(text[name.size()]);
  });
}

bool is_in_scratch_folder(std::string_view path) {
  return std::any_of(std::begin(kScratchFolders), std::end(kScratchFolders),
                     [&](std::string_view folder) { return path.starts_with(folder); });
}

bool is_in_hidden_folder(std::string_view path) {
  const auto parts = split(path, '/');
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const std::string_view part = parts[i];
    if (part.size() < 2 || part.front() != '.' || part == "..") continue;
    if (std::find(std::begin(kToolFolders), std::end(kToolFolders), part) ==
        std::end(kToolFolders)) {
      return true;
    }
  }
  return false;
}

/// A program in memory only. Container runtimes copy themselves so; they are left out.
bool is_memory_file(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return path.starts_with("memfd:") && !path.starts_with("memfd:runc");
}

bool is_suspicious_place(std::string_view executable) {
  return is_in_scratch_folder(executable) || is_in_hidden_folder(executable) ||
         is_memory_file(executable);
}

bool is_disguise(std::string_view executable) {
  const bool deleted = without_deleted_mark(executable) != executable;
  std::string_view path = without_deleted_mark(executable);
  if (is_memory_file(path)) {
    path.remove_prefix(path.find(':') + 1);
    return path.empty() || begins_with_thread_name(path, ThreadNames::kAny) ||
           begins_with_service(path);
  }
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view name = path.substr(slash + 1);
  // A service replaced by an upgrade is deleted too, but not from a scratch folder.
  return begins_with_thread_name(name, ThreadNames::kOwn) || (deleted && name.starts_with('.')) ||
         (is_suspicious_place(path) &&
          (begins_with_service(name) || begins_with_thread_name(name, ThreadNames::kAny)));
}

/// The bytes of base64 text (either alphabet), or nothing when they are not printable text.
std::optional<std::string> decode_text(std::string_view encoded) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (char c : encoded) {
    c = c == '-' ? '+' : c == '_' ? '/' : c;
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<uint32_t>(value)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const char byte = static_cast<char>(bits >> count & 0xff);
    if ((static_cast<unsigned char>(byte) < ' ' && !is_ascii_space(byte)) || byte == 0x7f) {
      return std::nullopt;
    }
    text += byte;
  }
  return text;
}

/// "https://pool.example/stats", or "pool.example" without a port or with that of a web server.
bool is_web_address(std::string_view text) {
  if (text.starts_with("http://") || text.starts_with("https://")) return true;
  uint16_t port = 0;
  host_of(text, port);
  return text.find("://") == std::string_view::npos && (port == 0 || port == 80 || port == 443);
}

/// Whether "; ", "&&" or "||" stands between two commands of the text, not one "|" alone or the ";"
/// of "sed /a/p;/b/p".
bool is_another_command(std::string_view text, const Command& one, const Command& next) {
  const size_t end =
      static_cast<size_t>(one.back().text.data() - text.data()) + one.back().text.size();
  const auto begin = static_cast<size_t>(next.front().text.data() - text.data());
  if (begin < end) return false;
  const std::string_view between = text.substr(end, begin - end);
  return between.find("; ") != between.npos || between.find('\n') != between.npos ||
         between.find("&&") != between.npos || between.find("||") != between.npos;
}

bool is_base64(char c) {
  return is_ascii_alpha(c) || is_ascii_digit(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

}  // namespace

std::vector<CommandLineFinding> CommandLineReader::read(std::string_view path,
                                                        std::string_view command_line) {
  command_line = command_line.substr(0, kLongestLine);
  if (!path.empty()) read_executable(path);
  read_commands(command_line, path, 0);
  read_encoded(command_line);

  // Those of the path first, then by place in the command line.
  const auto in_line = [&](std::string_view text) {
    const std::less<> before;
    return !before(text.data(), command_line.data()) &&
           before(text.data(), command_line.data() + command_line.size());
  };
  std::sort(findings_.begin(), findings_.end(), [&](const auto& a, const auto& b) {
    const bool a_in = in_line(a.text);
    const bool b_in = in_line(b.text);
    if (a_in != b_in) return b_in;
    if (a.text.data() != b.text.data()) return std::less<>()(a.text.data(), b.text.data());
    if (a.text.size() != b.text.size()) return a.text.size() > b.text.size();
    return a.what < b.what;
  });
  return std::move(findings_);
}

void CommandLineReader::add(What what, std::string_view text, std::string family) {
  const bool known = std::any_of(findings_.begin(), findings_.end(), [&](const auto& f) {
    return f.what == what && f.text.data() == text.data() && f.text.size() == text.size();
  });
  if (!known) findings_.push_back({what, text, std::move(family)});
}

void CommandLineReader::read_commands(std::string_view text, std::string_view path, int depth) {
  const std::vector<Command> commands = split_commands(text);
  const Command nothing;
  bool mentions = false;
  for (size_t i = 0; i < commands.size(); ++i) {
    // Listings and Falco write arguments without their quotes: the bar of "grep -E a|b" is the
    // pattern's own.
    if (mentions && depth == 0 && !is_another_command(text, commands[i - 1], commands[i])) continue;
    const Command& then = i + 1 < commands.size() ? commands[i + 1] : nothing;
    mentions = !read_command(commands[i], then, path, depth);
    path = {};  // the executable is that of the first command only
  }
}

bool CommandLineReader::read_command(const Command& command, const Command& then,
                                     std::string_view path, int depth) {
  const Invocation invocation = find_program(command);
  const std::string_view program =
      invocation.program < command.size() ? command[invocation.program].text : std::string_view{};
  const std::string_view executable = path.empty() || invocation.program > 0 ? program : path;
  const bool hides = is_suspicious_place(executable);
  // A miner may be called as it likes: a name alone does not acquit it.
  const bool mines = tells_miner_options(command, invocation.program);
  if (only_mentions(file_name(executable)) && !hides && (is_from_system(executable) || !mines)) {
    return !is_from_system(executable);
  }

  Context context;
  context.fetches = fetches_pages(executable) && !hides && !mines;
  context.writes = only_writes(file_name(executable)) && is_from_system(executable) && !hides &&
                   !runs_input(then) && !fills_start_file(command) && !fills_start_file(then);
  // sh -c "text", system("text"): what stands in the program's place is a command in turn.
  const bool is_text = invocation.program < command.size() && command[invocation.program].quoted &&
                       program.find(' ') != std::string_view::npos;
  if (!is_text) context.miner_word = read_executable(program);
  if (!path.empty()) context.miner_word |= !findings_.empty();
  const std::string_view claimed =
      !invocation.assumed_name.empty() ? invocation.assumed_name : program;
  read_assumed_name(claimed, executable);

  if ((invocation.runs_text || is_text) && depth < kDeepestQuote) {
    for (const Word& word : command) {
      if (word.quoted && word.text.find(' ') != std::string_view::npos) {
        read_commands(word.text, {}, depth + 1);
      }
    }
  }
  read_arguments(command, invocation.program, context);
  const std::string_view started = started_image(command, invocation.program);
  // Only a whole reference: a container may be called anything.
  if (started.find('/') != started.npos && started.front() != '/') {
    if (const auto* image = intel_.find_image(started))
      add(What::kMinerName, started, image->family);
  }
  return true;
}

/// An option that only miners have, or a wallet as the user who logs in.
bool CommandLineReader::tells_miner_options(const Command& command, size_t program) const {
  for (size_t i = program + 1; i < command.size(); ++i) {
    const std::string_view word = command[i].text;
    const std::string_view next = i + 1 < command.size() ? command[i + 1].text : std::string_view{};
    if (tells_miner(word, next)) return true;
    const bool is_user = word == "-u" || word == "--user" || word == "--wallet";
    for (const auto& [address, wallet] : locate_wallets(is_user ? next : std::string_view{})) {
      if (!intel_.is_example_wallet(wallet.address)) return true;
    }
  }
  return false;
}

/// Name, place and disguise of a program that runs. True when its name is a miner's.
bool CommandLineReader::read_executable(std::string_view executable) {
  const std::string_view path = without_deleted_mark(executable);
  if (const auto* known = intel_.find_path(path)) add(What::kKnownPath, path, known->family);
  if (is_disguise(executable)) add(What::kMasquerade, path, "");

  const auto* miner = intel_.find_process_name(path);
  std::string_view name = file_name(path);
  if (miner != nullptr && miner->confidence == "low") miner = nullptr;
  const auto parts = split(path, '/');
  for (size_t i = 0; miner == nullptr && i + 1 < parts.size(); ++i) {
    // A home folder carries a person's name, not a program's.
    if (i > 0 && (parts[i - 1] == "home" || parts[i - 1] == "Users")) continue;
    const auto* folder = intel_.find_process_name(parts[i]);
    if (folder == nullptr || folder->confidence != "high") continue;
    miner = folder;
    name = parts[i];
  }
  if (miner != nullptr) add(What::kMinerName, name, miner->family);
  return miner != nullptr;
}

/// "[kworker/0:1]" or "exec -a kworker": a kernel thread's name on something that has a file.
void CommandLineReader::read_assumed_name(std::string_view name, std::string_view executable) {
  if (executable.empty() || executable.data() == name.data()) return;
  const bool bracketed = name.size() > 2 && name.front() == '[';
  const std::string_view bare = bracketed ? name.substr(1) : name;
  const ThreadNames which = bracketed ? ThreadNames::kAny : ThreadNames::kOwn;
  if (begins_with_thread_name(bare, which)) add(What::kMasquerade, name, "");
}

void CommandLineReader::read_arguments(const Command& command, size_t program, Context& context) {
  for (size_t i = 0; i < command.size(); ++i) {
    if (i != program) read_word(command, i, i < program, context);
  }
  for (Pool& pool : std::exchange(context.pools, {}))
    add_pool(std::move(pool), context);
  read_pools(command, program, context);
  if (!context.miner_word) return;
  // Options that other programs share count now that something says "miner".
  for (size_t i = program + 1; i < command.size(); ++i) {
    const std::string_view next = i + 1 < command.size() ? command[i + 1].text : std::string_view{};
    std::string_view family;
    if (weigh_option(command[i].text, next, family) == OptionWeight::kSupports) {
      add(What::kMinerOption, command[i].text, std::string(family));
    }
  }
}

void CommandLineReader::read_word(const Command& command, size_t at, bool before_program,
                                  Context& context) {
  const std::string_view text = command[at].text;
  const std::string_view previous = at > 0 ? command[at - 1].text : std::string_view{};
  const std::string_view next = at + 1 < command.size() ? command[at + 1].text : std::string_view{};
  const bool is_set = before_program && is_assignment(text);
  for (std::string_view rest = text, url = find_pool_url(rest); !url.empty();
       url = find_pool_url(rest)) {
    const auto begin = static_cast<size_t>(url.data() - text.data());
    uint16_t port = 0;
    const auto* pool = intel_.find_domain(host_of(url, port));
    context.pools.push_back({url, pool != nullptr ? pool->family : "",
                             is_set || is_told_pool(text.substr(0, begin), previous, url)});
    rest = text.substr(begin + url.size());
  }
  // A wallet in the address of a page is what the page is about.
  const bool is_page = context.fetches && is_web_address(text) && text.find("://") != text.npos;
  for (auto& [address, wallet] : locate_wallets(is_page ? std::string_view{} : text)) {
    if (intel_.is_example_wallet(wallet.address)) continue;
    const bool mentioned = context.writes || context.fetches;
    context.wallet |= !mentioned;
    // Payments carry Bitcoin's and Ethereum's, and nothing else that a miner has.
    context.miner_word |= !mentioned && wallet.coin != "BTC" && wallet.coin != "ETH";
    add(mentioned ? What::kMention : What::kWallet, address, std::move(wallet.coin));
  }
  std::string_view family;
  const bool is_option = weigh_option(text, next, family) == OptionWeight::kMiner;
  const std::string_view key = is_option ? text : find_config_key(text);
  if (!key.empty()) {
    add(context.writes    ? What::kMinerFile
        : context.fetches ? What::kMention
                          : What::kMinerOption,
        key, std::string(family));
    context.miner_word |= !context.writes && !context.fetches;
  }
  context.user |= text == "-u" || text.starts_with("--user");
  context.password |= text == "-p" || text.starts_with("--pass");
  context.paid_to |= takes_payee(text);
  if (const auto* path = intel_.find_path(text); path != nullptr && path->confidence == "high") {
    add(What::kMinerFile, text, path->family);
  }
}

/// A pool is used by what has the grammar of a miner; other programs only pass it on.
void CommandLineReader::add_pool(Pool pool, Context& context) {
  const bool fetched = context.fetches && !(pool.told && context.logs_in());
  const bool used = pool.told || context.miner_word || context.logs_in() || context.wallet;
  const What what = context.writes || fetched ? What::kMention
                    : used                    ? What::kPoolUrl
                                              : What::kPoolArgument;
  context.miner_word |= what == What::kPoolUrl;
  add(what, pool.url, std::move(pool.family));
}

void CommandLineReader::read_pools(const Command& command, size_t program, Context& context) {
  for (size_t i = program + 1; i < command.size(); ++i) {
    const std::string_view word = command[i].text;
    const size_t equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
    const std::string_view option = equals != std::string_view::npos ? word.substr(0, equals)
                                    : i > program + 1                ? command[i - 1].text
                                                                     : std::string_view{};
    const bool is_value = takes_pool(option);
    const std::string_view value =
        equals == std::string_view::npos ? word : word.substr(equals + 1);
    if (!find_pool_url(value).empty()) continue;  // reported as a URL already
    uint16_t port = 0;
    const std::string_view host = host_of(value, port);
    const auto* pool = intel_.find_domain(host);
    const bool may_be_page =
        context.fetches || (pool != nullptr && !pool->malware && is_web_host(host, pool->value));
    if (may_be_page && is_web_address(value)) continue;
    const bool bare_endpoint = value.find("://") == std::string_view::npos && port != 0;
    const bool supported =
        context.miner_word || (context.logs_in() && takes_nothing_but_pools(option));
    const bool is_host = is_domain_name(host) || parse_address(host).has_value();
    if ((pool != nullptr && (is_value || bare_endpoint)) ||
        (is_value && port != 0 && is_host && supported)) {
      add_pool({value, pool != nullptr ? pool->family : "", is_value}, context);
    }
  }
}

/// Decodes base64 words once and reads what is inside; a finding points at the word.
void CommandLineReader::read_encoded(std::string_view command_line) {
  constexpr size_t kShortest = 24;
  size_t decoded_words = 0;
  for (size_t i = 0; i < command_line.size() && decoded_words < kMostEncoded;) {
    size_t end = i;
    while (end < command_line.size() && is_base64(command_line[end]))
      ++end;
    const std::string_view word = command_line.substr(i, end - i);
    i = end + 1;
    const auto text = word.size() < kShortest ? std::nullopt : decode_text(word);
    if (!text) continue;
    ++decoded_words;
    CommandLineReader inner(intel_);
    inner.read_commands(*text, {}, 1);
    std::vector<What> reported;
    for (auto& finding : inner.findings_) {
      if (std::find(reported.begin(), reported.end(), finding.what) != reported.end()) continue;
      reported.push_back(finding.what);
      add(finding.what, word, std::move(finding.family));
    }
  }
}

}  // namespace davy::intel
