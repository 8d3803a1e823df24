// SPDX-License-Identifier: Apache-2.0
// What the result of connect() says of the connection.
#pragma once

#include <string_view>

#include "davy/event/host.h"

namespace davy::decode {

/// `result` as Falco and auditd write it: "SUCCESS", "0", "ECONNREFUSED", "-111". Whatever is
/// neither success nor a failure (under way, made already, interrupted) is unknown.
event::Connection::Outcome connect_outcome(std::string_view result);

}  // namespace davy::decode
