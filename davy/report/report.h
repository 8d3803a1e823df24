// SPDX-License-Identifier: Apache-2.0
// Everything a renderer may show: the finished scan as one value. Each renderer in this folder is a
// pure function from it to text; log text is hostile and is escaped by the renderer for its medium.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/incident/incident.h"

namespace davy::report {

/// A piece of input that did not become an event.
struct Rejected {
  uint64_t offset = 0;
  std::string reason;
};

/// One input stream (a file, an archive member, stdin).
struct SourceReport {
  std::string path;  ///< as given; archive members as "logs.zip!a/b.json"
  std::string
      format;  ///< format name, several joined by "+", "unknown" when nothing was recognised
  uint64_t records = 0;  ///< cut from the stream
  uint64_t events = 0;   ///< decoded
  uint64_t skipped = 0;  ///< recognised and left out on purpose (digests, NODATA, samples)
  std::map<std::string, uint64_t> skipped_by_reason;
  uint64_t rejected_count = 0;
  std::vector<Rejected> rejected;  ///< the first few, all counted above
  std::map<std::string, uint64_t> rejected_by_reason;
  uint64_t repaired = 0;  ///< records with bytes that are no text, replaced by U+FFFD and read
  uint64_t bytes = 0;     ///< after decompression
  Time first_time;
  Time last_time;
  std::string error;  ///< why the stream could not be read (to its end); empty when it was
};

struct Stats {
  double wall_s = 0;
  uint64_t bytes = 0;
  uint64_t records = 0;
  uint64_t events = 0;
  double events_per_s = 0;
  uint64_t peak_rss_bytes = 0;
};

struct ScanReport {
  std::vector<SourceReport> sources;          ///< in path order
  std::vector<detect::Detection> detections;  ///< in (time, id) order
  std::vector<incident::Incident> incidents;  ///< most severe first
  std::vector<incident::Incident> suppressed;
  std::map<std::string, std::string>
      rule_names;                  ///< of the detections' rule ids, where they have one
  std::vector<std::string> notes;  ///< degradations and load-report lines worth saying
  Stats stats;
};

enum class Color { kNever, kAlways };

struct TerminalOptions {
  Color color = Color::kNever;
  int width = 100;       ///< columns
  bool verbose = false;  ///< detections under each incident
};

std::string to_terminal(const ScanReport& report, const TerminalOptions& options);
/// `{"schema":"davy.scan/1",…}`, pretty-printed, exactly as in spec PRODUCT.
std::string to_json(const ScanReport& report);
/// One JSON object per line: each incident, then each detection, tagged by "type".
std::string to_jsonl(const ScanReport& report);
std::string to_markdown(const ScanReport& report);
/// One self-contained page with timeline and charts.
std::string to_html(const ScanReport& report);
/// The "Cryptomining Incident Response Report" layout of one incident.
std::string to_ir(const incident::Incident& incident, const ScanReport& report);
/// The same where there is none to report: what was looked at, and what that does not say.
std::string to_ir_without_incident(const ScanReport& report);

}  // namespace davy::report
