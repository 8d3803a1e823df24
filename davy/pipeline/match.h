// SPDX-License-Identifier: Apache-2.0
// Sigma rules over logs, match by match, for `davy match`. One thread: lines come in input order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "davy/sigma/rule_set.h"
#include "davy/source/input.h"

namespace davy::pipeline {

struct MatchOptions {
  bool with_event = false;  ///< put the raw record into each line
};

/// A record that could not be decoded.
struct RejectedPlace {
  std::string path;
  uint64_t offset = 0;      ///< in the stream, after decompression
  uint64_t line = 0;        ///< from 1; 0 when it is not known
  std::string_view reason;  ///< a literal
};

/// Rejected records shown one by one, per stream and in all; the rest are counted.
inline constexpr size_t kRejectsShownPerStream = 5;
inline constexpr size_t kRejectsShown = 20;

struct MatchReport {
  uint64_t sources = 0;  ///< streams opened
  uint64_t events = 0;
  uint64_t rejected = 0;
  uint64_t matches = 0;
  std::vector<RejectedPlace> rejected_places;  ///< the first of them
  std::vector<std::string> problems;           ///< places that could not be read, in words
  std::vector<std::string> notes;              ///< what correlations could not take into account
  /// No record is of the logsource of any rule: the logsources the records have, else empty.
  std::string unasked_logsources;
};

/// Calls `write` with one JSON line per match: {"rule","title","level","time","source","offset",
/// "record_id"[,"event"]}, then one per correlation match with its group and members. Stops early
/// when `write` returns false (a closed pipe).
MatchReport match(const std::vector<std::string>& places, const sigma::RuleSet& rules,
                  const MatchOptions& options, source::Progress& progress,
                  const std::function<bool(std::string_view)>& write);

}  // namespace davy::pipeline
