// SPDX-License-Identifier: Apache-2.0
// Payloads of an Event that a host's own records tell: its programs, where they connect, and what
// is changed on it. Views, as everywhere in an Event.
#pragma once

#include <cstdint>
#include <string_view>

#include "davy/base/time.h"

namespace davy::event {

/// A process seen running or starting.
struct Process {
  std::string_view path;  ///< executable path; empty when only a name is known
  std::string_view name;
  std::string_view command_line;
  std::string_view parent_path;
  std::string_view user;
  std::string_view sha256;
  std::string_view working_directory;
  int64_t pid = 0;
  int64_t parent_pid = 0;
  double cpu_percent = -1;  ///< -1: the record does not say
  DurationNs cpu_time = 0;  ///< used since it started; 0: the record does not say
  uint64_t resident_bytes = 0;
  bool started = false;  ///< a start event; false: seen in a listing
};

/// A program on a host that connects to another machine, as the host saw it.
struct Connection {
  enum class Outcome : uint8_t { kUnknown, kEstablished, kFailed };
  std::string_view remote_ip;
  std::string_view remote_name;  ///< where the record names the remote
  uint16_t remote_port = 0;
  Outcome outcome = Outcome::kUnknown;
};

/// A change on a host that is not a process: user added, key added, sudoers changed, login.
struct HostChange {
  enum class What : uint8_t {
    kLogin,
    kLoginFailed,
    kUserAdded,
    kGroupChanged,
    kFileChanged,
    kServiceStarted,
    kAuditTampered
  };
  What what = What::kFileChanged;
  std::string_view subject;  ///< user, path or unit
  std::string_view source_ip;
};

}  // namespace davy::event
