// SPDX-License-Identifier: Apache-2.0
// The figures and sentences that every report for people shares, so that terminal, page and ticket
// say the same thing. The texts hold log text and are not escaped: the renderer does that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "davy/report/report.h"

namespace davy::report {

/// "?" where the amount is not established.
std::string usd_or_unknown(const std::optional<double>& amount);
/// "+31.4"; the sign is always there.
std::string points(double value);
using incident::whole_score;
/// "defense_evasion" -> "defense evasion".
std::string spaced(std::string_view name);
/// "a, b, c and 5 more"; a long item is cut.
std::string first_few(const std::vector<std::string>& items, size_t most);
/// "14:12" of the UTC day.
std::string hour_minute(Time t);
/// "2025-02-23 14:12:00 UTC", or "not known".
std::string moment(Time t);
/// "2025-02-23 14:12 to 14:41 UTC (29 min)"; the date is repeated only when it changes.
std::string span(Time first, Time last);

/// What a claim rests on in general, in one clause.
std::string_view claim_meaning(detect::Claim claim);
/// The claim and what it rests on in this incident.
std::string certainty(const incident::Incident& incident);
/// What was done against it and what is still open: "14:41 8 instances terminated (…) by …".
std::string contained(const incident::Incident& incident);

/// Of an incident that stays: what of it the allow-list covers, by whose leave, and what it does
/// not.
std::string allowed_part(const incident::Incident& incident);

/// One labelled sentence about an incident.
struct Fact {
  std::string_view label;
  std::string text;
};

/// How sure, when, where, cost, initial access: what a responder asks first, in that order; then
/// what was done and what is permitted, where there is such.
std::vector<Fact> facts(const incident::Incident& incident);
std::string cost_sentence(const incident::Impact& impact);

/// One figure of the impact with its value; `burning` when it is money still being spent.
struct Figure {
  std::string_view label;
  std::string value;
  bool burning = false;
};
/// The figures that are established, in the order they are read; none of them stands for "unknown".
std::vector<Figure> figures(const incident::Impact& impact);

/// The path a record was read from and its offset: "logs/a.json @ 1024".
std::string place(const detect::Evidence& evidence, const ScanReport& report);
/// The path alone.
std::string_view source_path(const event::RecordRef& ref, const ScanReport& report);

/// The name of the rule or detector behind a detection, its id where it has none.
const std::string& detector_name(const detect::Detection& detection, const ScanReport& report);

/// How many of the detection's records it does not cite.
uint64_t uncited(const detect::Detection& detection);

/// The incident's detections in its own order; ids that the report does not hold are left out.
std::vector<const detect::Detection*> detections_of(const incident::Incident& incident,
                                                    const ScanReport& report);

/// Detections that read alike, of several days or subjects: one line with the count of the others.
struct DetectionLine {
  detect::Detection told;  ///< the earliest, with the records of all
  size_t more = 0;         ///< further detections in it; JSON has each
  std::string title() const;
};
/// The incident's detections as people read them, in the order of the first of each line.
std::vector<DetectionLine> detection_lines(const incident::Incident& incident,
                                           const ScanReport& report);

/// Reasons with their counts, most frequent first: "truncated JSON (11)".
std::vector<std::string> most_frequent(const std::map<std::string, uint64_t>& by_reason);

/// The contributions worth a line, strongest first; those under half a point are one line together.
std::vector<incident::Contribution> main_contributions(const incident::Incident& incident);

/// What a person wants listed of the sources. Up to a dozen: each. More: one row per format, which
/// together add up to the whole, and apart from them those that had trouble, at most ten.
struct SourceListing {
  std::vector<SourceReport> rows;
  std::vector<SourceReport> troubled;  ///< also counted in `rows`
  size_t more_troubled = 0;            ///< sources with trouble that are not listed
};
SourceListing listed_sources(const ScanReport& report);

}  // namespace davy::report
