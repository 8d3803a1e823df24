// SPDX-License-Identifier: Apache-2.0
// From places to a finished report: read, decode, match and summarise in parallel, then merge,
// judge, correlate and price. The order of steps is scan() in the .cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "davy/base/result.h"
#include "davy/decode/workbench.h"
#include "davy/impact/price_table.h"
#include "davy/incident/allow_list.h"
#include "davy/intel/intel.h"
#include "davy/report/report.h"
#include "davy/sigma/rule_set.h"
#include "davy/source/input.h"

namespace davy::pipeline {

/// What scanning knows before it reads: rules, indicators, prices, and what is permitted.
struct Knowledge {
  sigma::RuleSet rules;
  sigma::LoadReport rules_report;
  intel::Intel intel;
  impact::PriceTable prices;
  incident::AllowList allow = {};
};

struct ScanOptions {
  unsigned threads = 1;
  source::Limits limits;
};

/// Runs the whole pipeline. `progress` may be watched from another thread. Unreadable places are in
/// the report, not an error.
report::ScanReport scan(const std::vector<std::string>& places, const Knowledge& knowledge,
                        const ScanOptions& options, source::Progress& progress);

}  // namespace davy::pipeline
