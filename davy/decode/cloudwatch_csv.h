// SPDX-License-Identifier: Apache-2.0
// CloudWatch metrics as text, in three layouts told by the first line:
//
//   timestamp,value                          one series; file name says what it is of
//   timestamp,instance_id,metric,value,…     tidy: any order, with aliases; see kColumns in the .cc
//   Full label,i-0a… CPUUtilization,…        the console's "Download as CSV": times by series
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kCloudWatchCsv;

}  // namespace davy::decode
