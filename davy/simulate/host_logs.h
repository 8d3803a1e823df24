// SPDX-License-Identifier: Apache-2.0
// What hosts tell: process listings by Systems Manager, auditd records, Falco alerts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "davy/simulate/world.h"

namespace davy::simulate {

/// One line of a process listing.
struct ListedProcess {
  std::string user;
  int pid = 0, parent = 1;
  int cpu_tenths = 0, memory_tenths = 0;
  int64_t resident_kib = 0;
  std::string started;  ///< "Feb19" or "18:00"
  std::string command;
};

/// A Run Command result with the output of `ps aux`.
void add_listing(World& world, Rng& rng, const Machine& machine, Time time,
                 const std::vector<ListedProcess>& processes);

/// As `ps` writes the day a process was started: "Feb17".
std::string started_on(Time day);

/// What every Linux host of the estate runs since it was started.
std::vector<ListedProcess> ordinary_processes(Rng& rng, Time booted);

/// The audit daemon of one machine; serial numbers grow.
class AuditLog {
 public:
  AuditLog(World& world, const Machine& machine) : world_(world), machine_(machine) {}

  /// A program started by a person (`auid`) or a service: SYSCALL, EXECVE, CWD, PATH, PROCTITLE.
  void program(Time time, int auid, int uid, std::string_view path,
               const std::vector<std::string>& arguments);
  /// A file opened for writing under a watch; `key` is the watch's name.
  void write(Time time, int auid, std::string_view by, std::string_view path, std::string_view key);
  /// An outgoing TCP connection.
  void connect(Time time, int auid, std::string_view path, std::string_view ip, uint16_t port);
  /// USER_LOGIN by sshd, with USER_AUTH before it.
  void login(Time time, int auid, std::string_view account, std::string_view ip, bool accepted);
  /// ADD_USER.
  void user_added(Time time, int auid, std::string_view account, int id);

 private:
  void line(Time time, std::string_view type, std::string_view rest);
  std::string stamp(Time time);

  World& world_;
  const Machine& machine_;
  int serial_ = 4100;
};

struct FalcoAlert {
  Time time;
  std::string rule, priority, summary;
  std::string process, command_line, container, image, pod, name_space;
};
void add_falco(World& world, const Machine& machine, const FalcoAlert& alert);

}  // namespace davy::simulate
