// SPDX-License-Identifier: Apache-2.0
// Where GuardDuty names what runs on a machine: the resources of an attack sequence, and the tags
// that EKS gives its nodes. A node is shared, so that the cluster, pod or task matters more than
// the machine.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "davy/base/arena.h"
#include "davy/decode/json_walker.h"
#include "davy/event/event.h"
#include "davy/event/field.h"

namespace davy::decode {

/// The value beside `key`, or empty. Tags are parallel lists of keys and values.
std::string_view tag_value(event::Fields::Range keys, event::Fields::Range values,
                           std::string_view key);

/// The EKS cluster that a node's tags name, or empty.
std::string_view cluster_of_tags(event::Fields::Range keys, event::Fields::Range values);

class SequenceWorkloads {
 public:
  SequenceWorkloads();
  ~SequenceWorkloads();

  /// Adds the clusters, tasks, containers, pods and images among `resources`, the raw JSON list of
  /// a sequence, each once. A damaged resource names nothing.
  void read(std::string_view resources, Arena& arena, std::vector<event::Named>& out);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace davy::decode
