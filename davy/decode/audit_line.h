// SPDX-License-Identifier: Apache-2.0
// One line of an audit log taken apart: head, pairs, and the encodings of values.
//
//   AuditLine line;
//   if (read_audit_line(text, line))
//     for_each_audit_pair(line.body, [](std::string_view key, AuditValue value) { … });
#pragma once

#include <functional>
#include <string_view>

#include "davy/base/arena.h"
#include "davy/base/time.h"

namespace davy::decode {

struct AuditLine {
  std::string_view node;    ///< "node=…" before the type; empty when the log is of one host
  std::string_view type;    ///< "SYSCALL"
  std::string_view stamp;   ///< "audit(1492752522.985:8972)"
  std::string_view serial;  ///< "8972"
  Time time;
  std::string_view body;  ///< what follows the stamp
};

/// False when `text` is not an audit line, or has no time and serial.
bool read_audit_line(std::string_view text, AuditLine& line);

struct AuditValue {
  std::string_view text;  ///< without quotes
  bool quoted = false;
  /// "(null)" and "?" stand for nothing.
  bool missing() const { return !quoted && (text.empty() || text == "(null)" || text == "?"); }
};

/// Calls `each` for every key=value, in order. Looks into msg='…' and into SADDR={ … }, and reads
/// what log_format=ENRICHED appends after the byte 0x1d.
void for_each_audit_pair(std::string_view body,
                         const std::function<void(std::string_view key, AuditValue value)>& each);

/// The bytes that `hex` stands for, in `arena`; `hex` itself when it is not pairs of hex digits.
std::string_view decode_audit_hex(std::string_view hex, Arena& arena);

/// True for keys whose unquoted values are hex: text that a user could choose.
bool is_untrusted_audit_key(std::string_view type, std::string_view key);

struct AuditAddress {
  std::string_view ip;    ///< empty unless the family is IPv4 or IPv6
  std::string_view port;  ///< decimal
};
AuditAddress decode_audit_address(std::string_view saddr, Arena& arena);

}  // namespace davy::decode
