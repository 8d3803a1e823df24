// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/audit_event.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <tuple>

#include "davy/base/text.h"

namespace davy::decode {
namespace {

using What = event::HostChange::What;

/// Which key of which line (empty: of any) is which fact.
struct FactRow {
  std::string_view type, key;
  std::string_view AuditFacts::* fact;
};
constexpr FactRow kFacts[] = {
    {"SYSCALL", "arch", &AuditFacts::arch},
    {"SYSCALL", "syscall", &AuditFacts::syscall},
    {"SYSCALL", "success", &AuditFacts::success},
    {"SYSCALL", "exit", &AuditFacts::exit},
    {"SYSCALL", "a0", &AuditFacts::register_0},
    {"SYSCALL", "a1", &AuditFacts::register_1},
    {"SYSCALL", "a2", &AuditFacts::register_2},
    {"", "pid", &AuditFacts::pid},
    {"", "ppid", &AuditFacts::parent_pid},
    {"", "auid", &AuditFacts::login_uid},
    {"", "uid", &AuditFacts::uid},
    {"", "UID", &AuditFacts::user_name},
    {"", "AUID", &AuditFacts::login_name},
    {"", "comm", &AuditFacts::name},
    {"", "exe", &AuditFacts::exe},
    {"", "cwd", &AuditFacts::directory},
    {"SOCKADDR", "saddr", &AuditFacts::address},
    {"PROCTITLE", "proctitle", &AuditFacts::title},
    {"", "acct", &AuditFacts::account},
    {"", "id", &AuditFacts::id},
    {"", "grp", &AuditFacts::group},
    {"", "addr", &AuditFacts::remote},
    {"", "op", &AuditFacts::operation},
    {"", "res", &AuditFacts::result},
    {"", "unit", &AuditFacts::unit},
    {"USER_CMD", "cmd", &AuditFacts::command},
    {"CONFIG_CHANGE", "audit_enabled", &AuditFacts::audit_enabled},
};

/// System calls that Davy draws conclusions from, and those that rules name most.
/// Sources: Linux arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl,
/// include/uapi/asm-generic/unistd.h.
struct SystemCall {
  std::string_view arch, number, name;
};
constexpr std::string_view kX64 = "c000003e", kArm64 = "c00000b7", kX86 = "40000003";
constexpr SystemCall kSystemCalls[] = {
    {kX64, "59", "execve"},          {kX64, "322", "execveat"},
    {kX64, "42", "connect"},         {kX64, "2", "open"},
    {kX64, "257", "openat"},         {kX64, "437", "openat2"},
    {kX64, "85", "creat"},           {kX64, "76", "truncate"},
    {kX64, "82", "rename"},          {kX64, "264", "renameat"},
    {kX64, "316", "renameat2"},      {kX64, "86", "link"},
    {kX64, "88", "symlink"},         {kX64, "87", "unlink"},
    {kX64, "263", "unlinkat"},       {kX64, "90", "chmod"},
    {kX64, "268", "fchmodat"},       {kX64, "62", "kill"},
    {kX64, "101", "ptrace"},         {kX64, "133", "mknod"},
    {kX64, "175", "init_module"},    {kX64, "313", "finit_module"},
    {kX64, "319", "memfd_create"},   {kX64, "321", "bpf"},
    {kArm64, "221", "execve"},       {kArm64, "281", "execveat"},
    {kArm64, "203", "connect"},      {kArm64, "56", "openat"},
    {kArm64, "437", "openat2"},      {kArm64, "45", "truncate"},
    {kArm64, "38", "renameat"},      {kArm64, "276", "renameat2"},
    {kArm64, "37", "linkat"},        {kArm64, "36", "symlinkat"},
    {kArm64, "35", "unlinkat"},      {kArm64, "53", "fchmodat"},
    {kArm64, "129", "kill"},         {kArm64, "117", "ptrace"},
    {kArm64, "105", "init_module"},  {kArm64, "273", "finit_module"},
    {kArm64, "279", "memfd_create"}, {kArm64, "280", "bpf"},
    {kX86, "11", "execve"},          {kX86, "358", "execveat"},
    {kX86, "362", "connect"},        {kX86, "5", "open"},
    {kX86, "295", "openat"},         {kX86, "8", "creat"},
};

/// Calls that open an existing file, and the register that holds the open flags.
struct OpenCall {
  std::string_view name;
  std::string_view AuditFacts::* flags;  ///< null: the call always writes
};
constexpr OpenCall kOpenCalls[] = {
    {"open", &AuditFacts::register_1},
    {"openat", &AuditFacts::register_2},
    {"creat", nullptr},
    {"truncate", nullptr},
};

/// Files whose writing is a change of who may do what.
bool is_sensitive(std::string_view path) {
  constexpr std::string_view kStarts[] = {"/etc/sudoers", "/etc/cron", "/var/spool/cron"};
  constexpr std::string_view kEnds[] = {"/.ssh/authorized_keys", "/.ssh/authorized_keys2"};
  return std::any_of(std::begin(kStarts), std::end(kStarts),
                     [&](std::string_view start) { return path.starts_with(start); }) ||
         std::any_of(std::begin(kEnds), std::end(kEnds),
                     [&](std::string_view end) { return path.ends_with(end); });
}

/// Records of user space that tell a change. An empty operation stands for any.
struct ChangeRow {
  std::string_view type, operation;
  std::optional<What> done;    ///< when the result is success
  std::optional<What> failed;  ///< when it is not
  std::string_view AuditFacts::* subject;
};
constexpr ChangeRow kChanges[] = {
    {"USER_LOGIN", "", What::kLogin, What::kLoginFailed, &AuditFacts::account},
    // Success is told by the USER_LOGIN that follows.
    {"USER_AUTH", "", std::nullopt, What::kLoginFailed, &AuditFacts::account},
    {"ADD_USER", "", What::kUserAdded, std::nullopt, &AuditFacts::account},
    {"USER_MGMT", "add-user", What::kUserAdded, std::nullopt, &AuditFacts::account},
    {"USER_MGMT", "add-user-to-group", What::kGroupChanged, std::nullopt, &AuditFacts::account},
    {"USER_MGMT", "adding user to group", What::kGroupChanged, std::nullopt, &AuditFacts::account},
    {"ADD_GROUP", "", What::kGroupChanged, std::nullopt, &AuditFacts::group},
    {"DEL_GROUP", "", What::kGroupChanged, std::nullopt, &AuditFacts::group},
    {"GRP_MGMT", "", What::kGroupChanged, std::nullopt, &AuditFacts::group},
    {"SERVICE_START", "", What::kServiceStarted, std::nullopt, &AuditFacts::unit},
    {"CONFIG_CHANGE", "remove_rule", What::kAuditTampered, std::nullopt, &AuditFacts::operation},
    {"DAEMON_END", "", What::kAuditTampered, What::kAuditTampered, &AuditFacts::operation},
    {"DAEMON_ABORT", "", What::kAuditTampered, What::kAuditTampered, &AuditFacts::operation},
};

bool succeeded(std::string_view result) {
  return result == "success" || result == "1" || result == "yes";
}

std::optional<uint64_t> hex_number(std::string_view text) {
  return parse_int<uint64_t>(text, 16);
}

/// What a shell does not take as a part of a word. An argument with one of these would be read as
/// several words or commands if it stood bare: "pgrep -f 'xmrig|minerd'" runs no minerd.
constexpr std::string_view kShellBreaks = " \t\r\n|&;<>()'\"\\`$";

std::string_view joined(std::span<const AuditEvent::Argument> parts, Arena& arena) {
  if (parts.size() == 1) return parts.front().text;
  size_t size = 0;
  for (const AuditEvent::Argument& part : parts)
    size += part.text.size();
  char* const place = arena.allocate(size);
  char* end = place;
  for (const AuditEvent::Argument& part : parts)
    end = std::copy(part.text.begin(), part.text.end(), end);
  return {place, size};
}

size_t longest_quoted(std::string_view argument) {
  return 4 * argument.size() + 2;
}

/// Returns the end of what it wrote at `place`, at most longest_quoted() bytes.
char* write_quoted(std::string_view argument, char* place) {
  const bool bare =
      !argument.empty() && argument.find_first_of(kShellBreaks) == std::string_view::npos;
  if (bare) return std::copy(argument.begin(), argument.end(), place);
  // The simplest form that a reader of command lines takes apart again.
  if (argument.find('"') == std::string_view::npos &&
      argument.find('\'') != std::string_view::npos) {
    *place++ = '"';
    place = std::copy(argument.begin(), argument.end(), place);
    *place++ = '"';
    return place;
  }
  constexpr std::string_view kQuote = "'\\''";
  *place++ = '\'';
  for (const char c : argument) {
    if (c == '\'') {
      place = std::copy(kQuote.begin(), kQuote.end(), place);
    } else {
      *place++ = c;
    }
  }
  *place++ = '\'';
  return place;
}

}  // namespace

void AuditEvent::reset(const AuditLine& first) {
  node = first.node;
  stamp = first.stamp;
  time = first.time;
  facts = AuditFacts{};
  types.clear();
  arguments.clear();
  written.clear();
  paths_.clear();
  system_call = command_line = image = user = {};
  remote = {};
  is_exec = is_connect = false;
}

void AuditEvent::add(const AuditLine& line, std::string_view key, std::string_view value) {
  for (const FactRow& row : kFacts) {
    if (row.key != key || (!row.type.empty() && row.type != line.type)) continue;
    if ((facts.*row.fact).empty()) facts.*row.fact = value;
  }
  if (line.type == "PATH") {
    if (key == "item") paths_.emplace_back();
    if (paths_.empty()) return;
    if (key == "name") paths_.back().name = value;
    if (key == "nametype" || key == "objtype") paths_.back().type = value;
  } else if (line.type == "EXECVE" && key.starts_with('a')) {
    // "a2", or "a2[0]" for a part of a long argument.
    const std::string_view digits = key.substr(1, key.find('[') - 1);
    if (const auto index = parse_int<uint32_t>(digits))
      arguments.push_back({*index, arguments.size(), value});
  }
}

bool AuditEvent::has_type(std::string_view type) const {
  return std::find(types.begin(), types.end(), type) != types.end();
}

void AuditEvent::complete(Arena& arena) {
  const auto* call =
      std::find_if(std::begin(kSystemCalls), std::end(kSystemCalls), [&](const SystemCall& known) {
        return known.number == facts.syscall && known.arch == facts.arch;
      });
  if (call != std::end(kSystemCalls)) system_call = call->name;

  join_arguments(arena);
  is_exec = !arguments.empty();
  if (!facts.command.empty() && !is_exec) {
    command_line = facts.command;  // sudo's record of what it runs
    is_exec = succeeded(facts.result);
    image = command_line.substr(0, command_line.find(' '));
  } else {
    image = facts.exe;
  }
  if (command_line.empty()) command_line = facts.title;
  if (image.empty() && !paths_.empty() && is_exec) image = absolute(paths_.front().name, arena);

  user = facts.user_name;
  if (user.empty()) user = facts.uid == "0" ? "root" : facts.uid;
  // Without its SYSCALL line, an address alone does not tell who connected to whom.
  if (system_call == "connect") remote = decode_audit_address(facts.address, arena);
  is_connect = !remote.ip.empty();
  find_written(arena);
}

/// Parts of one argument become one; the command line is all of them, each as a shell would need
/// it.
void AuditEvent::join_arguments(Arena& arena) {
  std::sort(arguments.begin(), arguments.end(), [](const Argument& a, const Argument& b) {
    return std::tie(a.index, a.arrival) < std::tie(b.index, b.arrival);
  });
  size_t kept = 0;
  size_t longest = 0;
  for (size_t i = 0; i < arguments.size(); ++kept) {
    const size_t begin = i;
    while (i < arguments.size() && arguments[i].index == arguments[begin].index)
      ++i;
    const std::string_view text = joined({arguments.begin() + static_cast<ptrdiff_t>(begin),
                                          arguments.begin() + static_cast<ptrdiff_t>(i)},
                                         arena);
    arguments[kept] = {arguments[begin].index, kept, text};
    longest += longest_quoted(text) + 1;
  }
  arguments.resize(kept);
  if (kept == 0) return;
  char* const place = arena.allocate(longest);
  char* end = place;
  for (const Argument& argument : arguments) {
    if (end != place) *end++ = ' ';
    end = write_quoted(argument.text, end);
  }
  command_line = {place, static_cast<size_t>(end - place)};
}

std::string_view AuditEvent::absolute(std::string_view path, Arena& arena) const {
  if (path.empty() || path.starts_with('/') || facts.directory.empty()) return path;
  const bool slash = !facts.directory.ends_with('/');
  if (path.starts_with("./")) path.remove_prefix(2);
  char* place = arena.allocate(facts.directory.size() + 1 + path.size());
  size_t used = facts.directory.size();
  std::memcpy(place, facts.directory.data(), used);
  if (slash) place[used++] = '/';
  std::memcpy(place + used, path.data(), path.size());
  return {place, used + path.size()};
}

void AuditEvent::find_written(Arena& arena) {
  if (facts.success == "no") return;
  const auto* open = std::find_if(std::begin(kOpenCalls), std::end(kOpenCalls),
                                  [&](const OpenCall& call) { return call.name == system_call; });
  bool writes = false;
  if (open != std::end(kOpenCalls)) {
    constexpr uint64_t kAccessMode = 3;  // O_WRONLY 1, O_RDWR 2
    writes =
        open->flags == nullptr || (hex_number(facts.*open->flags).value_or(0) & kAccessMode) != 0;
  }
  for (const Path& path : paths_) {
    if (path.name.empty()) continue;
    if (path.type == "CREATE" || (path.type == "NORMAL" && writes)) {
      written.push_back(absolute(path.name, arena));
    }
  }
}

bool AuditEvent::change(event::HostChange& change) const {
  change = event::HostChange{};
  const auto file = std::find_if(written.begin(), written.end(), is_sensitive);
  if (file != written.end()) {
    change.what = What::kFileChanged;
    change.subject = *file;
    return true;
  }
  if (facts.audit_enabled == "0" || (has_type("SERVICE_STOP") && facts.unit == "auditd")) {
    change.what = What::kAuditTampered;
    change.subject = facts.unit.empty() ? std::string_view("audit_enabled") : facts.unit;
    return true;
  }
  for (const ChangeRow& row : kChanges) {
    if (!has_type(row.type)) continue;
    if (!row.operation.empty() && row.operation != facts.operation) continue;
    const auto what = succeeded(facts.result) ? row.done : row.failed;
    if (!what) continue;
    change.what = *what;
    change.subject = facts.*row.subject;
    if (change.subject.empty()) change.subject = facts.id;
    change.source_ip = facts.remote;
    return true;
  }
  return false;
}

}  // namespace davy::decode
