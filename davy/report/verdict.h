// SPDX-License-Identifier: Apache-2.0
// What a whole scan comes to, in the words every report uses: headline, order of the incidents,
// what was looked at and what could not be seen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "davy/report/report.h"

namespace davy::report {

/// Nothing in the input was an event of a log that Davy knows: the scan says nothing about
/// anything.
bool nothing_read(const ScanReport& report);

/// Low incidents, and those that rest on context alone below high: a person rules them out, nobody
/// is woken.
bool is_observation(const incident::Incident& incident);

/// The headline. All but `found` may be empty.
struct Verdict {
  std::string found;   ///< "3 incidents: 2 critical, 1 high; 1 observation to rule out"
  std::string burn;    ///< what still runs costs per hour, and in which incident
  std::string caveat;  ///< what a result without incidents does not say
};
Verdict verdict(const ScanReport& report);

/// "RUNNING" while a machine of it does, "ended" when all have, else "unknown".
std::string_view run_state(const incident::Incident& incident);

/// The incidents in the order of every report: those still running first, else as in the report;
/// the observations behind them.
std::vector<const incident::Incident*> in_order(const ScanReport& report);

/// Of these the ones that are no observations.
std::vector<const incident::Incident*> ranked(const ScanReport& report);

/// "4 sources, 12,345 records, 12,300 events, 5 skipped, 45 rejected; 2025-02-23 13:00 to 15:00 UTC
/// (2 h 00 min)".
std::string looked_at(const ScanReport& report);

/// What no source that was read could have shown ("No flow log was read: …"), and what the writers
/// of those that were read lost. Sources that could
/// not be read are not repeated here: every report lists them with their reason.
std::vector<std::string> unseen(const ScanReport& report);

/// What the logs themselves say is missing from them: records that their writers lost.
std::vector<std::string> lost_by_writers(const std::vector<SourceReport>& sources);

}  // namespace davy::report
