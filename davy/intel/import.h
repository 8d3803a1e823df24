// SPDX-License-Identifier: Apache-2.0
// Turns other people's indicator lists into Davy's: plain lists, hosts files, CSV, STIX 2.1 bundles
// and MISP events, defanged or not. What cannot be an indicator (a URL with a path, an MD5, a
// pattern that needs two things at once) is left out. Nothing is contacted.
#pragma once

#include <string_view>
#include <vector>

#include "davy/base/result.h"
#include "davy/intel/intel.h"

namespace davy::intel {

/// `format_hint`: "list", "hosts", "csv", "stix", "misp", or "" to recognise it. `date`
/// (YYYY-MM-DD) is stamped on every entry, and STIX indicators expired by then are left out.
/// Entries come in ascending order of kind and value, each once.
Result<std::vector<IndicatorEntry>> import_text(std::string_view text, std::string_view format_hint,
                                                std::string_view source, std::string_view date);

}  // namespace davy::intel
