// SPDX-License-Identifier: Apache-2.0
#include "davy/event/field.h"

#include <gtest/gtest.h>

namespace davy::event {
namespace {

TEST(Fields, KeepsEveryValueOfASlotInOrderAndForgetsThemOnReset) {
  Schema schema;
  const Slot a = schema.add("a");
  const Slot b = schema.add("b.c");
  EXPECT_EQ(schema.add("a"), a);
  EXPECT_EQ(schema.find("b"), kNoSlot);

  Fields fields;
  fields.reset(schema.size());
  fields.add(a, Value::Type::kString, "1");
  fields.add(b, Value::Type::kNumber, "2");
  fields.add(a, Value::Type::kString, "3");
  std::string seen;
  for (const Value& value : fields.values(a))
    seen += value.text;
  EXPECT_EQ(seen, "13");
  EXPECT_EQ(fields.text(b), "2");

  fields.reset(schema.size());
  EXPECT_FALSE(fields.has(a));
  EXPECT_TRUE(fields.values(a).empty());
}

}  // namespace
}  // namespace davy::event
