// SPDX-License-Identifier: Apache-2.0
// Process listings as files: the output of `ps` or `top -b`. One event a process; the listing does
// not say when it was made nor on which host, so events have no time and no host.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kPs;

}  // namespace davy::decode
