// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/audit_line.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <arpa/inet.h>

#include "davy/base/text.h"

namespace davy::decode {
namespace {

constexpr char kEnrichedMark = '\x1d';

bool is_key_char(char c) {
  return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_' || c == '-' || c == '[' || c == ']';
}

int hex_digit(char c) {
  if (is_ascii_digit(c)) return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// What may stand before "type=": nothing, the node, or the syslog head of audispd.
bool is_line_head(std::string_view head) {
  head = trim(head);
  return head.empty() || (head.starts_with("node=") && head.find(' ') == std::string_view::npos) ||
         head.find("audisp") != std::string_view::npos;
}

/// "1492752522.985" as a time.
bool read_stamp_time(std::string_view text, Time& time) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos || text.size() - dot - 1 > 9) return false;
  const auto seconds = parse_int<int64_t>(text.substr(0, dot));
  std::string_view digits = text.substr(dot + 1);
  if (!seconds || *seconds < 0 || *seconds >= kLatestReadable.ns / kSecond) return false;
  int64_t fraction = 0;
  for (int64_t unit = kSecond / 10; !digits.empty(); digits.remove_prefix(1), unit /= 10) {
    if (!is_ascii_digit(digits[0])) return false;
    fraction += unit * (digits[0] - '0');
  }
  time = {*seconds * kSecond + fraction};
  return true;
}

/// The end of an unquoted value that starts at `at`.
size_t bare_end(std::string_view body, size_t at) {
  while (at < body.size() && body[at] != ' ' && body[at] != kEnrichedMark && body[at] != '\'')
    ++at;
  return at;
}

}  // namespace

bool read_audit_line(std::string_view text, AuditLine& line) {
  constexpr std::string_view kStampMark = " msg=audit(";
  const size_t mark = text.find(kStampMark);
  if (mark == std::string_view::npos) return false;
  const size_t type = text.substr(0, mark).rfind("type=");
  if (type == std::string_view::npos) return false;
  const std::string_view head = text.substr(0, type);
  line.type = text.substr(type + 5, mark - type - 5);
  if (!is_line_head(head) || line.type.empty() || line.type.find(' ') != std::string_view::npos) {
    return false;
  }
  const size_t node = head.find("node=");
  line.node = node == std::string_view::npos ? std::string_view{} : trim(head.substr(node + 5));

  const size_t open = mark + kStampMark.size();
  const size_t close = text.find(')', open);
  if (close == std::string_view::npos) return false;
  line.stamp = text.substr(open - 6, close + 1 - (open - 6));
  const std::string_view inside = text.substr(open, close - open);
  const size_t colon = inside.find(':');
  if (colon == std::string_view::npos) return false;
  line.serial = inside.substr(colon + 1);
  if (!parse_int<uint64_t>(line.serial)) return false;
  line.body = text.substr(close + 1);
  return read_stamp_time(inside.substr(0, colon), line.time);
}

void for_each_audit_pair(std::string_view body,
                         const std::function<void(std::string_view key, AuditValue value)>& each) {
  size_t at = 0;
  size_t key_begin = 0;
  while (at < body.size()) {
    if (body[at] != '=') {
      if (!is_key_char(body[at])) key_begin = at + 1;
      ++at;
      continue;
    }
    const std::string_view key = body.substr(key_begin, at - key_begin);
    ++at;
    key_begin = at;
    if (key.empty() || at == body.size()) continue;
    // The value is a list of pairs itself: go on reading inside it.
    if (body[at] == '\'' || body[at] == '{') continue;
    if (body[at] == '"') {
      const size_t close = std::min(body.find('"', at + 1), body.size());
      each(key, {body.substr(at + 1, close - at - 1), true});
      at = std::min(close + 1, body.size());
    } else {
      const size_t end = bare_end(body, at);
      std::string_view value = body.substr(at, end - at);
      // Old records of user space list their pairs as "(hostname=?, addr=?)".
      if (value.ends_with(')') && !value.starts_with('(')) value.remove_suffix(1);
      if (value.ends_with(',')) value.remove_suffix(1);
      each(key, {value, false});
      at = end;
    }
    key_begin = at;
  }
}

std::string_view decode_audit_hex(std::string_view hex, Arena& arena) {
  const bool all_hex =
      std::all_of(hex.begin(), hex.end(), [](char c) { return hex_digit(c) >= 0; });
  if (hex.empty() || hex.size() % 2 != 0 || !all_hex) return hex;
  char* place = arena.allocate(hex.size() / 2);
  for (size_t i = 0; i < hex.size() / 2; ++i) {
    place[i] = static_cast<char>(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
  }
  return {place, hex.size() / 2};
}

bool is_untrusted_audit_key(std::string_view type, std::string_view key) {
  constexpr std::string_view kKeys[] = {"proctitle", "comm", "exe",      "cwd",  "name",
                                        "key",       "cmd",  "acct",     "grp",  "data",
                                        "path",      "dir",  "new-name", "file", "invalid_context"};
  if (type == "EXECVE") return key.starts_with('a') && key != "argc" && !key.ends_with("_len");
  return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

AuditAddress decode_audit_address(std::string_view saddr, Arena& arena) {
  const std::string_view bytes = decode_audit_hex(saddr, arena);
  if (bytes.size() == saddr.size() || bytes.size() < 4) return {};  // no hex
  const auto byte = [&](size_t i) { return static_cast<unsigned>(static_cast<uint8_t>(bytes[i])); };
  // The family is in the machine's byte order; audit records come from little-endian machines.
  const unsigned family = byte(0) | byte(1) << 8;
  const bool is_v4 = family == 2 && bytes.size() >= 8;
  const bool is_v6 = family == 10 && bytes.size() >= 24;
  if (!is_v4 && !is_v6) return {};
  // Programs that speak both write IPv4 as ::ffff:a.b.c.d.
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  const bool is_mapped = is_v6 && bytes.substr(8, kMapped.size()) == kMapped;
  const size_t begin = is_mapped ? 8 + kMapped.size() : is_v6 ? 8 : 4;
  char text[INET6_ADDRSTRLEN] = {};
  if (inet_ntop(is_v6 && !is_mapped ? AF_INET6 : AF_INET, bytes.data() + begin, text,
                sizeof text) == nullptr) {
    return {};
  }
  return {arena.copy(text), arena.copy(std::to_string(byte(2) << 8 | byte(3)))};
}

}  // namespace davy::decode
