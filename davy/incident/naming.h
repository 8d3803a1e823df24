// SPDX-License-Identifier: Apache-2.0
// How sentences name things: lists cut short, counts, ARNs by their last part.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "davy/event/entity.h"

namespace davy::incident {

/// "a, b and 3 more"
std::string some_of(const std::vector<std::string>& items, size_t shown);

/// "1 instance", "200 instances"
std::string plural(uint64_t count, std::string_view noun);

/// "arn:aws:iam::1:user/ci" -> "ci"; "arn:aws:iam::1:root" -> "root"; what has no such part, whole.
std::string_view last_part(std::string_view arn);

/// Who acted, for people: "SecurityResponse/INC-2025-0223", "ci-deploy", "root".
std::string_view actor_name(std::string_view arn);

/// The ids of one type, in the order of the list.
std::vector<std::string> ids(const std::vector<event::Entity>& entities, event::EntityType type);

}  // namespace davy::incident
