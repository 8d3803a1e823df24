// SPDX-License-Identifier: Apache-2.0
// Amazon Route 53 Resolver query logs: what the machines of a VPC asked the resolver for. Field
// reference: "Values that appear in VPC Resolver query logs", Amazon Route 53 Developer Guide.
//
// A query that a DNS Firewall rule blocked is an event like any other: whoever asked, asked.
#pragma once

#include "davy/decode/format.h"

namespace davy::decode {

extern const Format kRoute53;

}  // namespace davy::decode
