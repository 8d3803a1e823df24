// SPDX-License-Identifier: Apache-2.0
#include "davy/intel/kernel_threads.h"

#include <gtest/gtest.h>

namespace davy::intel {
namespace {

TEST(KernelThreads, AreToldByNameNumberOrBrackets) {
  for (const char* name :
       {"kworker", "[kworker/0:1-events]", "kworker/u8:1", "kswapd0", "[kswapd0]", "kcompactd0",
        "migration/0", "[migration/0]", "[jbd2/sda1-8]"}) {
    EXPECT_TRUE(is_kernel_thread_name(name)) << name;
  }
  for (const char* name : {"kdevtmpfsi", "kworkers", "migration", "watchdogd", "jbd2", "bash", ""})
    EXPECT_FALSE(is_kernel_thread_name(name)) << name;
  EXPECT_TRUE(is_kernel_thread_path("/usr/bin/kworker/u8"));
  EXPECT_FALSE(is_kernel_thread_path("/srv/migration/0"));
  EXPECT_FALSE(is_kernel_thread_path("kworker/0"));
}

TEST(KernelThreads, NamesThatOtherSoftwareHasAreNotTheKernelsOwn) {
  for (const char* name : {"kworker-u8", "kcompactd0", "kblockd"})
    EXPECT_TRUE(begins_with_thread_name(name, ThreadNames::kOwn)) << name;
  for (const char* name : {"migration", "watchdogd", "jbd2"}) {
    EXPECT_FALSE(begins_with_thread_name(name, ThreadNames::kOwn)) << name;
    EXPECT_TRUE(begins_with_thread_name(name, ThreadNames::kAny)) << name;
  }
  EXPECT_FALSE(begins_with_thread_name("migrations", ThreadNames::kAny));
}

}  // namespace
}  // namespace davy::intel
