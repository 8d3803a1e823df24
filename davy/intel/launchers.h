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

/// curl, wget, browsers: a web address they are given is read, not mined at. A program elsewhere
/// than in the system's folders only bears the name.
bool fetches_pages(std::string_view executable);

/// Written without a path, or in a folder where packages put programs.
bool is_from_system(std::string_view executable);

/// docker, podman, kubectl: their words may name an image that is being started.
bool starts_containers(const Command& command, size_t program);

}  // namespace davy::intel
