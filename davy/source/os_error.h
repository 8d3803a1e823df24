// SPDX-License-Identifier: Apache-2.0
// An errno of opening or reading as an Error that says what to do next.
#pragma once

#include "davy/base/result.h"

namespace davy::source {

Error os_error(int number);

}  // namespace davy::source
