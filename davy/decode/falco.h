// SPDX-License-Identifier: Apache-2.0
// Falco alerts as JSON, one object an alert.
//
// One event carries the finding and, when the alert is about a system call, the process it names.
// Alerts written without output_fields are read from the "key=value" pairs of their output text.
// Falco's own messages ("Falco internal: …") are skipped: they say that events were lost.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kFalco;

}  // namespace davy::decode
