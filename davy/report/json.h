// SPDX-License-Identifier: Apache-2.0
// Single objects of the JSON contract as text, for reports that are not the whole document. The
// keys are those of `davy scan --output json`, headed by "type".
#pragma once

#include <string>

#include "davy/report/report.h"

namespace davy::report {

/// One line, without its line end: {"type":"incident",…}.
std::string json_line(const incident::Incident& incident, const ScanReport& report);
/// One line, without its line end: {"type":"detection",…}.
std::string json_line(const detect::Detection& detection, const ScanReport& report);

}  // namespace davy::report
