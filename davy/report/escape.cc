// SPDX-License-Identifier: Apache-2.0
#include "davy/report/escape.h"

#include <algorithm>
#include <array>

#include "davy/base/text.h"
#include "davy/base/utf8.h"
#include "davy/report/utf8.h"

namespace davy::report {
namespace {

struct Replacement {
  char from;
  std::string_view to;
};

// In alphabetical order of effect: entities where a backslash would not stop HTML, backslashes
// else.
constexpr Replacement kHtml[] = {
    {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"},
};
constexpr Replacement kMarkdown[] = {
    {'&', "&amp;"},
    {'<', "&lt;"},
    {'>', "&gt;"},
    {'\\', "\\\\"},
    {'`', "\\`"},
    {'*', "\\*"},
    {'[', "\\["},
    {']', "\\]"},

    {'|', "\\|"},
    {'~', "\\~"},
    {'#', "\\#"},
    // An e-mail address or @name would become a link or a mention even behind a backslash.
    {'@', "\\[@\\]"},
};

template <size_t N>
const Replacement* find_replacement(const Replacement (&table)[N], char c) {
  const auto* found = std::find_if(std::begin(table), std::end(table),
                                   [c](const Replacement& r) { return r.from == c; });
  return found == std::end(table) ? nullptr : found;
}

bool is_word(char c) {
  return is_ascii_alpha(c) || is_ascii_digit(c);
}
bool is_label(char c) {
  return is_word(c) || c == '-';
}

/// Starts of a block in Markdown: "# ", "- ", "1. ", "=".
bool opens_block(std::string_view text) {
  if (text.empty()) return false;
  if (std::string_view("-+=").find(text[0]) != std::string_view::npos) return true;
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return digits > 0 && digits < text.size() && (text[digits] == '.' || text[digits] == ')');
}

/// Length of the dotted quad at the start of `text`, or 0.
size_t ipv4_length(std::string_view text, std::array<int, 4>& octets) {
  size_t at = 0;
  for (size_t part = 0; part < 4; ++part) {
    const size_t start = at;
    while (at < text.size() && is_ascii_digit(text[at]))
      ++at;
    const auto value = parse_int<int>(text.substr(start, at - start));
    if (at - start > 3 || !value || *value > 255) return 0;
    octets[part] = *value;
    if (part == 3) break;
    if (at >= text.size() || text[at] != '.') return 0;
    ++at;
  }
  const bool goes_on = at < text.size() &&
                       (is_label(text[at]) ||
                        (text[at] == '.' && at + 1 < text.size() && is_ascii_digit(text[at + 1])));
  return goes_on ? 0 : at;
}

/// Addresses of one's own networks are no danger and are easier to read as they are.
bool is_private(const std::array<int, 4>& ip) {
  return ip[0] == 10 || ip[0] == 127 || ip[0] == 0 || (ip[0] == 192 && ip[1] == 168) ||
         (ip[0] == 172 && ip[1] >= 16 && ip[1] < 32) || (ip[0] == 169 && ip[1] == 254) ||
         (ip[0] == 100 && ip[1] >= 64 && ip[1] < 128);
}

/// "pool.example" -> "pool[.]example", "1.2.3.4" -> "1.2.3[.]4".
std::string bracket_last_dot(std::string_view name) {
  std::string safe(name);
  if (const size_t dot = safe.rfind('.'); dot != std::string::npos) safe.replace(dot, 1, "[.]");
  return safe;
}

/// The end of a URL scheme that starts at `at` ("://" at the result), or 0.
size_t scheme_end(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && (is_word(text[end]) || text[end] == '+'))
    ++end;
  return end > at && text.substr(end, 3) == "://" ? end : 0;
}

/// The host name at the start of a domain or URL.
std::string_view host_of(std::string_view value) {
  if (const size_t scheme = scheme_end(value, 0); scheme > 0) value.remove_prefix(scheme + 3);
  size_t end = 0;
  while (end < value.size() && (is_label(value[end]) || value[end] == '.'))
    ++end;
  while (end > 0 && value[end - 1] == '.')
    --end;
  return value.substr(0, end);
}

const std::string* name_at(std::string_view text, size_t at,
                           const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name.empty()) continue;
    const std::string_view here = text.substr(at, name.size());
    if (!equals_ignore_case(here, name)) continue;
    const size_t end = at + name.size();
    if (end < text.size() && is_label(text[end])) continue;
    if (end + 1 < text.size() && text[end] == '.' && is_label(text[end + 1])) continue;
    return &name;
  }
  return nullptr;
}

}  // namespace

std::string escape_terminal(std::string_view text, size_t max_bytes) {
  const bool cut = text.size() > max_bytes;
  text = start_of(text, max_bytes);
  std::string safe = printable(text, text.size());
  if (cut) safe += "\u2026";
  return safe;
}

std::string escape_html(std::string_view text) {
  std::string safe;
  for (const char c : escape_terminal(text)) {
    if (const Replacement* r = find_replacement(kHtml, c)) {
      safe += r->to;
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string escape_markdown(std::string_view untrusted) {
  const std::string text = escape_terminal(trim(untrusted));
  std::string safe = opens_block(text) && !is_ascii_digit(text[0]) ? "\\" : "";
  bool in_ordinal = opens_block(text) && is_ascii_digit(text[0]);
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char before = i > 0 ? text[i - 1] : ' ';
    const char after = i + 1 < text.size() ? text[i + 1] : ' ';
    if (in_ordinal && !is_ascii_digit(c)) {  // "1. " would start a list
      safe += '\\';
      in_ordinal = false;
    }
    if (const Replacement* r = find_replacement(kMarkdown, c)) {
      safe += r->to;
    } else if (c == '_' && !(is_word(before) && is_word(after))) {
      safe += "\\_";  // inside a word an underscore is no emphasis
    } else if (c == '$' && !is_ascii_digit(after)) {
      safe += "\\$";  // a formula on some sites; "$15" is money
    } else if (c == ':' && after == '/') {
      safe += "\\:";
    } else if (c == '.' && i >= 3 &&
               equals_ignore_case(std::string_view(text).substr(i - 3, 3), "www")) {
      safe += "\\.";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string markdown_code(std::string_view untrusted) {
  std::string text = escape_terminal(untrusted);
  if (text.empty()) return "";
  size_t longest = 0;
  size_t run = 0;
  std::string body;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
    if (c == '|') body += '\\';  // tables are cut before code spans are read
    body += c;
  }
  const std::string fence(longest + 1, '`');
  const bool touches = body.front() == '`' || body.back() == '`';
  return touches ? fence + ' ' + body + ' ' + fence : fence + body + fence;
}

std::string escape_csv(std::string_view untrusted) {
  std::string text = escape_terminal(untrusted);
  // Spreadsheets trim blanks before they look for a formula.
  const std::string_view start = trim(text);
  if (!start.empty() && std::string_view("=+-@|%").find(start[0]) != std::string_view::npos) {
    text.insert(0, 1, '\'');
  }
  if (text.find_first_of(",\"\r\n;") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text)
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = next_code_point(text);
    valid += point.valid ? text.substr(0, point.bytes) : std::string_view("\ufffd");
    text.remove_prefix(point.bytes);
  }
  return valid;
}

std::vector<std::string> defang_names(const incident::Incident& incident) {
  std::vector<std::string> names;
  const auto add = [&names](std::string_view value) {
    const std::string_view name = host_of(value);
    if (name.find('.') == std::string_view::npos) return;
    if (!is_ascii_digit(name.back())) names.emplace_back(name);  // addresses are told by their form
  };
  for (const detect::Indicator& indicator : incident.indicators) {
    if (detect::is_remote(indicator.type)) add(indicator.value);
  }
  for (const event::Entity& entity : incident.entities) {
    if (entity.type == event::EntityType::kDomain) add(entity.id);
  }
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string defang(std::string_view text, const std::vector<std::string>& names) {
  std::string safe;
  for (size_t i = 0; i < text.size();) {
    const bool starts_word = i == 0 || !is_word(text[i - 1]);
    if (starts_word) {
      if (const size_t end = scheme_end(text, i); end != 0) {
        const std::string_view scheme = text.substr(i, end - i);
        const bool is_http =
            equals_ignore_case(scheme, "http") || equals_ignore_case(scheme, "https");
        safe += is_http ? "hxxp" + std::string(scheme.substr(4)) : std::string(scheme);
        safe += "[:]//";
        i = end + 3;
        continue;
      }
      std::array<int, 4> octets{};
      const bool inside_number = i > 0 && text[i - 1] == '.';
      if (const size_t length = inside_number ? 0 : ipv4_length(text.substr(i), octets);
          length > 0) {
        const std::string_view ip = text.substr(i, length);
        safe += is_private(octets) ? std::string(ip) : bracket_last_dot(ip);
        i += length;
        continue;
      }
      const bool starts_label = i == 0 || !is_label(text[i - 1]);
      if (const std::string* name = starts_label ? name_at(text, i, names) : nullptr) {
        safe += bracket_last_dot(text.substr(i, name->size()));
        i += name->size();
        continue;
      }
    }
    safe += text[i++];
  }
  return safe;
}

std::string defang(const detect::Indicator& indicator) {
  if (!detect::is_remote(indicator.type)) return indicator.value;
  return defang(indicator.value, {std::string(host_of(indicator.value))});
}

}  // namespace davy::report
