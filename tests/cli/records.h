// SPDX-License-Identifier: Apache-2.0
// CloudTrail to put around damage: calls nobody minds, and a theft that every scan must find.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace davy::tests {

/// One harmless call; `number` makes its id.
std::string harmless_record(unsigned number);

/// The API calls of a simulated incident's accounts, one JSON text each; scanning them gives a
/// critical incident.
const std::vector<std::string>& stolen_root_key_records();
const std::vector<std::string>& mass_launch_records();

std::string as_lines(const std::vector<std::string>& records);
std::string as_document(const std::vector<std::string>& records);

/// "severity" of each incident of a JSON report.
std::vector<std::string> severities(const nlohmann::json& report);
/// The source called `path` (its last part) in a JSON report; null when there is none.
nlohmann::json source_named(const nlohmann::json& report, std::string_view name);

}  // namespace davy::tests
