// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/host_logs.h"

#include <algorithm>

#include <fmt/format.h>

#include "davy/base/text.h"
#include "davy/simulate/json_text.h"

namespace davy::simulate {
namespace {

std::string hex_bytes(std::string_view bytes) {
  std::string text;
  for (const char c : bytes)
    text += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return text;
}

/// auditd quotes plain values and writes what holds spaces or quotes in hex.
std::string audit_value(std::string_view value) {
  const bool plain = std::all_of(value.begin(), value.end(),
                                 [](char c) { return c > ' ' && c != '"' && c < 0x7f; });
  return plain ? fmt::format("\"{}\"", value) : hex_bytes(value);
}

std::string base_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

/// x86-64 system call numbers.
constexpr int kExecve = 59;
constexpr int kOpenat = 257;
constexpr int kConnect = 42;

std::string system_call(int number, int auid, int uid, int pid, std::string_view path,
                        std::string_view key) {
  return fmt::format(
      "arch=c000003e syscall={} success=yes exit=0 a0=55d0c8 a1=55d0f8 a2=55d1a8 a3=8 items=1 "
      "ppid={} pid={} auid={} uid={} gid={} euid={} suid={} fsuid={} egid={} sgid={} fsgid={} "
      "tty=pts0 ses=4 comm={} exe={} key=\"{}\"",
      number, pid - 1, pid, auid, uid, uid, uid, uid, uid, uid, uid, uid,
      audit_value(base_name(path).substr(0, 15)), audit_value(path), key);
}

}  // namespace

void add_listing(World& world, Rng& rng, const Machine& machine, Time time,
                 const std::vector<ListedProcess>& processes) {
  std::string output =
      "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n";
  for (const ListedProcess& one : processes) {
    output += fmt::format("{:<10} {:>5} {:>2}.{} {:>2}.{} {:>6} {:>5} {:<8} {:<4} {:<5} {:>6} {}\n",
                          one.user, one.pid, one.cpu_tenths / 10, one.cpu_tenths % 10,
                          one.memory_tenths / 10, one.memory_tenths % 10, one.resident_kib * 3,
                          one.resident_kib, "?", one.cpu_tenths > 500 ? "Sl" : "Ss", one.started,
                          fmt::format("{}:{:02}", one.cpu_tenths / 10, one.pid % 60), one.command);
  }
  const std::string text = Object()
                               .text("CommandId", rng.uuid())
                               .text("InstanceId", machine.id)
                               .text("DocumentName", "AWS-RunShellScript")
                               .text("DocumentVersion", "$DEFAULT")
                               .text("PluginName", "aws:runShellScript")
                               .number("ResponseCode", 0)
                               .text("ExecutionStartDateTime", to_rfc3339(time))
                               .text("ExecutionElapsedTime", "PT0.081S")
                               .text("ExecutionEndDateTime", to_rfc3339(time))
                               .text("Status", "Success")
                               .text("StatusDetails", "Success")
                               .text("StandardOutputContent", output)
                               .text("StandardErrorContent", "")
                               .done();
  std::string clock = to_clock(time);
  clock.erase(std::remove(clock.begin(), clock.end(), ':'), clock.end());
  world.documents.push_back({fmt::format("ssm/{}/{}/{}T{}Z.json", machine.network->account,
                                         machine.id, to_date(time), clock),
                             text + '\n'});
}

std::string started_on(Time day) {
  return std::string(month_name(day)) + to_date(day).substr(8);
}

std::vector<ListedProcess> ordinary_processes(Rng& rng, Time booted) {
  struct Row {
    std::string_view user;
    int pid;
    int64_t resident_kib;
    std::string_view command;
  };
  static constexpr Row kRows[] = {
      {"root", 1, 13112, "/sbin/init"},
      {"root", 2, 0, "[kthreadd]"},
      {"root", 14, 0, "[ksoftirqd/0]"},
      {"root", 31, 0, "[kworker/0:1H-kblockd]"},
      {"root", 88, 0, "[kswapd0]"},
      {"root", 412, 29876, "/lib/systemd/systemd-journald"},
      {"root", 455, 6320, "/lib/systemd/systemd-udevd"},
      {"systemd+", 602, 12880, "/lib/systemd/systemd-resolved"},
      {"message+", 655, 5012, "@dbus-daemon --system --address=systemd: --nofork --nopidfile"},
      {"root", 671, 19104, "/snap/amazon-ssm-agent/7983/amazon-ssm-agent"},
      {"syslog", 690, 6020, "/usr/sbin/rsyslogd -n -iNONE"},
      {"_chrony", 712, 3404, "/usr/sbin/chronyd -F 1"},
      {"root", 733, 9012, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"},
      {"root", 751, 48120, "/usr/bin/containerd"},
      {"dd-agent", 803, 121904,
       "/opt/datadog-agent/bin/agent/agent run -p /opt/datadog-agent/run/agent.pid"},
      {"root", 930, 82004,
       "/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"},
  };
  std::vector<ListedProcess> processes;
  for (const Row& row : kRows) {
    processes.push_back({std::string(row.user), row.pid, 1,
                         row.resident_kib > 40000 ? static_cast<int>(rng.below(14)) : 0,
                         static_cast<int>(row.resident_kib / 32000), row.resident_kib,
                         started_on(booted), std::string(row.command)});
  }
  return processes;
}

std::string AuditLog::stamp(Time time) {
  return fmt::format("audit({}.{:03}:{})", time.ns / kSecond, time.ns % kSecond / 1'000'000,
                     serial_);
}

void AuditLog::line(Time time, std::string_view type, std::string_view rest) {
  world_.audit.push_back(
      {time, machine_.network->account, machine_.network->region,
       fmt::format("node={} type={} msg={}: {}", machine_.name, type, stamp(time), rest)});
}

void AuditLog::program(Time time, int auid, int uid, std::string_view path,
                       const std::vector<std::string>& arguments) {
  ++serial_;
  line(time, "SYSCALL", system_call(kExecve, auid, uid, 20000 + serial_, path, "exec"));
  std::string execve = fmt::format("argc={}", arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    execve += fmt::format(" a{}={}", i, audit_value(arguments[i]));
  }
  line(time, "EXECVE", execve);
  line(time, "CWD", fmt::format("cwd=\"{}\"", path.starts_with("/tmp/") ? "/tmp" : "/root"));
  line(time, "PATH",
       fmt::format("item=0 name={} inode=262913 dev=103:01 mode=0100755 ouid=0 ogid=0 "
                   "rdev=00:00 nametype=NORMAL",
                   audit_value(path)));
  line(time, "PROCTITLE",
       "proctitle=" + hex_bytes(join(arguments, std::string_view("\0", 1))).substr(0, 256));
}

void AuditLog::write(Time time, int auid, std::string_view by, std::string_view path,
                     std::string_view key) {
  ++serial_;
  line(time, "SYSCALL", system_call(kOpenat, auid, 0, 20000 + serial_, by, key));
  line(time, "CWD", "cwd=\"/root\"");
  line(time, "PATH",
       fmt::format("item=0 name={} inode=263144 dev=103:01 mode=0100440 ouid=0 ogid=0 "
                   "rdev=00:00 nametype=CREATE",
                   audit_value(path)));
  line(time, "PROCTITLE", "proctitle=" + hex_bytes(by));
}

void AuditLog::connect(Time time, int auid, std::string_view path, std::string_view ip,
                       uint16_t port) {
  ++serial_;
  std::string address = fmt::format("0200{:04X}", port);
  for (const std::string_view octet : split(ip, '.')) {
    address += fmt::format("{:02X}", parse_int<int>(octet).value_or(0));
  }
  line(time, "SYSCALL", system_call(kConnect, auid, 0, 20000 + serial_, path, "connect"));
  line(time, "SOCKADDR", "saddr=" + address + "0000000000000000");
  line(time, "PROCTITLE", "proctitle=" + hex_bytes(path));
}

void AuditLog::login(Time time, int auid, std::string_view account, std::string_view ip,
                     bool accepted) {
  const std::string_view result = accepted ? "success" : "failed";
  ++serial_;
  line(time, "USER_AUTH",
       fmt::format("pid={} uid=0 auid=4294967295 ses=4294967295 msg='op=pubkey acct=\"{}\" "
                   "exe=\"/usr/sbin/sshd\" hostname=? addr={} terminal=ssh res={}'",
                   20000 + serial_, account, ip, result));
  ++serial_;
  line(time, "USER_LOGIN",
       fmt::format("pid={} uid=0 auid={} ses=4 msg='op=login acct=\"{}\" exe=\"/usr/sbin/sshd\" "
                   "hostname={} addr={} terminal=/dev/pts/0 res={}'",
                   20000 + serial_, auid, account, ip, ip, result));
}

void AuditLog::user_added(Time time, int auid, std::string_view account, int id) {
  ++serial_;
  line(time, "ADD_USER",
       fmt::format("pid={} uid=0 auid={} ses=4 msg='op=add-user acct=\"{}\" id={} "
                   "exe=\"/usr/sbin/useradd\" hostname=? addr=? terminal=pts/0 res=success'",
                   20000 + serial_, auid, account, id));
}

void add_falco(World& world, const Machine& machine, const FalcoAlert& alert) {
  std::string iso = to_rfc3339(alert.time);
  iso.pop_back();
  const std::string details =
      fmt::format("{} (command={} container={} image={} k8s.ns={} k8s.pod={})", alert.summary,
                  alert.command_line, alert.container, alert.image, alert.name_space, alert.pod);
  const std::string fields = Object()
                                 .text("container.id", alert.container)
                                 .text("container.image.repository", alert.image)
                                 .number("evt.time", alert.time.ns)
                                 .text("k8s.ns.name", alert.name_space)
                                 .text("k8s.pod.name", alert.pod)
                                 .text("proc.cmdline", alert.command_line)
                                 .text("proc.name", alert.process)
                                 .text("user.name", "root")
                                 .done();
  const std::string text =
      Object()
          .text("hostname", machine.name)
          .text("output",
                fmt::format("{}.000000000: {} {}", to_clock(alert.time), alert.priority, details))
          .raw("output_fields", fields)
          .text("priority", alert.priority)
          .text("rule", alert.rule)
          .text("source", "syscall")
          .raw("tags", R"(["container","maturity_stable"])")
          .text("time", iso + ".000000000Z")
          .done();
  world.falco.push_back({alert.time, machine.network->account, machine.network->region, text});
}

}  // namespace davy::simulate
