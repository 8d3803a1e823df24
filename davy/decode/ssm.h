// SPDX-License-Identifier: Apache-2.0
// AWS Systems Manager: results of Run Command whose output is a process listing. One event a
// process, with the instance and the time the command ended. Other results and inventories are
// skipped with the reason.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kSsm;

}  // namespace davy::decode
