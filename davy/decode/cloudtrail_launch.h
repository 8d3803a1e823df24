// SPDX-License-Identifier: Apache-2.0
// Reads "who asked for how much compute" from the many API calls that launch it: EC2 instances,
// spot and fleet requests, Auto Scaling groups, ECS services and tasks, and managed services. One
// table row per call; see kCalls in the .cc.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "davy/event/event.h"
#include "davy/event/field.h"

namespace davy::decode {

class LaunchReader {
 public:
  explicit LaunchReader(const event::Schema& schema);
  static void declare_fields(event::Schema& schema);

  /// The launch asked for by `operation`, or nothing when it launches nothing. Views and spans are
  /// valid until the next read().
  std::optional<event::Launch> read(std::string_view operation, const event::Fields& fields);

  /// The instances an EC2 call names in its answer or, failing that, its request. Same lifetime.
  std::span<const std::string_view> read_instances(const event::Fields& fields);

 private:
  /// The group or fleet that a service launches for, as it tags what it launches.
  std::string_view owner(const event::Fields& fields) const;

  std::vector<event::Slot> slots_;  ///< by index into the .cc's table of paths
  std::vector<std::string_view> instance_ids_;
  std::vector<std::string_view> private_ips_;
  std::vector<std::string_view> interfaces_;
  std::vector<std::string_view> vpcs_;
};

}  // namespace davy::decode
