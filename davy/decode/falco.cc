// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/falco.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "davy/base/text.h"
#include "davy/decode/connect_outcome.h"
#include "davy/decode/field_slots.h"
#include "davy/decode/json_walker.h"
#include "davy/decode/workbench.h"

namespace davy::decode {
namespace {

using event::Fields;
using event::Value;

constexpr event::Logsource kLogsources[] = {
    {"", "falco", ""}, {"process_creation", "linux", ""}, {"network_connection", "linux", ""}};
constexpr uint32_t kAlertBit = 1, kProcessBit = 2, kConnectionBit = 4;

enum Field : size_t {
  kRule,
  kPriority,
  kTime,
  kSource,
  kHost,
  kUuid,
  kOutput,
  kEventTime,
  kEventType,
  kEventResult,
  kEventRawResult,
  kProcName,
  kExePath,
  kExe,
  kCommandLine,
  kDirectory,
  kPid,
  kParentPid,
  kParentName,
  kParentPath,
  kParentCommandLine,
  kUser,
  kConnection,
  kRemoteIp,
  kServerIp,
  kClientIp,
  kRemotePort,
  kServerPort,
  kServerName,
  kTransport,
  kContainer,
  kImageRepository,
  kImageTag,
  kImage,
  kNamespace,
  kPod,
  kFieldCount,
};

constexpr std::array<std::string_view, kFieldCount> kPaths = {
    "rule",
    "priority",
    "time",
    "source",
    "hostname",
    "uuid",
    "output",
    "output_fields.evt.time",
    "output_fields.evt.type",
    "output_fields.evt.res",
    "output_fields.evt.rawres",
    "output_fields.proc.name",
    "output_fields.proc.exepath",
    "output_fields.proc.exe",
    "output_fields.proc.cmdline",
    "output_fields.proc.cwd",
    "output_fields.proc.pid",
    "output_fields.proc.ppid",
    "output_fields.proc.pname",
    "output_fields.proc.pexepath",
    "output_fields.proc.pcmdline",
    "output_fields.user.name",
    "output_fields.fd.name",
    "output_fields.fd.rip",
    "output_fields.fd.sip",
    "output_fields.fd.cip",
    "output_fields.fd.rport",
    "output_fields.fd.sport",
    "output_fields.fd.sip.name",
    "output_fields.fd.l4proto",
    "output_fields.container.id",
    "output_fields.container.image.repository",
    "output_fields.container.image.tag",
    "output_fields.container.image",
    "output_fields.k8s.ns.name",
    "output_fields.k8s.pod.name",
};

struct SigmaName {
  std::string_view name;
  Field first;
  Field second;  ///< equals `first` when there is only one
};
constexpr SigmaName kSigmaNames[] = {
    {"Image", kExePath, kExe},
    {"CommandLine", kCommandLine, kCommandLine},
    {"ParentImage", kParentPath, kParentName},
    {"ParentCommandLine", kParentCommandLine, kParentCommandLine},
    {"ProcessId", kPid, kPid},
    {"ParentProcessId", kParentPid, kParentPid},
    {"User", kUser, kUser},
    {"CurrentDirectory", kDirectory, kDirectory},
    {"DestinationIp", kRemoteIp, kServerIp},
    {"DestinationPort", kRemotePort, kServerPort},
    {"DestinationHostname", kServerName, kServerName},
};

struct PriorityRow {
  std::string_view name;
  double severity;  ///< 0-100
};
constexpr PriorityRow kPriorities[] = {
    {"emergency", 100}, {"alert", 95}, {"critical", 90},      {"error", 75},       {"warning", 50},
    {"notice", 35},     {"info", 20},  {"informational", 20}, {"information", 20}, {"debug", 5},
};

double severity_of(std::string_view priority) {
  for (const PriorityRow& row : kPriorities) {
    if (equals_ignore_case(priority, row.name)) return row.severity;
  }
  return 0;
}

/// What the stock rules call fields in their output text; kFieldCount only ends the value before
/// it.
struct OutputKey {
  std::string_view key;
  Field field;
};
constexpr OutputKey kOutputKeys[] = {
    {"command", kCommandLine},
    {"cmdline", kCommandLine},
    {"process", kProcName},
    {"proc_exepath", kExePath},
    {"exe_path", kExePath},
    {"parent", kParentName},
    {"user", kUser},
    {"connection", kConnection},
    {"ip", kRemoteIp},
    {"rport", kRemotePort},
    {"port", kRemotePort},
    {"fd_proto", kTransport},
    {"pid", kPid},
    {"container_id", kContainer},
    {"container", kContainer},
    {"image", kImageRepository},
    {"container_image", kImageRepository},
    {"container_image_tag", kImageTag},
    {"container_image_repository", kImageRepository},
    {"k8s.ns", kNamespace},
    {"k8s_ns", kNamespace},
    {"k8s_ns_name", kNamespace},
    {"k8s.pod", kPod},
    {"k8s_pod", kPod},
    {"k8s_pod_name", kPod},
    {"evt_type", kEventType},
    {"file", kFieldCount},
    {"gparent", kFieldCount},
    {"ggparent", kFieldCount},
    {"gggparent", kFieldCount},
    {"user_uid", kFieldCount},
    {"user_loginuid", kFieldCount},
    {"terminal", kFieldCount},
    {"container_name", kFieldCount},
    {"exe_flags", kFieldCount},
    {"args", kFieldCount},
    {"flags", kFieldCount},
    {"evt_res", kEventResult},
    {"lport", kFieldCount},
    {"fd_type", kFieldCount},
};

bool is_key_char(char c) {
  return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_' || c == '.';
}

/// The start of the key whose '=' is at `equals`, or npos when no word of key characters that
/// follows a space or '(' ends there.
size_t key_start(std::string_view text, size_t equals) {
  size_t at = equals;
  while (at > 0 && is_key_char(text[at - 1]))
    --at;
  const bool separate = at == 0 || text[at - 1] == ' ' || text[at - 1] == '(';
  return at < equals && separate && is_ascii_alpha(text[at]) ? at : std::string_view::npos;
}

/// Calls `each(key, value)` for the pairs in the output text. A value ends where the next known key
/// starts: command lines hold '=' of their own.
template <typename Each>
void for_each_output_pair(std::string_view text, Each each) {
  const OutputKey* open = nullptr;
  size_t value_begin = 0;
  const auto close = [&](size_t end) {
    if (open == nullptr || open->field == kFieldCount) return;
    each(open->field, trim(text.substr(value_begin, end - value_begin)));
  };
  for (size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    const size_t begin = key_start(text, at);
    if (begin == std::string_view::npos) continue;
    const std::string_view key = text.substr(begin, at - begin);
    const auto* row = std::find_if(std::begin(kOutputKeys), std::end(kOutputKeys),
                                   [&](const OutputKey& known) { return known.key == key; });
    if (row == std::end(kOutputKeys)) continue;
    close(begin);
    open = row;
    value_begin = at + 1;
  }
  close(text.ends_with(')') ? text.size() - 1 : text.size());
}

struct Remote {
  std::string_view ip;
  std::string_view port;
};

/// The server's side of "10.0.0.2:41234->1.2.3.4:3333"; IPv6 is written without brackets.
std::optional<Remote> remote_of(std::string_view connection) {
  const size_t arrow = connection.find("->");
  if (arrow == std::string_view::npos) return std::nullopt;
  const std::string_view server = connection.substr(arrow + 2);
  const size_t colon = server.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const Remote remote{server.substr(0, colon), server.substr(colon + 1)};
  if (!parse_int<uint16_t>(remote.port)) return std::nullopt;
  return remote;
}

class FalcoDecoder final : public Decoder {
 public:
  explicit FalcoDecoder(const event::Schema& schema) : walker_(schema), slots_(schema, kPaths) {}

  Outcome decode(const RawRecord& record, Workbench& bench, Sink& sink) override {
    Fields& fields = bench.fields();
    const std::string_view damage = walker_.walk(record.bytes, bench.parser(), fields);
    if (!damage.empty()) return Outcome::rejected(damage);
    const auto text = [&](Field field) { return this->text(fields, field); };
    if (text(kRule).empty() || text(kPriority).empty()) return Outcome::not_mine();
    if (text(kRule).starts_with("Falco internal:")) {
      return Outcome::skipped(text(kRule).find("drop") == std::string_view::npos
                                  ? "Falco internal message"
                                  : "Falco internal message: events were lost");
    }
    auto time = parse_time(text(kTime));
    if (!time) time = parse_time(text(kEventTime));
    if (!time) return Outcome::rejected("time is missing or not a time");
    complete(fields);

    event::Event event;
    event.ref = {record.stream->source, record.offset};
    event.key = hash128(record.bytes);
    event.record_id = text(kUuid);
    event.time = event.end = *time;
    event.account = record.stream->account_hint;
    event.region = record.stream->region_hint;
    event.host = text(kHost);
    if (text(kContainer) != "host") event.container = text(kContainer);
    event.image = image(fields, bench.arena());
    event.pod = joined(text(kNamespace), '/', text(kPod), bench.arena());
    event.finding = finding(fields, *time);
    event.logsources = kAlertBit;
    if (text(kSource).empty() || text(kSource).starts_with("syscall")) {
      if (has_process(fields)) {
        event.logsources |= kProcessBit;
        event.process = process(fields);
      }
      if (!finding_.remote_ip.empty()) event.logsources |= kConnectionBit;
      event.connection = connection(fields);
    }
    sink.emit(event, fields);
    return Outcome::decoded();
  }

 private:
  /// "<NA>" is how Falco writes a field that does not apply.
  std::string_view text(const Fields& fields, Field field) const {
    const std::string_view value = fields.text(slots_[field]);
    return value == "<NA>" ? std::string_view{} : value;
  }

  void add_missing(Fields& fields, Field field, std::string_view value) const {
    if (fields.has(slots_[field]) || value.empty() || value == "<NA>") return;
    fields.add(slots_[field], Value::Type::kString, value);
  }

  /// Fields that the alert holds only inside its output text or inside fd.name.
  void complete(Fields& fields) const {
    if (!has_process(fields) && !fields.has(slots_[kConnection])) {
      for_each_output_pair(text(fields, kOutput), [&](Field field, std::string_view value) {
        add_missing(fields, field, value);
      });
    }
    if (const auto remote = remote_of(text(fields, kConnection))) {
      if (!fields.has(slots_[kServerIp])) add_missing(fields, kRemoteIp, remote->ip);
      if (!fields.has(slots_[kServerPort])) add_missing(fields, kRemotePort, remote->port);
    }
  }

  bool has_process(const Fields& fields) const {
    return !text(fields, kProcName).empty() || !text(fields, kExePath).empty() ||
           !text(fields, kExe).empty() || !text(fields, kCommandLine).empty();
  }

  /// `first`, `between`, `second` in one text; `second` alone never.
  static std::string_view joined(std::string_view first, char between, std::string_view second,
                                 Arena& arena) {
    if (first.empty() || second.empty()) return {};
    char* place = arena.allocate(first.size() + 1 + second.size());
    std::memcpy(place, first.data(), first.size());
    place[first.size()] = between;
    std::memcpy(place + first.size() + 1, second.data(), second.size());
    return {place, first.size() + 1 + second.size()};
  }

  std::string_view image(const Fields& fields, Arena& arena) const {
    const std::string_view tagged =
        joined(text(fields, kImageRepository), ':', text(fields, kImageTag), arena);
    if (!tagged.empty()) return tagged;
    const std::string_view repository = text(fields, kImageRepository);
    return repository.empty() ? text(fields, kImage) : repository;
  }

  const event::Finding* finding(const Fields& fields, Time time) {
    finding_ = event::Finding{};
    finding_.product = "falco";
    finding_.type = finding_.title = text(fields, kRule);
    finding_.severity = severity_of(text(fields, kPriority));
    finding_.first_seen = finding_.last_seen = time;
    const bool has_remote = !text(fields, kRemoteIp).empty();
    finding_.remote_ip = text(fields, has_remote ? kRemoteIp : kServerIp);
    const std::string_view remote_port = text(fields, kRemotePort);
    finding_.remote_port =
        parse_int<uint16_t>(remote_port.empty() ? text(fields, kServerPort) : remote_port)
            .value_or(0);
    finding_.domain = text(fields, kServerName);
    finding_.process_path = path(fields);
    return &finding_;
  }

  std::string_view path(const Fields& fields) const {
    const std::string_view path = text(fields, kExePath);
    if (!path.empty()) return path;
    const std::string_view exe = text(fields, kExe);  // argv[0]: a path only when it has a slash
    return exe.find('/') == std::string_view::npos ? std::string_view{} : exe;
  }

  const event::Process* process(const Fields& fields) {
    process_ = event::Process{};
    process_.path = path(fields);
    process_.name = text(fields, kProcName);
    process_.command_line = text(fields, kCommandLine);
    process_.parent_path = text(fields, kParentPath);
    process_.user = text(fields, kUser);
    process_.working_directory = text(fields, kDirectory);
    process_.pid = parse_int(text(fields, kPid)).value_or(0);
    process_.parent_pid = parse_int(text(fields, kParentPid)).value_or(0);
    process_.started = text(fields, kEventType).starts_with("execve");
    return &process_;
  }

  /// Nothing when the other end connected to this machine, and nothing for UDP, which connects
  /// nothing.
  const event::Connection* connection(const Fields& fields) {
    using Outcome = event::Connection::Outcome;
    if (finding_.remote_ip.empty() && finding_.domain.empty()) return nullptr;
    const std::string_view call = text(fields, kEventType);
    if (call.starts_with("accept") || text(fields, kTransport) == "udp") return nullptr;
    if (is_served_here(fields)) return nullptr;
    connection_ = event::Connection{};
    connection_.remote_ip = finding_.remote_ip;
    connection_.remote_name = finding_.domain;
    connection_.remote_port = finding_.remote_port;
    if (call != "connect") return &connection_;  // the result is that of another call
    const std::string_view result = text(fields, kEventResult);
    connection_.outcome = connect_outcome(result.empty() ? text(fields, kEventRawResult) : result);
    const bool tcp = text(fields, kTransport) == "tcp";
    if (connection_.outcome == Outcome::kEstablished && !tcp)
      connection_.outcome = Outcome::kUnknown;
    return &connection_;
  }

  /// True where the server's end is this machine's.
  bool is_served_here(const Fields& fields) const {
    const std::string_view remote = text(fields, kRemoteIp);
    if (remote.empty()) return false;
    const auto named = remote_of(text(fields, kConnection));
    const std::string_view server = text(fields, kServerIp);
    return text(fields, kClientIp) == remote || (named && named->ip != remote) ||
           (!server.empty() && server != remote);
  }

  JsonWalker walker_;
  FieldSlots<kFieldCount> slots_;
  event::Finding finding_;
  event::Process process_;
  event::Connection connection_;
};

void resolve_field(std::string_view sigma_field, std::vector<std::string>& paths) {
  for (const SigmaName& row : kSigmaNames) {
    if (row.name != sigma_field) continue;
    paths.emplace_back(kPaths[row.first]);
    if (row.second != row.first) paths.emplace_back(kPaths[row.second]);
    return;
  }
  paths.emplace_back(sigma_field);
}

constexpr std::string_view kTellKeys[] = {"rule"};
constexpr std::string_view kSureKeys[] = {"rule", "priority", "time", "output"};

}  // namespace

const Format kFalco = {
    .name = "falco",
    .title = "Falco alerts",
    .logsources = kLogsources,
    .looks_like_json =
        [](const JsonShape& shape) {
          return shape.is_string("rule") && shape.is_string("priority") && shape.has("time") &&
                 (shape.is_object("output_fields") || shape.is_string("output"));
        },
    .tell_keys = kTellKeys,
    .sure_keys = kSureKeys,
    .declare_fields =
        [](event::Schema& schema) {
          for (std::string_view path : kPaths)
            schema.add(path);
        },
    .resolve_field = resolve_field,
    .make_decoder = [](const event::Schema& schema) -> std::unique_ptr<Decoder> {
      return std::make_unique<FalcoDecoder>(schema);
    },
    .believed_when_printed = true,
};

}  // namespace davy::decode
