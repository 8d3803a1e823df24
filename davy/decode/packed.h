// SPDX-License-Identifier: Apache-2.0
// Envelopes whose content is base64 in a string, mostly of gzip: Workbench::decode_packed() expands
// it within the bounds of workbench.h, and it goes back through recognition.
//
//   kKinesisRecord  {"kinesis": {"data"}, "eventSource": "aws:kinesis"}  to a function
//   kPacked         {"awslogs": {"data"}}                     CloudWatch Logs to a function
//                   {"Data", "PartitionKey"}                  Kinesis GetRecords
//                   {"data", "recordId" | "eventSource"}      Firehose to and from a function,
//                   Pipes
//                   {"records": [{"data"}], "requestId"}      Firehose to an HTTP endpoint
//                   {"message": {"data"}, "subscription"}     Google Pub/Sub push
//                   {"specversion", "data_base64"}            CloudEvents
//   kKafkaBatch     {"records": {"topic-0": [{"value"}]}}     Kafka and MSK to a function
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kKinesisRecord;
extern const Format kPacked;
extern const Format kKafkaBatch;

}  // namespace davy::decode
