// SPDX-License-Identifier: Apache-2.0
// Addresses as the flow summaries compare them: intel's, and whether one is on the internet.
#pragma once

#include "davy/intel/address.h"

namespace davy::detect {

using intel::Address;
using intel::to_text;

/// Reachable over the internet: not private, shared (100.64/10), link-local, loopback, multicast or
/// reserved. Documentation blocks count as public: logs that were anonymised use them for hosts
/// that are.
bool is_public(const Address& address);

}  // namespace davy::detect
