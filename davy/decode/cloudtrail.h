// SPDX-License-Identifier: Apache-2.0
// AWS CloudTrail records, wherever they were delivered: S3 objects, JSON lines, EventBridge
// details. Field reference: "CloudTrail record contents" and "CloudTrail userIdentity element", AWS
// CloudTrail User Guide. Digest and Insight records are recognised and skipped with a count.
//
// Identity of a record is its eventID: CloudTrail may deliver a record more than once.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kCloudTrail;
/// `aws cloudtrail lookup-events`: the record as a string in "CloudTrailEvent".
extern const Format kCloudTrailLookup;

}  // namespace davy::decode
