// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/ps_listing.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>

#include "davy/base/text.h"

namespace davy::decode {
namespace {

/// More columns than any `ps` offers.
constexpr size_t kMaxColumns = 64;

std::string_view first_line(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Takes the first word off `text`.
std::string_view take_word(std::string_view& text) {
  while (!text.empty() && is_ascii_space(text.front()))
    text.remove_prefix(1);
  size_t size = 0;
  while (size < text.size() && !is_ascii_space(text[size]))
    ++size;
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

/// Takes the last word off `text`.
std::string_view take_last_word(std::string_view& text) {
  while (!text.empty() && is_ascii_space(text.back()))
    text.remove_suffix(1);
  size_t begin = text.size();
  while (begin > 0 && !is_ascii_space(text[begin - 1]))
    --begin;
  const std::string_view word = text.substr(begin);
  text.remove_suffix(word.size());
  return word;
}

bool is_command(std::string_view name) {
  return name == "COMMAND" || name == "CMD" || name == "ARGS";
}

bool is_weekday(std::string_view word) {
  constexpr std::string_view kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  return std::find(std::begin(kDays), std::end(kDays), word) != std::end(kDays);
}

/// "13112" and "12.5m": KiB, or what the letter says. A comma is a locale's point.
uint64_t resident_bytes(std::string_view text) {
  double unit = 1024;
  constexpr std::pair<char, double> kUnits[] = {
      {'k', 1024.0}, {'m', 1048576.0}, {'g', 1073741824.0}, {'t', 1099511627776.0}};
  for (const auto& [letter, bytes] : kUnits) {
    if (text.empty() || ascii_lower(text.back()) != letter) continue;
    unit = bytes;
    text.remove_suffix(1);
    break;
  }
  std::string number(text.substr(0, 32));
  std::replace(number.begin(), number.end(), ',', '.');
  const double bytes = parse_number(number).value_or(0) * unit;
  return bytes >= 0 && bytes < 1e18 ? static_cast<uint64_t>(bytes) : 0;
}

double cpu_percent(std::string_view text) {
  std::string number(text.substr(0, 32));
  std::replace(number.begin(), number.end(), ',', '.');
  const auto value = parse_number(number);
  return value && *value >= 0 ? *value : -1;
}

/// "900:11", "0:05.33" (minutes and seconds), "15:00:11", "1-02:03:04"; 0 when it is none of these.
DurationNs cpu_time(std::string_view text) {
  constexpr uint64_t kMost = 1'000'000;    // of each part
  constexpr uint64_t kMostDays = 100'000;  // in all: nanoseconds in 64 bits hold little more
  uint64_t days = 0;
  if (const size_t dash = text.find('-'); dash != std::string_view::npos) {
    const auto number = parse_int<uint64_t>(text.substr(0, dash));
    if (!number || *number > kMostDays) return 0;
    days = *number;
    text.remove_prefix(dash + 1);
  }
  text = text.substr(0, text.find_first_of(".,"));
  const auto parts = split(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return 0;
  uint64_t seconds = 0;
  for (const std::string_view part : parts) {
    const auto number = parse_int<uint64_t>(part);
    if (!number || *number > kMost) return 0;
    seconds = seconds * 60 + *number;
  }
  seconds += days * 86'400;
  return seconds > kMostDays * 86'400 ? 0 : static_cast<DurationNs>(seconds) * kSecond;
}

/// "xmrig -c x" of " |   \_ xmrig -c x": `ps f` and `ps -H` draw who started whom.
std::string_view without_tree(std::string_view command) {
  const size_t drawn = command.find_first_not_of(" |`");
  if (drawn == std::string_view::npos) return command;
  const std::string_view rest = command.substr(drawn);
  if (rest.starts_with("\\_ ")) return trim(rest.substr(3));
  const bool corner = drawn > 0 && command[drawn - 1] == '`';
  return corner && rest.starts_with("- ") ? trim(rest.substr(2)) : command;
}

}  // namespace

const ProcessListing::HeaderName ProcessListing::kHeaderNames[] = {
    {"USER", Column::kUser},     {"UID", Column::kUser},        {"EUSER", Column::kUser},
    {"PID", Column::kPid},       {"PPID", Column::kParent},     {"%CPU", Column::kCpu},
    {"C", Column::kCpu},         {"RSS", Column::kResident},    {"RSZ", Column::kResident},
    {"TIME", Column::kCpuTime},  {"TIME+", Column::kCpuTime},   {"CPUTIME", Column::kCpuTime},
    {"RES", Column::kResident},  {"VSZ", Column::kVirtual},     {"VIRT", Column::kVirtual},
    {"START", Column::kStarted}, {"STARTED", Column::kStarted}, {"COMMAND", Column::kName},
    {"CMD", Column::kName},      {"ARGS", Column::kName},
};

bool is_process_header(std::string_view line) {
  bool has_pid = false;
  bool has_command = false;
  for (size_t words = 0;; ++words) {
    const std::string_view word = take_word(line);
    if (word.empty()) return has_pid && has_command;
    const bool upper = std::none_of(word.begin(), word.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '/';
    });
    // "FD" is a header of lsof, which lists files.
    if (!upper || word == "FD" || words == kMaxColumns) return false;
    has_pid = has_pid || word == "PID";
    has_command = has_command || is_command(word);
  }
}

bool has_process_table(std::string_view text) {
  while (!text.empty()) {
    if (is_process_header(first_line(text))) return true;
  }
  return false;
}

ProcessListing::ProcessListing(const event::Schema& schema) : schema_(schema) {
  constexpr std::string_view kNames[] = {"Image", "CommandLine", "ProcessId", "ParentProcessId",
                                         "User"};
  for (size_t i = 0; i < kDerivedCount; ++i)
    derived_[i] = schema.find(kNames[i]);
}

void ProcessListing::read_header(std::string_view line) {
  names_.clear();
  columns_.clear();
  slots_.clear();
  has_memory_ = has_parent_ = false;
  for (std::string_view name = take_word(line); !name.empty(); name = take_word(line)) {
    const auto* known = std::find_if(std::begin(kHeaderNames), std::end(kHeaderNames),
                                     [&](const HeaderName& row) { return row.name == name; });
    const Column column = known == std::end(kHeaderNames) ? Column::kOther : known->column;
    if (column == Column::kName) command_ = columns_.size();
    has_memory_ = has_memory_ || column == Column::kResident || column == Column::kVirtual;
    has_parent_ = has_parent_ || column == Column::kParent;
    names_.push_back(name);
    columns_.push_back(column);
    slots_.push_back(schema_.find(name));
  }
  // Of "PID COMMAND COMMAND" (comm, args) the last holds spaces.
  columns_[command_] = Column::kCommand;
}

/// Cuts words for the columns before the command from the left, after it from the right.
bool ProcessListing::cut_row(std::string_view line) {
  cells_.assign(columns_.size(), {});
  for (size_t i = 0; i < command_; ++i) {
    cells_[i] = take_word(line);
    // lstart: "Wed Mar  4 14:15:33 2026" under the same header as start.
    if (columns_[i] == Column::kStarted && is_weekday(cells_[i])) {
      for (int more = 0; more < 4; ++more)
        take_word(line);
    }
  }
  for (size_t i = columns_.size(); i-- > command_ + 1;)
    cells_[i] = take_last_word(line);
  cells_[command_] = trim(line);
  return !cells_[command_].empty();
}

void ProcessListing::interpret(size_t column, std::string_view cell) {
  switch (columns_[column]) {
    case Column::kUser: process_.user = cell; break;
    case Column::kPid: pid_ = cell; break;
    case Column::kParent: parent_ = cell; break;
    case Column::kCpu: process_.cpu_percent = cpu_percent(cell); break;
    case Column::kCpuTime: process_.cpu_time = cpu_time(cell); break;
    case Column::kResident:
      process_.resident_bytes = resident_bytes(cell);
      uses_memory_ = uses_memory_ || process_.resident_bytes > 0;
      break;
    case Column::kVirtual: uses_memory_ = uses_memory_ || resident_bytes(cell) > 0; break;
    case Column::kCommand: process_.command_line = without_tree(cell); break;
    case Column::kName:
    case Column::kStarted:
    case Column::kOther: break;
  }
}

bool ProcessListing::read_row(std::string_view line) {
  process_ = event::Process{};
  image_ = pid_ = parent_ = {};
  uses_memory_ = false;
  if (!cut_row(line)) return false;
  for (size_t i = 0; i < columns_.size(); ++i)
    interpret(i, cells_[i]);
  const auto pid = parse_int(pid_);
  if (!pid || *pid <= 0) return false;
  process_.pid = *pid;
  process_.parent_pid = parse_int(parent_).value_or(0);
  if (is_kernel_thread()) return false;
  name_executable();
  return true;
}

/// Kernel threads have neither memory nor a parent besides kthreadd, which is process 2.
bool ProcessListing::is_kernel_thread() const {
  if (!process_.command_line.starts_with('[') || process_.command_line.back() != ']') return false;
  constexpr int64_t kThreadDaemon = 2;
  if (has_memory_) return !uses_memory_;
  if (has_parent_) return process_.pid == kThreadDaemon || process_.parent_pid == kThreadDaemon;
  return true;
}

void ProcessListing::name_executable() {
  std::string_view rest = process_.command_line;
  image_ = take_word(rest);
  process_.name = image_;
  // Log-in shells stand as "-bash", titles as "sshd: …", and systemd marks some with '@'.
  if (process_.name.starts_with('-') || process_.name.starts_with('@')) {
    process_.name.remove_prefix(1);
  }
  if (process_.name.ends_with(':')) process_.name.remove_suffix(1);
  if (!image_.starts_with('[')) {
    process_.name = process_.name.substr(process_.name.rfind('/') + 1);
    if (image_.find('/') != std::string_view::npos) process_.path = image_;
  }
  const auto exe = std::lower_bound(exes_.begin(), exes_.end(), process_.pid,
                                    [](const Exe& one, int64_t pid) { return one.pid < pid; });
  if (exe != exes_.end() && exe->pid == process_.pid) process_.path = image_ = exe->path;
}

void ProcessListing::fill(const event::Fields* base) {
  using event::Value;
  fields_.reset(schema_.size());
  if (base != nullptr) {
    for (event::Slot slot = 0; slot < schema_.size(); ++slot) {
      for (const Value& value : base->values(slot))
        fields_.add(slot, value.type, value.text);
    }
  }
  const auto put = [&](event::Slot slot, std::string_view text) {
    if (slot != event::kNoSlot && !text.empty()) fields_.add(slot, Value::Type::kString, text);
  };
  for (size_t i = 0; i < columns_.size(); ++i) {
    put(slots_[i], cells_[i]);
    if (schema_.all_values() && !cells_[i].empty()) fields_.add_any(cells_[i]);
  }
  put(derived_[kImage], image_);
  put(derived_[kCommandLine], process_.command_line);
  put(derived_[kProcessId], pid_);
  put(derived_[kParentProcessId], parent_);
  put(derived_[kUser], process_.user);
}

/// "PID /path" lines after "---EXE": what /proc says the executables are.
void ProcessListing::read_exe_section(std::string_view text) {
  exes_.clear();
  bool inside = false;
  while (!text.empty()) {
    std::string_view line = first_line(text);
    if (line.starts_with("---")) {
      inside = trim(line) == "---EXE";
    } else if (inside) {
      const auto pid = parse_int(take_word(line));
      const std::string_view path = trim(line);
      if (pid && path.starts_with('/')) exes_.push_back({*pid, path});
    }
  }
  std::sort(exes_.begin(), exes_.end(), [](const Exe& a, const Exe& b) {
    return std::tie(a.pid, a.path) < std::tie(b.pid, b.path);
  });
}

size_t ProcessListing::read(std::string_view text, const event::Fields* base, const Each& each) {
  read_exe_section(text);
  size_t found = 0;
  bool in_table = false;
  for (size_t number = 0; !text.empty(); ++number) {
    const std::string_view line = first_line(text);
    if (line.starts_with("---")) {
      in_table = false;
    } else if (is_process_header(line)) {
      read_header(line);
      in_table = true;
    } else if (in_table && read_row(line)) {
      fill(base);
      each(process_, fields_, number);
      ++found;
    }
  }
  return found;
}

}  // namespace davy::decode
