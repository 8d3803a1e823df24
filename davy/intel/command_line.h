// SPDX-License-Identifier: Apache-2.0
// Reads a command line as a miner's: who runs, from where, with which options, for whose wallet.
// Only the program that runs counts by name; a file, user or search term called "xmrig" does not.
#pragma once

#include <string_view>
#include <vector>

#include "davy/intel/intel.h"
#include "davy/intel/shell_words.h"

namespace davy::intel {

/// Reads one command line; a fresh reader for each.
class CommandLineReader {
 public:
  explicit CommandLineReader(const Intel& intel) : intel_(intel) {}

  std::vector<CommandLineFinding> read(std::string_view path, std::string_view command_line);

 private:
  using What = CommandLineFinding::What;

  struct Pool {
    std::string_view url;
    std::string family;
    bool told = false;  ///< by an option that takes the pool
  };

  /// What one simple command has shown so far, for options that count only together.
  struct Context {
    bool miner_word = false;  ///< a miner's name, option or wallet
    bool user = false;
    bool password = false;
    bool paid_to = false;  ///< a wallet takes the place of both
    bool wallet = false;   ///< of any coin, also of those that people pay with
    bool fetches = false;  ///< the program reads web pages
    bool writes = false;   ///< the program only writes a text
    std::vector<Pool> pools;

    bool logs_in() const { return (user && password) || paid_to; }
  };

  void read_commands(std::string_view text, std::string_view path, int depth);
  /// `then` is the command behind it, or empty. False when the command only mentions what its
  /// arguments name.
  bool read_command(const Command& command, const Command& then, std::string_view path, int depth);
  bool tells_miner_options(const Command& command, size_t program) const;
  bool read_executable(std::string_view executable);
  void read_assumed_name(std::string_view name, std::string_view executable);
  void read_arguments(const Command& command, size_t program, Context& context);
  void read_word(const Command& command, size_t at, bool before_program, Context& context);
  void read_pools(const Command& command, size_t program, Context& context);
  void add_pool(Pool pool, Context& context);
  void read_encoded(std::string_view command_line);
  void add(What what, std::string_view text, std::string family);

  const Intel& intel_;
  std::vector<CommandLineFinding> findings_;
};

}  // namespace davy::intel
