// SPDX-License-Identifier: Apache-2.0
// Hostile log text made safe for the medium that shows it. Every renderer passes every string that
// did not come from its own source code through exactly one of these.
//
//   escape_html("<b>")                        "&lt;b&gt;"
//   escape_markdown("a|b")                    "a\|b"
//   defang("http://pool.example", names)      "hxxp[:]//pool[.]example"
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "davy/incident/incident.h"

namespace davy::report {

/// Longest piece of log text shown to a person, in bytes; the JSON reports carry all of it.
inline constexpr size_t kShownBytes = 1200;

/// For a terminal or a plain-text report: nothing in it moves the cursor, hides or reverses text.
/// Base for the other human media. Ends with an ellipsis when cut, never inside a character.
std::string escape_terminal(std::string_view text, size_t max_bytes = kShownBytes);

/// For HTML element content and quoted attribute values.
std::string escape_html(std::string_view text);

/// For running Markdown text, list items and table cells: opens no link, mention, HTML, emphasis,
/// formula or table column.
std::string escape_markdown(std::string_view text);

/// A Markdown code span that `text` cannot leave, also inside a table.
std::string markdown_code(std::string_view text);

/// One CSV field (RFC 4180) that a spreadsheet takes for text, never for a formula.
std::string escape_csv(std::string_view text);

/// Valid UTF-8: each invalid byte becomes U+FFFD.
std::string valid_utf8(std::string_view text);

/// Names of an incident that must not become links: its domains, without ports, longest first.
std::vector<std::string> defang_names(const incident::Incident& incident);

/// Takes the link out of running text: URL schemes ("hxxp[:]//"), public IPv4 addresses
/// ("185.143.221[.]89") and the given names on label boundaries ("pool[.]example").
std::string defang(std::string_view text, const std::vector<std::string>& names);

/// One whole indicator value; paths, hashes and wallets stay as they are.
std::string defang(const detect::Indicator& indicator);

}  // namespace davy::report
