// SPDX-License-Identifier: Apache-2.0
// Which word of a command is the program that really runs, behind sudo, nohup, sh -c and the like.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "davy/intel/shell_words.h"

namespace davy::intel {

/// What stands in front of the program, and the program.
struct Invocation {
  size_t program = 0;             ///< index of the word; the command's size when there is none
  std::string_view assumed_name;  ///< NAME of `exec -a NAME program`
  bool runs_text = false;         ///< quoted words may be commands in turn (shells, ssh, python -c)
};
Invocation find_program(const Command& command);

/// Programs that search, show, fetch, copy or delete: what they name is not running.
bool only_mentions(std::string_view program_name);

/// echo, printf: what they name stands in a text.
bool only_writes(std::string_view program_name);

/// A shell, cron or at without a command of its own: the text it is given is run. xargs makes it
/// the arguments of its program.
bool runs_input(const Command& command);

/// True where `>` or tee names a file that cron, systemd, the boot or the next shell reads.
bool fills_start_file(const Command& command);

/// NAME=value before a command.
bool is_assignment(std::string_view word);

/// curl, wget, browsers: a web address they are given is read, not mined at. A program elsewhere
/// than in the system's folders only bears the name.
bool fetches_pages(std::string_view executable);

/// Written without a path, or in a folder where packages put programs.
bool is_from_system(std::string_view executable);

/// The image that docker, podman, nerdctl, ctr or kubectl is told to start, or empty. What follows
/// it is the container's own command.
std::string_view started_image(const Command& command, size_t program);

}  // namespace davy::intel
