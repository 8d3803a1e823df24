// SPDX-License-Identifier: Apache-2.0
// What a line of text begins with, where JSON and text stand in one stream: a JSON value, or what a
// shipper put before one.
//
//   2024-03-04T12:00:00.000Z {"eventVersion":…            CloudWatch Logs, exported or tailed
//   2024-03-04T12:00:00.123456789Z stdout F {"rule":…     container runtime (CRI)
//   Mar  4 12:00:00 host falco[123]: {"rule":…            syslog, with or without <priority>
#pragma once

#include <cstddef>
#include <string_view>

namespace davy::decode {

enum class JsonStart {
  kNo,
  kYes,
  kUndecided,  ///< the text ends before it can be told
};

/// Whether `text` begins with an object that has a key, or with an array of objects. More than
/// blanks between the bracket and the next token tell at once.
JsonStart json_start(std::string_view text);

/// How many bytes of `line` a shipper put before the JSON object that follows; 0 when it begins
/// otherwise.
size_t json_prefix(std::string_view line);

/// As many bytes before a record as is_head_of_printed needs: the blanks around the words count.
inline constexpr size_t kPrintedHead = 16;
/// Whether what follows `before` was printed by a container: its runtime's head ends there.
bool is_head_of_printed(std::string_view before);

/// What a line without JSON is that a shipper still put its head on.
enum class Remnant {
  kNone,
  kEmpty,  ///< a time and no message
  kPart,   ///< part of a line that the container runtime split
};
Remnant remnant_of(std::string_view line);

}  // namespace davy::decode
