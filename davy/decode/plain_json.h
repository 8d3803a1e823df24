// SPDX-License-Identifier: Apache-2.0
// Any JSON object, for `davy match`: no event mapping, only fields for rules. The time is taken
// from the first of the usual timestamp fields.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kPlainJson;

}  // namespace davy::decode
