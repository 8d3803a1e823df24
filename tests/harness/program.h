// SPDX-License-Identifier: Apache-2.0
// Runs the built `davy` as a user would: arguments, standard input, what it wrote, how it ended.
//
//   const Ran ran = run_davy({"scan", folder.path(), "-o", "json"});
//   EXPECT_EQ(ran.exit_code, 1) << ran.err;
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace davy::tests {

struct Ran {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;      ///< 0 when it exited
  std::string out;
  std::string err;
  uint64_t peak_rss_bytes = 0;

  /// Standard output as JSON; the test fails when it is not.
  nlohmann::json json() const;
  bool says(std::string_view text) const { return err.find(text) != std::string::npos; }
};

/// Writes to the program's standard input; false when the program closed it.
using Writer = std::function<bool(std::string_view)>;
/// Called on a thread of its own; standard input ends when it returns.
using Feed = std::function<void(const Writer&)>;

/// Standard input is empty.
Ran run_davy(const std::vector<std::string>& arguments);
Ran run_davy(const std::vector<std::string>& arguments, const Feed& feed);
/// As `davy … | head`: reads `wanted` bytes of standard output, then closes it.
Ran run_davy_closing_output(const std::vector<std::string>& arguments, size_t wanted);
/// As `davy … > out_file`, which is there already.
Ran run_davy_into(const std::vector<std::string>& arguments, const char* out_file);

/// Feeds `text` in pieces of `piece` bytes.
Feed feed_text(std::string text, size_t piece = 4096);

/// The environment variable is set to something other than "" or "0".
bool asked_for(const char* variable);

}  // namespace davy::tests
