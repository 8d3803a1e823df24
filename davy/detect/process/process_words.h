// SPDX-License-Identifier: Apache-2.0
// What the detector of miner processes asks of one process besides what intel reads: does it only
// bear the name of a kernel thread, and is it a benchmark that mines for nobody?
#pragma once

#include <string_view>

#include "davy/event/event.h"

namespace davy::detect {

/// The name of a kernel thread that something else bears, or empty. Kernel threads have no memory,
/// no file and run as root; real ones without brackets stand in the listings of `top`.
std::string_view borrowed_thread_name(const event::Process& process);

/// xmrig's --bench or --stress and nothing that could bring a pool. Of several commands in one line
/// any may mine, so they are none.
bool is_benchmark(std::string_view command_line);

}  // namespace davy::detect
