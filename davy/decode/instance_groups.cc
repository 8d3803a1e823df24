// SPDX-License-Identifier: Apache-2.0
#include "davy/decode/instance_groups.h"

#include <algorithm>

#include "davy/base/text.h"

namespace davy::decode {

InstanceGroup largest_group(const event::Fields& fields, event::Slot types, event::Slot counts) {
  InstanceGroup largest;
  const auto all_types = fields.values(types);
  const auto all_counts = fields.values(counts);
  auto type = all_types.begin();
  auto count = all_counts.begin();
  for (; type != all_types.end() && count != all_counts.end(); ++type, ++count) {
    const uint64_t asked = parse_int<uint64_t>(count->text).value_or(0);
    if (asked > largest.count) {
      largest = {type->text, static_cast<uint32_t>(std::min<uint64_t>(asked, UINT32_MAX))};
    }
  }
  const bool paired = !(type != all_types.end()) && !(count != all_counts.end());
  return paired ? largest : InstanceGroup{};
}

}  // namespace davy::decode
