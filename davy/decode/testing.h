// SPDX-License-Identifier: Apache-2.0
// Test help: decode text through recognition and keep what was emitted as one line per event.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "davy/decode/workbench.h"

namespace davy::decode::testing {

/// Calls `check` for every event of a JSON record or text stream; returns the outcomes.
struct Decoded {
  std::vector<std::string> formats;   ///< of each event
  std::vector<std::string> skipped;   ///< reasons
  std::vector<std::string> rejected;  ///< reasons
};
using Check = std::function<void(const event::Event&, const event::Fields&)>;
Decoded decode_stream(std::string_view bytes, const Check& check);

}  // namespace davy::decode::testing
