// SPDX-License-Identifier: Apache-2.0
// What incidents are called: an id derived from content, and a number for people.
#pragma once

#include <vector>

#include "davy/incident/incident.h"

namespace davy::incident {

/// Sets `id` and `number` of all, which are different in one scan. The same incident found twice
/// has the same id. Of several incidents of one day the first in the list has the plain number.
void name_all(std::vector<Incident>& incidents);

}  // namespace davy::incident
