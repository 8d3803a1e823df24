// SPDX-License-Identifier: Apache-2.0
// Process listings as files: the output of `ps` or `top -b`. One event a process; the listing does
// not say when it was made nor on which host: events have no time, and as host a name made from the
// hash of the listing.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kPs;

}  // namespace davy::decode
