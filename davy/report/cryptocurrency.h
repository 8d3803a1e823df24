// SPDX-License-Identifier: Apache-2.0
// Which coin was mined, told from the form of a wallet or the name of a pool.
#pragma once

#include <string>

#include "davy/incident/incident.h"

namespace davy::report {

/// "Monero (XMR), by the form of the wallet address"; empty when nothing tells.
std::string cryptocurrency(const incident::Incident& incident);

}  // namespace davy::report
