// SPDX-License-Identifier: Apache-2.0
#include "davy/base/diagnostic.h"

#include <gtest/gtest.h>

#include "davy/base/result.h"

namespace davy {
namespace {

TEST(Diagnostic, ShowsPlaceCodeMessageAndHint) {
  const Diagnostic d{"DVY-R012",
                     Severity::kError,
                     "a.yml",
                     7,
                     3,
                     "unknown modifier 'containz'",
                     "did you mean 'contains'?"};
  EXPECT_EQ(to_text(d),
            "a.yml:7:3: error DVY-R012: unknown modifier 'containz'\n"
            "  hint: did you mean 'contains'?");
}

TEST(NearestName, SuggestsOnlyWhatIsNear) {
  EXPECT_EQ(nearest_name("containz", {"contains", "endswith"}), "contains");
  EXPECT_EQ(nearest_name("zzz", {"contains", "endswith"}), "");
}

Result<int> half(int n) {
  if (n % 2 != 0) return Error(ErrorCode::kInvalidInput, "odd");
  return n / 2;
}
Result<int> quarter(int n) {
  return half(DAVY_TRY(half(n).context("first half")));
}

TEST(Result, TryPassesErrorsUpWithTheirContext) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(7).error().message(), "first half: odd");
  EXPECT_EQ(quarter(6).error().message(), "odd");
}

}  // namespace
}  // namespace davy
