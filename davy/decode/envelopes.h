// SPDX-License-Identifier: Apache-2.0
// What logs travel in. An envelope's content goes back through recognition; account and region that
// only the envelope tells are handed down. Content may be an envelope again, at most kMaxEnvelopes
// deep. What is packed is in packed.h.
//
//   kEventBridge      {"detail-type", "source", "detail": {…}}
//   kLogsSubscription {"messageType", "owner", "logEvents": [{"message"}…]}  CloudWatch Logs
//   kSns              {"Type", "TopicArn", "Message": "…"}
//   kQueueMessage     {"ReceiptHandle", "Body": "…"}  SQS, as received by a caller
//   kSplunkEvent      {"sourcetype", "event": {…} or "…"}
//   kLogsQuery        {"results": [[{"field", "value"}…]…], "statistics", "status"}  Logs Insights
//   kShippedMessage   {"message" | "log" | …: "…"}  what log shippers put around a line
//   kNotice           messages that announce logs or alarms and hold none: skipped with the reason
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kEventBridge;
extern const Format kLogsSubscription;
extern const Format kSns;
extern const Format kQueueMessage;
extern const Format kSplunkEvent;
extern const Format kLogsQuery;
extern const Format kShippedMessage;
extern const Format kNotice;

}  // namespace davy::decode
