// SPDX-License-Identifier: Apache-2.0
// What an indicator list's own word for how sure it is (content/indicators/README.md) makes of a
// detection that rests on one of its rows.
#pragma once

#include <string_view>

#include "davy/detect/detection.h"

namespace davy::detect {

/// Bounds claim, level, weight and confidence of `detection`. "medium" says mining only with
/// `something_beside` it: a mining port, or a session's shape.
void temper(std::string_view confidence, bool something_beside, Detection& detection);

}  // namespace davy::detect
