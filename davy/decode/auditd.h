// SPDX-License-Identifier: Apache-2.0
// Linux audit log (auditd), raw and enriched, of one host or of many ("node=").
//
// An event is all lines that share node and "audit(time:serial)"; a record may hold the lines of
// several events in any order, and a line that is there twice counts once. Sigma reads the keys of
// all lines, one value per line that has the key, and Sysmon's names (Image, CommandLine, …).
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kAuditd;

}  // namespace davy::decode
