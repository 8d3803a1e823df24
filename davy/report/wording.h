// SPDX-License-Identifier: Apache-2.0
// The figures and sentences that every report for people shares, so that terminal, page and ticket
// say the same thing. The texts hold log text and are not escaped: the renderer does that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "davy/report/report.h"

namespace davy::report {

/// "$4.20", "$15,432", "$11.2 million".
std::string usd(double amount);
/// "8 regions", "1 region".
std::string counted(uint64_t n, std::string_view one, std::string_view many);
/// "+31.4"; the sign is always there.
std::string points(double value);
/// The score without its fraction: rounding up could show 90 beside "high".
int whole_score(double score);
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

/// One labelled sentence about an incident.
struct Fact {
  std::string_view label;
  std::string text;
};

/// How sure, when, where, cost, initial access: what a responder asks first, in that order.
std::vector<Fact> facts(const incident::Incident& incident);
std::string cost_sentence(const incident::Impact& impact);

/// The headline: what was found and, apart, what it costs per hour. `burn` may be empty.
struct Verdict {
  std::string found;
  std::string burn;
};
Verdict verdict(const ScanReport& report);

/// "4 sources, 12,345 records, 12,300 events, 45 rejected; 2025-02-23 13:00 to 15:00 UTC (2 h 00
/// min)".
std::string looked_at(const ScanReport& report);

/// What no source that was read could have shown ("No flow log was read: …").
std::vector<std::string> unseen(const ScanReport& report);

/// The path a record was read from and its offset: "logs/a.json @ 1024".
std::string place(const detect::Evidence& evidence, const ScanReport& report);
/// The path alone.
std::string_view source_path(const event::RecordRef& ref, const ScanReport& report);

/// The incident's detections in its own order; ids that the report does not hold are left out.
std::vector<const detect::Detection*> detections_of(const incident::Incident& incident,
                                                    const ScanReport& report);

/// The reasons why records were rejected, most frequent first: "truncated JSON (11)".
std::vector<std::string> reject_reasons(const SourceReport& source);

/// The contributions worth a line, strongest first; those under half a point are one line together.
std::vector<incident::Contribution> main_contributions(const incident::Incident& incident);

/// What a person wants listed of the sources. Up to a dozen: each. More: one row per format, then
/// those that had trouble, at most ten.
struct SourceListing {
  std::vector<SourceReport> rows;
  size_t more_troubled = 0;  ///< sources with trouble that are not listed
};
SourceListing listed_sources(const ScanReport& report);

}  // namespace davy::report
