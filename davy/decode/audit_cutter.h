// SPDX-License-Identifier: Apache-2.0
// Cuts an audit log into records that hold whole events.
//
// The kernel interleaves the lines of events. Two lines of one event at most kAuditWindow lines
// apart are put in one record, with all that stands between them; the decoder sorts that out. Where
// records end depends on the lines alone, not on how the log was cut into blocks.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "davy/decode/json_cutter.h"

namespace davy::decode {

/// Lines between two lines of one event, at most.
inline constexpr size_t kAuditWindow = 64;

/// Appends the records of `data` to `records`; returns how many bytes they cover. `last` says that
/// no more bytes will come. `data` must start where an earlier cut ended.
size_t cut_audit(std::string_view data, bool last, std::vector<Cut>& records);

/// The same up to the first line for which `leaves` is true; it is asked with the position of each
/// line that is no audit line, until it is. What stands before that line waits for nothing.
size_t cut_audit(std::string_view data, bool last, std::vector<Cut>& records,
                 const std::function<bool(size_t line)>& leaves);

}  // namespace davy::decode
