// SPDX-License-Identifier: Apache-2.0
// The score: how sure Davy is that this is unauthorised mining, 0-100, as a sum that can be read.
//
// Problem. Signals come in categories (spec DETECTION): within one they repeat each other, across
// them they are independent only in part (one miner causes all of them).
//
// Idea. A log-odds sum on a base rate, with two discounts. Within a category the strongest detector
// counts fully, the next kWithin of its weight, then kWithin^2, …; the categories are then ranked
// by strength and discounted by kAcross the same way. score = 100 / (1 + exp(-(kPrior + sum))).
// A detector that identifies mining on n machines adds kBreadth * log2(n) to its category: one that
// repeats itself on one machine says nothing new, and one that does so on 200 says much less than
// 200 times as much, since whatever fooled it once may have fooled it everywhere.
//
// Worked example. A miner process that two things give away (3.6), a vendor finding (3.5), a known
// pool (3.0) and a CPU plateau (1.6) on one machine: 3.6 + 0.25*3.5 + 0.25^2*3.0 + 0.25^3*1.6 =
// 4.69; minus 2.9 gives 1.79, a score of 86: certain enough to act on, one machine wide. What lifts
// an incident above 90 is scale or rank of the control-plane evidence (mass launch, root
// credential), whose weights are larger because one such launch alone is worth waking somebody, or
// the number of machines: that finding alone is 64, on ten machines 80, on two hundred 91.
//
// The anchors of the spec are held by tests/estate; why the constants are what they are is
// docs/decisions/0003-score.md and 0010-breadth.md.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "davy/detect/detection.h"
#include "davy/incident/incident.h"
#include "davy/summary/entity_links.h"

namespace davy::incident {

inline constexpr double kPrior =
    -2.9;  ///< log-odds of mining for a candidate nothing else is known of (5 %)
inline constexpr double kWithin = 0.1;    ///< discount per further detector of one category
inline constexpr double kAcross = 0.25;   ///< discount per further category
inline constexpr double kBreadth = 0.24;  ///< log-odds per doubling of machines that show mining

struct Score {
  double score = 0;
  std::vector<Contribution> why;          ///< strongest first; points add up to the score
  std::map<std::string, double> signals;  ///< points by category
};

/// Several detections of one detector count once, at their strongest, and by the number of machines
/// they show mining on (machines_shown()).
Score score_of(std::span<const detect::Detection* const> detections,
               const summary::EntityLinks& links);

}  // namespace davy::incident
