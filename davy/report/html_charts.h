// SPDX-License-Identifier: Apache-2.0
// The drawings of the HTML report as inline SVG. Colours come from the page's style sheet by class;
// each drawing has a text alternative, and the same figures stand in a table beside it.
#pragma once

#include <string>

#include "davy/report/report.h"

namespace davy::report {

/// The score as a ring, with the number in it.
std::string score_ring(const incident::Incident& incident);

/// One bar of a share between 0 and 1, to stand in a table cell; negative shares are drawn hollow.
std::string share_bar(double share);

/// Lanes of stages over time, with a dot for each entry of the timeline; empty without any.
std::string timeline_chart(const incident::Incident& incident);

/// Points a signal, one bar each; empty without any.
std::string signal_chart(const incident::Incident& incident);

}  // namespace davy::report
