// SPDX-License-Identifier: Apache-2.0
// Messages of a log group as the CloudWatch console saves them: CSV with a header line. The message
// goes back through recognition; it has to stand on one line.
//
//   timestamp,message                        search results
//   @timestamp,@message,@logStream,@log      Logs Insights, in the order of the query
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kLogsCsv;

}  // namespace davy::decode
