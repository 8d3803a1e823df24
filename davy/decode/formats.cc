// SPDX-License-Identifier: Apache-2.0
// The table of formats. Order is the order of recognition: more specific signatures first.
#include <iterator>

#include "davy/decode/auditd.h"
#include "davy/decode/cloudtrail.h"
#include "davy/decode/cloudwatch.h"
#include "davy/decode/cloudwatch_csv.h"
#include "davy/decode/documents.h"
#include "davy/decode/envelopes.h"
#include "davy/decode/falco.h"
#include "davy/decode/format.h"
#include "davy/decode/guardduty.h"
#include "davy/decode/logs_csv.h"
#include "davy/decode/packed.h"
#include "davy/decode/ps.h"
#include "davy/decode/route53.h"
#include "davy/decode/ssm.h"
#include "davy/decode/vpc_flow.h"

namespace davy::decode {
namespace {

constexpr const Format* kFormats[] = {
    &kNotice,
    &kKinesisRecord,  // has the keys of a CloudTrail record too
    &kCloudTrail,
    &kCloudTrailLookup,
    &kGuardDuty,
    &kCloudWatch,
    &kRoute53,
    &kFalco,
    &kSsm,
    &kAuditd,
    &kVpcFlow,
    &kCloudWatchCsv,
    &kPs,
    // Envelopes come last: what a record is by itself goes before what it may carry.
    &kEventBridge,
    &kLogsSubscription,
    &kPacked,
    &kKafkaBatch,
    &kSns,
    &kQueueMessage,
    &kSplunkEvent,
    &kCloudEvent,
    &kElasticHit,
    &kElasticAction,
    &kLogsQuery,
    &kShippedMessage,
    &kLogsCsv,
};

}  // namespace

std::span<const Format* const> formats() {
  return kFormats;
}

}  // namespace davy::decode
