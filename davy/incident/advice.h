// SPDX-License-Identifier: Apache-2.0
// What to do: the first actions and the lasting measures. Every sentence stands on something that
// was found, names it, and is left out when the logs show it done. Texts hold log text.
#pragma once

#include <string>
#include <vector>

#include "davy/incident/incident.h"
#include "davy/incident/situation.h"

namespace davy::incident {

/// Most urgent first; what destroys comes behind what preserves. Never empty.
std::vector<std::string> first_actions(const Incident& incident, const Situation& situation);

/// Once it is contained: in the order a responder works through. Never empty.
std::vector<std::string> remediation(const Incident& incident, const Situation& situation);

/// What the logs do not show ended: machines, credentials, logging. Empty on mere suspicion.
std::vector<std::string> still_open(const Incident& incident, const Situation& situation);

}  // namespace davy::incident
