// SPDX-License-Identifier: Apache-2.0
// Lines with the time in front, as two writers put it; what follows goes back through recognition.
//
//   2024-03-04T12:00:00.000Z {"eventVersion": …            a CloudWatch Logs export to S3
//   2024-03-04T12:00:00.123456789Z stdout F {"rule": …     a container log of Kubernetes (CRI)
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kStampedLine;

}  // namespace davy::decode
