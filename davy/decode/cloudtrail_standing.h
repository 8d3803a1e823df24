// SPDX-License-Identifier: Apache-2.0
// Reads what calls say about compute that AWS keeps running: services, groups, fleets, spot
// requests and notebooks set up, resized or ended, and the task definitions and launch templates
// that say what their units are. One table row per call; see kCalls in the .cc.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "davy/event/event.h"
#include "davy/event/field.h"

namespace davy::decode {

class StandingReader {
 public:
  explicit StandingReader(const event::Schema& schema);
  static void declare_fields(event::Schema& schema);

  /// Nothing when the call is of no such kind, or names nothing. Views and spans of both are valid
  /// until the next read().
  std::optional<event::Standing> read(std::string_view service, std::string_view operation,
                                      const event::Fields& fields);
  std::optional<event::Recipe> read_recipe(std::string_view operation, const event::Fields& fields);

 private:
  std::vector<event::Slot> slots_;  ///< by index into the .cc's table of paths
  std::vector<std::string_view> names_;
  std::vector<std::string_view> recipe_names_;
};

}  // namespace davy::decode
