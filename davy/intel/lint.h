// SPDX-License-Identifier: Apache-2.0
// What is wrong with an indicator row, and whether it can be used in spite of that. The codes are
// stable and documented in docs/indicators.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "davy/base/diagnostic.h"
#include "davy/intel/intel.h"

namespace davy::intel {

struct IndicatorSet;

enum class Lint : uint8_t {
  kColumns,
  kKind,
  kValue,
  kFused,
  kBroadName,
  kBroadRange,
  kReserved,
  kShared,
  kProvenance,
  kConfidence,
  kDuplicate,
  kConflict,
  kOrdinaryPort,
  kCovered,
  kWallet,
  kHeader,
  kExample,
  kDocumentation,
};

/// Where a row stands.
struct Place {
  std::string file;
  int line = 0;
};

void report(Lint lint, const Place& place, std::string_view subject, Diagnostics& diagnostics);

/// False when the row must not be used. `guards` holds the shared ranges, public suffixes and
/// example wallets.
bool passes_lint(const IndicatorEntry& entry, const Place& place, const IndicatorSet& guards,
                 Diagnostics& diagnostics);

}  // namespace davy::intel
