// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/simulate.h"

#include <gtest/gtest.h>
TEST(X, Y) {
  davy::simulate::Options o;
  auto s = davy::simulate::write_estate(
      o, [](std::string_view, std::string_view) { return davy::Result<void>{}; });
  ASSERT_TRUE(s.has_value());
  printf("%lu %lu %lu %lu\n", s->files, s->records, s->bytes, s->bytes_written);
}
