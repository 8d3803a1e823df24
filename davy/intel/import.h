// SPDX-License-Identifier: Apache-2.0
// Turns other people's indicator lists into Davy's: plain lists, hosts files, CSV, STIX 2.1 bundles
// and MISP events or attributes, defanged or not. What cannot be an indicator (an MD5, a pattern
// that needs two things at once) is left out, with its place and the reason. Nothing is contacted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "davy/base/result.h"
#include "davy/intel/intel.h"

namespace davy::intel {

/// Something of the list that became no indicator.
struct LeftOut {
  std::string place;  ///< "line 7", "objects[3]"
  std::string value;  ///< as written, bounded
  std::string reason;
};

/// What was left out is kept up to here, and counted past it.
inline constexpr size_t kLeftOutKept = 20;

struct Imported {
  std::vector<IndicatorEntry> entries;  ///< in ascending order of kind and value, each once
  std::vector<LeftOut> left_out;        ///< the first, in the order of the list
  size_t left_out_count = 0;
};

/// `format_hint`: "list", "hosts", "csv", "stix", "misp", or "" to recognise it. `date`
/// (YYYY-MM-DD) is stamped on every entry, and STIX indicators expired by then are left out.
Result<Imported> import_text(std::string_view text, std::string_view format_hint,
                             std::string_view source, std::string_view date);

}  // namespace davy::intel
