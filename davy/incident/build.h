// SPDX-License-Identifier: Apache-2.0
// From detections to incidents: join, score, tell the story, price. A pure function; the same
// detections give the same incidents with the same ids.
#pragma once

#include <span>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/impact/price_table.h"
#include "davy/incident/incident.h"
#include "davy/summary/countermeasures.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

/// What was looked at: for the blind spots.
struct Coverage {
  std::vector<std::string> formats;             ///< formats that gave at least one event
  std::vector<std::string> cloudtrail_regions;  ///< regions with CloudTrail records
  std::vector<std::string> unreadable;          ///< places that could not be read
  uint64_t rejected_records = 0;
  std::vector<std::string> lost;  ///< what the logs themselves say is missing from them

  bool has(std::string_view format) const;
};

/// Incidents below this score are not worth a line of a responder's time.
inline constexpr double kMinScore = 15;

/// Most severe first, then earliest, then by id.
std::vector<Incident> build(const std::vector<detect::Detection>& detections,
                            const summary::EntityLinks& links,
                            std::span<const summary::Countermeasure> measures,
                            const impact::PriceTable& prices, const Coverage& coverage);

}  // namespace davy::incident
