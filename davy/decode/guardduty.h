// SPDX-License-Identifier: Apache-2.0
// Amazon GuardDuty findings: S3 export, GetFindings, EventBridge details; attack sequences
// included. Field reference: "Finding" in the Amazon GuardDuty API reference. SDKs and the AWS CLI
// capitalise every key; both spellings are read, and rules name fields in camelCase.
//
// A finding that is updated keeps its id: each update is an event of its own. It is known from when
// it was created, which is minutes after what it reports. Sample findings are skipped; archived
// ones are read and marked, since an intruder's filter archives as an analyst does.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kGuardDuty;

}  // namespace davy::decode
