// SPDX-License-Identifier: Apache-2.0
// One audit event: what its lines (SYSCALL, EXECVE, PATH, …) say together.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "davy/base/arena.h"
#include "davy/decode/audit_line.h"
#include "davy/event/event.h"

namespace davy::decode {

/// The values that the event mapping reads, by the key they stand under; the first one counts.
struct AuditFacts {
  std::string_view arch, syscall, success, exit, register_0, register_1, register_2;
  std::string_view pid, parent_pid, login_uid, uid, user_name, login_name, name, exe, directory;
  std::string_view address, title;
  std::string_view account, id, group, remote, operation, result, unit, command, audit_enabled;
};

class AuditEvent {
 public:
  /// Forgets the previous event.
  void reset(const AuditLine& first);
  /// Takes in one pair of one line. `value` is decoded already.
  void add(const AuditLine& line, std::string_view key, std::string_view value);
  /// Draws the conclusions once all pairs are in; joined text is put in `arena`.
  void complete(Arena& arena);

  /// One argument of EXECVE, put together from its parts.
  struct Argument {
    uint32_t index;
    size_t arrival;  ///< orders the parts of one argument
    std::string_view text;
  };

  std::string_view node, stamp;
  Time time;
  AuditFacts facts;
  std::vector<std::string_view> types;    ///< of the lines, in order
  std::vector<Argument> arguments;        ///< ordered
  std::vector<std::string_view> written;  ///< paths of files opened for writing or created
  std::string_view system_call;           ///< "execve"; empty when Davy has no name for it
  std::string_view command_line;          ///< from EXECVE, else USER_CMD, else PROCTITLE
  std::string_view image;
  std::string_view user;  ///< name when the log is enriched, else the number
  AuditAddress remote;    ///< of connect
  bool is_exec = false;
  bool is_connect = false;

  /// What changed on the host, when that is what the event tells.
  bool change(event::HostChange& change) const;

 private:
  struct Path {
    std::string_view name, type;
  };
  void join_arguments(Arena& arena);
  void find_written(Arena& arena);
  std::string_view absolute(std::string_view path, Arena& arena) const;
  bool has_type(std::string_view type) const;

  std::vector<Path> paths_;
};

}  // namespace davy::decode
