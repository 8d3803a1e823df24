// SPDX-License-Identifier: Apache-2.0
// Amazon GuardDuty findings: S3 export, GetFindings, EventBridge details; attack sequences
// included. Field reference: "Finding" in the Amazon GuardDuty API reference. SDKs and the AWS CLI
// capitalise every key; both spellings are read, and rules name fields in camelCase.
//
// A finding that is updated keeps its id: each update is an event of its own. Sample findings and
// archived ones are skipped, since nobody has to act on them.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kGuardDuty;

}  // namespace davy::decode
