// SPDX-License-Identifier: Apache-2.0
// Names of kernel threads, which miners borrow. Kernel threads have no file: what runs from one
// under such a name is a disguise.
#pragma once

#include <string_view>

namespace davy::intel {

/// As listings show threads: "[kworker/0:1-events]", "kworker/u8:1", "kswapd0", "migration/0".
bool is_kernel_thread_name(std::string_view word);

/// "/usr/bin/kworker/u8": the name of a kernel thread made the end of a path.
bool is_kernel_thread_path(std::string_view path);

/// How surely a name is the kernel's.
enum class ThreadNames {
  kOwn,  ///< those that no other software has: "kworker", "kswapd0"
  kAny,  ///< "migration" and "watchdogd" too, which databases and hardware have: for places and
         ///< brackets that acquit neither
};

/// True when `text` is such a name and nothing, or goes on with what is no letter: "kworker-u8".
bool begins_with_thread_name(std::string_view text, ThreadNames which);

}  // namespace davy::intel
