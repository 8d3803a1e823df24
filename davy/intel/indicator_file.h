// SPDX-License-Identifier: Apache-2.0
// Reads and lints indicator files: `kind,value,family,confidence,source,date`, '#' comments.
// Besides indicators a file may hold guards, which no indicator may override: `shared-range` (CDN
// and public resolver blocks), `public-suffix` (names that strangers share) and `example-wallet`
// (addresses printed in documentation). Every finding has a code documented in docs/indicators.md.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "davy/base/diagnostic.h"
#include "davy/intel/address.h"
#include "davy/intel/intel.h"

namespace davy::intel {

struct SharedRange {
  AddressRange range;
  std::string owner;
};

/// What is left after linting: usable entries in ascending order of kind and value, one per value.
struct IndicatorSet {
  std::vector<IndicatorEntry> entries;
  std::vector<SharedRange> shared_ranges;
  std::vector<std::string> public_suffixes;
  std::vector<std::string> example_wallets;
};

/// The result and the findings do not depend on the order of files or rows.
IndicatorSet read_indicator_files(
    const std::vector<std::pair<std::string, std::string>>& named_csv_texts,
    Diagnostics& diagnostics);

}  // namespace davy::intel
