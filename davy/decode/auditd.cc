// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/auditd.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <set>
#include <string>

#include "davy/base/text.h"
#include "davy/decode/audit_event.h"
#include "davy/decode/audit_line.h"
#include "davy/decode/connect_outcome.h"
#include "davy/decode/field_slots.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using event::Fields;
using event::Value;

constexpr event::Logsource kLogsources[] = {{"", "linux", "auditd"},
                                            {"process_creation", "linux", ""},
                                            {"network_connection", "linux", ""},
                                            {"file_event", "linux", ""}};
constexpr uint32_t kAuditBit = 1, kExecBit = 2, kConnectBit = 4, kFileBit = 8;

/// Fields that no line holds as such; several lines together say them.
enum Derived : size_t {
  kType,
  kSystemCall,
  kSystemCallName,
  kImage,
  kCommandLine,
  kParentProcessId,
  kProcessId,
  kUser,
  kCurrentDirectory,
  kTargetFilename,
  kDestinationIp,
  kDestinationPort,
  kDerivedCount,
};
constexpr std::array<std::string_view, kDerivedCount> kDerivedNames = {
    "type",           "syscall",       "SYSCALL",
    "Image",          "CommandLine",   "ParentProcessId",
    "ProcessId",      "User",          "CurrentDirectory",
    "TargetFilename", "DestinationIp", "DestinationPort"};

/// An id that nobody has set.
constexpr std::string_view kUnset = "4294967295";

struct Line {
  AuditLine head;
  std::string_view text;
};

/// The lines of one event.
struct Group {
  uint64_t offset;
  std::vector<Line> lines;
  std::set<std::string_view> seen;
};

class AuditdDecoder final : public Decoder {
 public:
  explicit AuditdDecoder(const event::Schema& schema)
      : schema_(schema), derived_(schema, kDerivedNames) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    const std::string_view fault = group_lines(record.bytes);
    for (const Group& group : groups_) {
      read(group, bench.arena());
      emit(group, record, bench.arena(), sink);
    }
    if (fault.empty()) return Outcome::decoded();
    return fault == kNoStamp ? Outcome::skipped(kNoStamp) : Outcome::rejected(fault);
  }

 private:
  static constexpr std::string_view kNoStamp = "audit line without time and serial";

  /// Fills groups_ in the order of their first lines; returns what is wrong with the lines that are
  /// in none.
  std::string_view group_lines(std::string_view text) {
    groups_.clear();
    std::map<std::pair<std::string_view, std::string_view>, size_t> known;
    std::string_view fault;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      std::string_view line = text.substr(begin, end - begin);
      if (line.ends_with('\r')) line.remove_suffix(1);
      Line parsed{{}, line};
      if (read_audit_line(line, parsed.head)) {
        const auto [place, is_new] =
            known.try_emplace({parsed.head.node, parsed.head.stamp}, groups_.size());
        if (is_new) groups_.push_back({begin, {}, {}});
        Group& group = groups_[place->second];
        if (group.seen.insert(line).second) group.lines.push_back(parsed);
      } else if (line.starts_with("type=") && line.find(" msg=") != std::string_view::npos) {
        if (fault.empty()) fault = kNoStamp;
      } else if (!trim(line).empty()) {
        fault = "not an audit line";
      }
      begin = end + 1;
    }
    return fault;
  }

  void read(const Group& group, Arena& arena) {
    fields_.reset(schema_.size());
    event_.reset(group.lines.front().head);
    for (const Line& line : group.lines) {
      event_.types.push_back(line.head.type);
      put(kType, line.head.type);
      for_each_audit_pair(line.head.body, [&](std::string_view key, AuditValue value) {
        read_pair(line.head, key, value, arena);
      });
    }
    event_.complete(arena);
    fill_derived();
  }

  void read_pair(const AuditLine& line, std::string_view key, AuditValue value, Arena& arena) {
    const event::Slot slot = schema_.find(key);
    if (value.missing()) {
      if (slot != event::kNoSlot) fields_.add(slot, Value::Type::kNull, {});
      return;
    }
    std::string_view text = value.text;
    if (!value.quoted && is_untrusted_audit_key(line.type, key)) {
      text = decode_audit_hex(text, arena);
      if (key == "proctitle") text = spaced(text, arena);
    }
    event_.add(line, key, text);
    const bool is_argument = line.type == "EXECVE" && key.starts_with('a') && key != "argc";
    if (is_argument && !key.ends_with("_len")) return;  // put in whole by fill_derived()
    if (key == "key") return put_watch_keys(slot, text);
    if (slot != event::kNoSlot) fields_.add(slot, Value::Type::kString, text);
    if (schema_.all_values()) fields_.add_any(text);
  }

  /// The arguments in a process title end with NUL.
  static std::string_view spaced(std::string_view title, Arena& arena) {
    while (title.ends_with('\0'))
      title.remove_suffix(1);
    if (title.find('\0') == std::string_view::npos) return title;
    char* place = arena.allocate(title.size());
    std::replace_copy(title.begin(), title.end(), place, '\0', ' ');
    return {place, title.size()};
  }

  /// A system call that several rules asked for carries their keys, joined by the byte 1.
  void put_watch_keys(event::Slot slot, std::string_view keys) {
    for (const std::string_view one : split(keys, '\x01')) {
      if (slot != event::kNoSlot) fields_.add(slot, Value::Type::kString, one);
      if (schema_.all_values()) fields_.add_any(one);
    }
  }

  void put(Derived field, std::string_view value) {
    if (value.empty()) return;
    if (derived_[field] != event::kNoSlot) {
      fields_.add(derived_[field], Value::Type::kString, value);
    }
    if (schema_.all_values()) fields_.add_any(value);
  }

  void fill_derived() {
    const AuditFacts& facts = event_.facts;
    for (const AuditEvent::Argument& argument : event_.arguments) {
      char name[16] = "a";
      const std::string digits = std::to_string(argument.index);
      digits.copy(name + 1, digits.size());
      const event::Slot slot = schema_.find(name);
      if (slot != event::kNoSlot) fields_.add(slot, Value::Type::kString, argument.text);
      if (schema_.all_values()) fields_.add_any(argument.text);
    }
    put(kSystemCall, event_.system_call);
    if (derived_[kSystemCallName] != event::kNoSlot && !fields_.has(derived_[kSystemCallName])) {
      put(kSystemCallName, event_.system_call);
    }
    put(kImage, event_.image);
    put(kCommandLine, event_.command_line);
    put(kProcessId, facts.pid);
    put(kParentProcessId, facts.parent_pid);
    put(kCurrentDirectory, facts.directory);
    put(kUser, event_.user);
    if (facts.login_uid != kUnset) {
      put(kUser, facts.login_name.empty() ? facts.login_uid : facts.login_name);
    }
    for (const std::string_view path : event_.written)
      put(kTargetFilename, path);
    put(kDestinationIp, event_.remote.ip);
    if (event_.is_connect) put(kDestinationPort, event_.remote.port);
  }

  void emit(const Group& group, const RawRecord& record, Arena& arena, Sink& sink) {
    event::Event event;
    event.ref = {record.stream->source, record.offset + group.offset};
    event.record_id = identity(arena);
    event.key = hash128(event.record_id);
    event.time = event.end = event_.time;
    event.account = record.stream->account_hint;
    event.region = record.stream->region_hint;
    event.host = event_.node;
    event.logsources = kAuditBit;
    if (event_.is_exec) event.logsources |= kExecBit;
    if (event_.is_connect) event.logsources |= kConnectBit;
    if (!event_.written.empty() && !event_.is_exec) event.logsources |= kFileBit;
    if (event_.is_exec || event_.is_connect) {
      event.process = process();
      if (event_.is_connect) event.connection = connection();
    } else if (event_.change(change_)) {
      event.host_change = &change_;
    }
    sink.emit(event, fields_);
  }

  /// "node audit(time:serial)".
  std::string_view identity(Arena& arena) const {
    if (event_.node.empty()) return event_.stamp;
    const size_t node = event_.node.size();
    char* place = arena.allocate(node + 1 + event_.stamp.size());
    std::memcpy(place, event_.node.data(), node);
    place[node] = ' ';
    std::memcpy(place + node + 1, event_.stamp.data(), event_.stamp.size());
    return {place, node + 1 + event_.stamp.size()};
  }

  const event::Process* process() {
    const AuditFacts& facts = event_.facts;
    process_ = event::Process{};
    if (event_.image.find('/') != std::string_view::npos) process_.path = event_.image;
    process_.name = facts.name;
    if (process_.name.empty()) process_.name = event_.image.substr(event_.image.rfind('/') + 1);
    process_.command_line = event_.command_line;
    process_.user = event_.user;
    process_.working_directory = facts.directory;
    process_.pid = parse_int(facts.pid).value_or(0);
    process_.parent_pid = parse_int(facts.parent_pid).value_or(0);
    process_.started = event_.is_exec && facts.success != "no";
    return &process_;
  }

  /// Nothing for port 0, by which resolvers ask for their own address. They ask in UDP with the
  /// real port too, and the record does not tell UDP from TCP, so success does not show a
  /// connection.
  const event::Connection* connection() {
    using Outcome = event::Connection::Outcome;
    const auto port = parse_int<uint16_t>(event_.remote.port).value_or(0);
    if (port == 0) return nullptr;
    connection_ = event::Connection{};
    connection_.remote_ip = event_.remote.ip;
    connection_.remote_port = port;
    const Outcome outcome = connect_outcome(event_.facts.exit);
    if (outcome == Outcome::kFailed) connection_.outcome = outcome;
    return &connection_;
  }

  const event::Schema& schema_;
  FieldSlots<kDerivedCount> derived_;
  std::vector<Group> groups_;
  Fields fields_;
  AuditEvent event_;
  event::Process process_;
  event::Connection connection_;
  event::HostChange change_;
};

bool looks_like_text(const TextProbe& probe) {
  AuditLine line;
  return std::any_of(probe.lines.begin(), probe.lines.end(),
                     [&](std::string_view text) { return read_audit_line(text, line); });
}

}  // namespace

const Format kAuditd = {
    .name = "auditd",
    .title = "Linux audit log",
    .framing = Framing::kAudit,
    .logsources = kLogsources,
    .looks_like_text = looks_like_text,
    .declare_fields = [](event::Schema&) {},  // the event mapping reads lines, not slots
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<AuditdDecoder>(schema);
    },
    .believed_when_printed = true,
};

}  // namespace davy::decode
