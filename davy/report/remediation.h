// SPDX-License-Identifier: Apache-2.0
// What an incident's evidence calls for once it is contained, and which coin was mined.
#pragma once

#include <string>
#include <vector>

#include "davy/incident/incident.h"

namespace davy::report {

/// Lasting measures, each because of something the incident shows; never empty. Texts hold log
/// text.
std::vector<std::string> remediation(const incident::Incident& incident);

/// "Monero (XMR), by the form of the wallet address"; empty when nothing tells.
std::string cryptocurrency(const incident::Incident& incident);

}  // namespace davy::report
