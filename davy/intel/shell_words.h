// SPDX-License-Identifier: Apache-2.0
// Splits a command line, as logs write it, into simple commands and their words. Logs quote freely:
// shell text, joined argument vectors and JSON arrays (["sh","-c","…"]) are all understood. Views
// are into the text; nothing is unescaped.
#pragma once

#include <string_view>
#include <vector>

namespace davy::intel {

struct Word {
  std::string_view text;  ///< without surrounding quotes
  bool quoted = false;
};
using Command = std::vector<Word>;

/// Commands in order, none empty; at most 4096 words are read.
std::vector<Command> split_commands(std::string_view text);

}  // namespace davy::intel
