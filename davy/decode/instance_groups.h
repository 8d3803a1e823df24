// SPDX-License-Identifier: Apache-2.0
// Calls that ask for groups of machines of different types (EMR, SageMaker) list types and counts
// side by side. Priced is the largest group: a cluster's one master is small beside its workers.
#pragma once

#include <cstdint>
#include <string_view>

#include "davy/event/field.h"

namespace davy::decode {

struct InstanceGroup {
  std::string_view type;
  uint32_t count = 0;
};

/// The first of equals; empty where there are no groups or the lists differ in length.
InstanceGroup largest_group(const event::Fields& fields, event::Slot types, event::Slot counts);

}  // namespace davy::decode
