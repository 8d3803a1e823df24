// SPDX-License-Identifier: Apache-2.0
// A table of processes as `ps` or `top -b` prints it, whatever its columns.
//
// Columns are told by the header, the command takes the words that no other column needs. Kernel
// threads are left out; what only looks like one (memory, or a parent that is not kthreadd) is
// kept.
#pragma once

#include <array>
#include <functional>
#include <string_view>
#include <vector>

#include "davy/decode/format.h"

namespace davy::decode {

/// True for the header line of such a table.
bool is_process_header(std::string_view line);

/// True when one of the lines is such a header.
bool has_process_table(std::string_view text);

class ProcessListing {
 public:
  /// Rules may ask for the columns by name and for Image, CommandLine, ProcessId, ParentProcessId
  /// and User.
  explicit ProcessListing(const event::Schema& schema);

  /// Called for each process with the line it stands on, counted from 0.
  using Each =
      std::function<void(const event::Process& process, const event::Fields& fields, size_t line)>;

  /// Reads every table in `text`; returns the number of processes. `base` holds fields of the
  /// record around the table, which each process gets too; may be null.
  size_t read(std::string_view text, const event::Fields* base, const Each& each);

 private:
  /// What a column tells; kOther is only for rules.
  enum class Column : uint8_t {
    kOther,
    kUser,
    kPid,
    kParent,
    kCpu,
    kCpuTime,
    kResident,
    kVirtual,
    kStarted,
    kName,
    kCommand,
  };
  struct HeaderName {
    std::string_view name;
    Column column;
  };
  static const HeaderName kHeaderNames[];
  enum Derived : size_t {
    kImage,
    kCommandLine,
    kProcessId,
    kParentProcessId,
    kUser,
    kDerivedCount
  };
  struct Exe {
    int64_t pid;
    std::string_view path;
  };

  void read_header(std::string_view line);
  void read_exe_section(std::string_view text);
  bool read_row(std::string_view line);
  bool cut_row(std::string_view line);
  void interpret(size_t column, std::string_view cell);
  bool is_kernel_thread() const;
  void name_executable();
  void fill(const event::Fields* base);

  const event::Schema& schema_;
  std::array<event::Slot, kDerivedCount> derived_{};
  std::vector<std::string_view> names_;
  std::vector<Column> columns_;
  std::vector<event::Slot> slots_;  ///< of the columns
  std::vector<std::string_view> cells_;
  std::vector<Exe> exes_;
  size_t command_ = 0;  ///< index of the free-text column
  event::Fields fields_;
  event::Process process_;
  std::string_view image_, pid_, parent_;
  bool has_memory_ = false;   ///< the table tells memory
  bool uses_memory_ = false;  ///< this process has some
  bool has_parent_ = false;
};

}  // namespace davy::decode
