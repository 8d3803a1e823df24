// SPDX-License-Identifier: Apache-2.0
#include "davy/simulate/rng.h"

#include <gtest/gtest.h>

namespace davy::simulate {
namespace {

TEST(Rng, DrawsTheSameNumbersEverywhere) {
  Rng rng(1, "golden");
  EXPECT_EQ(rng.next(), 3856382033435695316u);
  EXPECT_EQ(rng.below(1000), 434u);
  EXPECT_EQ(rng.uuid(), "99c73f54-22fa-4fd1-99c1-e4639093dada");
}

TEST(Rng, SeparatesPurposesAndSeeds) {
  EXPECT_NE(Rng(1, "a").next(), Rng(1, "b").next());
  EXPECT_NE(Rng(1, "a").next(), Rng(2, "a").next());
}

TEST(Rng, KeepsToItsBounds) {
  Rng rng(7, "bounds");
  for (int i = 0; i < 10000; ++i) {
    ASSERT_LT(rng.below(17), 17u);
    const int64_t between = rng.between(-3, 4);
    ASSERT_TRUE(between >= -3 && between <= 4);
    const int64_t around = rng.around(100, 20);
    ASSERT_TRUE(around >= 80 && around <= 120);
  }
}

TEST(Rng, ExponentialHasItsMeanAndSpread) {
  Rng rng(3, "exponential");
  const uint64_t mean = 10000, draws = 200000;
  uint64_t sum = 0, beyond = 0;
  for (uint64_t i = 0; i < draws; ++i) {
    const uint64_t value = rng.exponential(mean);
    sum += value;
    if (value > 3 * mean) ++beyond;
  }
  EXPECT_NEAR(static_cast<double>(sum) / draws, mean, mean * 0.05);
  EXPECT_NEAR(static_cast<double>(beyond) / draws, 0.0498, 0.006);  // e^-3
}

TEST(Rng, PoissonHasItsMean) {
  Rng rng(3, "poisson");
  uint64_t sum = 0;
  for (int i = 0; i < 100000; ++i)
    sum += rng.poisson(1200);
  EXPECT_NEAR(static_cast<double>(sum) / 100000, 1.2, 0.08);
}

}  // namespace
}  // namespace davy::simulate
